import { statSync } from 'node:fs';
import { sniffFile } from './sniff-file.ts';

/** Bytes of a capture that can be read more than once and without decompression; NaN for any other, or none. */
export function plainBytes(path: string): number {
  if (path === '-') return Number.NaN;
  const kind = sniffFile(path)?.kind;
  return kind === 'pcap' || kind === 'pcapng' ? statSync(path).size : Number.NaN;
}
