import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type Content, HEAD_LENGTH, sniff } from './sniff.ts';

/** The format of a regular file by its first bytes; undefined for anything else, and for what cannot be read. */
export function sniffFile(path: string): Content | undefined {
  let file: number | undefined;
  try {
    if (!statSync(path).isFile()) return undefined;
    file = openSync(path, 'r');
    const head = new Uint8Array(HEAD_LENGTH);
    return sniff(head.subarray(0, readSync(file, head, 0, head.length, 0)));
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
