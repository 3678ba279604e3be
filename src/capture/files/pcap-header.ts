import { MAX_FRAME_LENGTH } from '../base/frame.ts';

// The classic capture file: a header of 24 bytes, then records. Layout and magics: pcap-savefile(5).

export const FILE_HEADER_LENGTH = 24;
const NETWORK = 20;

/** Offsets in a record's header. */
export const SECONDS = 0;
export const FRACTION = 4;
export const CAPTURED_LENGTH = 8;
export const WIRE_LENGTH = 12;
/** The header pcap-parser knows; a longer one has more fields after these. */
export const RECORD_HEADER_LENGTH = 16;

/** What the file's header declares about its records. */
export interface PcapHeader {
  readonly format: string;
  readonly littleEndian: boolean;
  /** Units of the timestamp's fraction in a microsecond. */
  readonly unitsPerUs: number;
  readonly recordHeaderLength: number;
  readonly linkType: number;
}

const VARIANTS = [
  { magic: 0xa1b2c3d4, format: 'pcap', unitsPerUs: 1, recordHeaderLength: RECORD_HEADER_LENGTH },
  { magic: 0xa1b23c4d, format: 'pcap-ns', unitsPerUs: 1000, recordHeaderLength: RECORD_HEADER_LENGTH },
  // Kuznetzov's libpcap patch: interface index, protocol and packet type after the usual fields.
  { magic: 0xa1b2cd34, format: 'pcap-modified', unitsPerUs: 1, recordHeaderLength: 24 },
] as const;

/** Whether the first four bytes open a classic capture, of either byte order. */
export function isPcap(head: DataView): boolean {
  return VARIANTS.some((v) => v.magic === head.getUint32(0) || v.magic === head.getUint32(0, true));
}

/**
 * Reads the file's header; `head` begins with a pcap magic and holds all 24 bytes. The version is
 * not looked at, as in Wireshark: all versions in use lay out their records alike. The snap length
 * neither, see `tooLong`.
 */
export function readPcapHeader(head: DataView): PcapHeader {
  const littleEndian = VARIANTS.some((v) => v.magic === head.getUint32(0, true));
  const magic = head.getUint32(0, littleEndian);
  const { format, unitsPerUs, recordHeaderLength } = VARIANTS.find((v) => v.magic === magic)!;
  // The upper half holds the length of the frame check sequence.
  const linkType = head.getUint32(NETWORK, littleEndian) & 0xffff;
  return { format, littleEndian, unitsPerUs, recordHeaderLength, linkType };
}

/**
 * The reason to refuse a record of this captured length. A length beyond the header's snap length
 * is no damage: old writers left 0 or a wrong one, and libpcap and Wireshark take such records up
 * to their own maximum. Nor is one beyond the wire length.
 */
export function tooLong(capturedLength: number): string {
  return `a record claims ${capturedLength} captured bytes, more than the maximum of ${MAX_FRAME_LENGTH}`;
}
