import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type Content, HEAD_LENGTH, sniff } from './sniff.ts';

/** What a regular file says it is; undefined of anything else, and of what cannot be read. */
export function sniffFile(path: string): Content | undefined {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined;
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const head = new Uint8Array(HEAD_LENGTH);
    return sniff(head.subarray(0, readSync(file, head, 0, head.length, 0)));
  } finally {
    closeSync(file);
  }
}

/** Whether a file is a capture, or compressed, as captures often are. */
export function isCapture(path: string): boolean {
  const kind = sniffFile(path)?.kind;
  return kind !== undefined && kind !== 'refused';
}
