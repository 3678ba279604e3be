import { type Cursor, missing, type Step } from './cursor.ts';
import type { Segment } from './segment.ts';
import { passTransport } from './transport.ts';
import { BAD_HEADER_LENGTH, BAD_IP_VERSION, BAD_LENGTH, LATER_FRAGMENT } from './verdict.ts';

// The header (RFC 791 3.1).
const VERSION_IHL = 0;
const TOTAL_LENGTH = 2;
const IDENTIFICATION = 4;
const FRAGMENT = 6;
const TTL = 8;
const PROTOCOL = 9;
const SRC = 12;
const DST = 16;
const HEADER_LENGTH = 20;

const FRAGMENT_OFFSET = 0x1fff;

const AUTHENTICATION = 51;
const AUTHENTICATION_LENGTH = 12;

/**
 * Passes an IPv4 header. A total length of 0 is segmentation offload: the frame's own length counts.
 * A total length beyond the frame is believed, not refused: packet brokers and mirror ports slice
 * packets and leave nothing but this header to tell their true length.
 */
export function passIpv4(cursor: Cursor, segment: Segment): Step {
  const { view, at, end } = cursor;
  if (end - at < HEADER_LENGTH) return missing(cursor, HEADER_LENGTH);
  const versionIhl = view.getUint8(at + VERSION_IHL);
  if (versionIhl >> 4 !== 4) return BAD_IP_VERSION;
  const headerLength = (versionIhl & 0x0f) << 2;
  if (headerLength < HEADER_LENGTH) return BAD_HEADER_LENGTH;
  const totalLength = view.getUint16(at + TOTAL_LENGTH);
  if (totalLength !== 0) {
    if (totalLength < headerLength) return BAD_LENGTH;
    cursor.wireEnd = at + totalLength;
    if (cursor.wireEnd < end) cursor.end = cursor.wireEnd;
  }
  if ((view.getUint16(at + FRAGMENT) & FRAGMENT_OFFSET) !== 0) return LATER_FRAGMENT;

  readIpv4(view, at, segment);
  cursor.at = at + headerLength;
  const protocol = view.getUint8(at + PROTOCOL);
  return protocol === AUTHENTICATION
    ? passAuthentication(cursor, segment)
    : passTransport(protocol, cursor, segment);
}

/** Passes an authentication header, which counts words of four bytes, less two (RFC 4302 2.2). */
function passAuthentication(cursor: Cursor, segment: Segment): Step {
  const { view, at, end } = cursor;
  if (end - at < AUTHENTICATION_LENGTH) return missing(cursor, AUTHENTICATION_LENGTH);
  cursor.at = at + ((view.getUint8(at + 1) + 2) << 2);
  return passTransport(view.getUint8(at), cursor, segment);
}

/** Reads what a segment keeps of an IPv4 header whose fixed part is all there. */
export function readIpv4(view: DataView, at: number, segment: Segment): void {
  segment.ipVersion = 4;
  segment.src0 = 0;
  segment.src1 = 0;
  segment.src2 = 0xffff;
  segment.src3 = view.getUint32(at + SRC);
  segment.dst0 = 0;
  segment.dst1 = 0;
  segment.dst2 = 0xffff;
  segment.dst3 = view.getUint32(at + DST);
  segment.ttl = view.getUint8(at + TTL);
  segment.ipId = view.getUint16(at + IDENTIFICATION);
}
