import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** What a capture file is known by, without reading all of it: its bytes as they lie on the disk. */
export interface FileIdentity {
  size: number;
  /** SHA-256 of the first block, and of the last; of a smaller file both are of all of it. */
  head: string;
  tail: string;
}

const BLOCK = 64 * 1024;

/**
 * The identity of a file, or of its first `size` bytes; undefined of what is no regular file, of one that is
 * smaller, and of one that cannot be read.
 */
export function identityOf(path: string, size?: number): FileIdentity | undefined {
  if (path === '-') return undefined;
  let file: number | undefined;
  try {
    // To open a pipe and close it again would end it for its writer.
    if (!statSync(path).isFile()) return undefined;
    file = openSync(path, 'r');
    const stat = fstatSync(file);
    const length = size ?? stat.size;
    if (stat.size < length) return undefined;
    const block = Math.min(BLOCK, length);
    return { size: length, head: digest(file, 0, block), tail: digest(file, length - block, block) };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether a file is one that is known, or that one with more bytes appended. */
export function beginsAs(path: string, file: FileIdentity, known: FileIdentity): boolean {
  if (file.size < known.size) return false;
  if (known.size >= BLOCK && file.head !== known.head) return false;
  const same = file.size === known.size ? file : identityOf(path, known.size);
  return same?.head === known.head && same.tail === known.tail;
}

function digest(file: number, from: number, length: number): string {
  const bytes = Buffer.alloc(length);
  const read = readSync(file, bytes, 0, length, from);
  return createHash('sha256').update(bytes.subarray(0, read)).digest('hex');
}
