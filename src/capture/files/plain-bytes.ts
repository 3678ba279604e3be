import { statSync } from 'node:fs';
import { sniffFile } from './sniff-file.ts';

/** Bytes of a capture that can be read more than once and without decompression; NaN for any other, or none. */
export function plainBytes(path: string): number {
  if (path === '-') return Number.NaN;
  const kind = sniffFile(path)?.kind;
  if (kind !== 'pcap' && kind !== 'pcapng') return Number.NaN;
  return statSync(path, { throwIfNoEntry: false })?.size ?? Number.NaN;
}
