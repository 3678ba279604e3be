import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { HEAD_LENGTH, sniff } from './sniff.ts';

/** Bytes of a capture that can be read more than once and without decompression; NaN for any other, or none. */
export function plainBytes(path: string): number {
  if (path === '-') return Number.NaN;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return Number.NaN;
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return Number.NaN;
  }
  try {
    const head = new Uint8Array(HEAD_LENGTH);
    const { kind } = sniff(head.subarray(0, readSync(fd, head, 0, head.length, 0)));
    return kind === 'pcap' || kind === 'pcapng' ? stat.size : Number.NaN;
  } finally {
    closeSync(fd);
  }
}
