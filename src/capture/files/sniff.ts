import type { Compression } from './decompress.ts';
import { FILE_HEADER_LENGTH, isPcap, type PcapHeader, readPcapHeader } from './pcap-header.ts';

/** How many bytes decide what a capture is; a few refusals only come with more. */
export const HEAD_LENGTH = FILE_HEADER_LENGTH;

/** The format that the first bytes of a capture show. */
export type Content =
  | { readonly kind: 'pcap'; readonly header: PcapHeader }
  | { readonly kind: 'pcapng' }
  | { readonly kind: 'compressed'; readonly compression: Compression }
  | { readonly kind: 'refused'; readonly reason: string };

const COMPRESSIONS: readonly (readonly [magic: string, Compression])[] = [
  ['\x1f\x8b', 'gzip'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['\x04\x22\x4d\x18', 'lz4'],
  ['\x02\x21\x4c\x18', 'lz4'],
  ['\xfd7zXZ\0', 'xz'],
];

/** What else people try, and what to do about it. */
const OTHERS: readonly (readonly [magic: string, reason: string])[] = [
  ['snoop\0\0\0', 'is a Solaris snoop capture: convert it with editcap'],
  ['GMBU', 'is a Microsoft Network Monitor capture: convert it with editcap'],
  ['RTSS', 'is a Microsoft Network Monitor capture: convert it with editcap'],
  ['TRSNIFF data', 'is a Sniffer capture: convert it with editcap'],
  ['iptrace ', 'is an AIX iptrace capture: convert it with editcap'],
  ['PK\x03\x04', 'is a ZIP archive: unpack it first'],
  ['7z\xbc\xaf\x27\x1c', 'is a 7z archive: unpack it first'],
  ['BZh', 'is compressed with bzip2: decompress it first'],
  [
    'SQLite format 3\0',
    'is an SQLite database, not a capture: if finwait made it, ask it with finwait report',
  ],
  ['<!DOCTYPE', 'is an HTML page, not a capture'],
  ['<html', 'is an HTML page, not a capture'],
];

/** Tells formats apart by content, never by name. `head` holds HEAD_LENGTH bytes or more, or all there are. */
export function sniff(head: Uint8Array): Content {
  if (head.length === 0) return refused('is empty');
  if (head.length < 4) return refused(`is too short for a capture: ${head.length} of 4 bytes of its magic`);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (isPcap(view)) {
    if (head.length >= FILE_HEADER_LENGTH) return { kind: 'pcap', header: readPcapHeader(view) };
    return refused(`ends inside the file header: ${head.length} of ${FILE_HEADER_LENGTH} bytes`);
  }
  if (view.getUint32(0) === 0x0a0d0d0a) return { kind: 'pcapng' };

  const text = latin1(head, 0, 64);
  const compression = COMPRESSIONS.find(([magic]) => text.startsWith(magic))?.[1];
  if (compression !== undefined) return { kind: 'compressed', compression };
  const other = OTHERS.find(([magic]) => text.startsWith(magic))?.[1];
  if (other !== undefined) return refused(other);
  if (latin1(head, 257, 262) === 'ustar') return refused('is a tar archive: unpack it first');
  // Printable ASCII and the bytes of UTF-8, nothing else.
  if (/^[\t\n\f\r\x20-\x7e\x80-\xf4]+$/.test(text)) {
    return refused('is text, not a capture (text2pcap makes a capture of a hex dump)');
  }
  const magic = view.getUint32(0).toString(16).padStart(8, '0');
  return refused(`is neither pcap nor pcapng: unknown magic 0x${magic}`);
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString('latin1');
}

function refused(reason: string): Content {
  return { kind: 'refused', reason };
}
