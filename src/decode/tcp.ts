import { type Cursor, missing, type Step } from './cursor.ts';
import { decodeOptions } from './options.ts';
import type { Segment } from './segment.ts';
import { BAD_HEADER_LENGTH, BAD_LENGTH, SEGMENT } from './verdict.ts';

// The header (RFC 9293 3.1).
const SRC_PORT = 0;
const DST_PORT = 2;
const SEQ = 4;
const ACK = 8;
const DATA_OFFSET = 12;
const FLAGS = 13;
const WINDOW = 14;
const HEADER_LENGTH = 20;
/** Ports and sequence number: an ICMP error quotes no less (RFC 792), and often no more. */
const QUOTED_LENGTH = 8;

/**
 * Decodes a TCP header into `segment`. Only the fixed twenty bytes must have been captured: options
 * are read as far as they were, and of the payload its first byte; its length comes from what encloses it.
 */
export function decodeTcp(cursor: Cursor, segment: Segment): Step {
  const { view, at, end, wireEnd } = cursor;
  if (end - at < HEADER_LENGTH) return missing(cursor, HEADER_LENGTH);
  const headerLength = (view.getUint8(at + DATA_OFFSET) >> 4) << 2;
  if (headerLength < HEADER_LENGTH) return BAD_HEADER_LENGTH;
  const payload = at + headerLength;
  if (payload > wireEnd) return BAD_LENGTH;
  readTcp(view, at, payload, end, wireEnd, segment);
  return SEGMENT;
}

/**
 * Reads a header whose fixed part is all there, and which ends at `payload`; the capture ends at `end`, the
 * segment at `wireEnd`.
 */
export function readTcp(
  view: DataView,
  at: number,
  payload: number,
  end: number,
  wireEnd: number,
  segment: Segment,
): void {
  segment.srcPort = view.getUint16(at + SRC_PORT);
  segment.dstPort = view.getUint16(at + DST_PORT);
  segment.seq = view.getUint32(at + SEQ);
  segment.ack = view.getUint32(at + ACK);
  segment.flags = view.getUint8(at + FLAGS);
  segment.window = view.getUint16(at + WINDOW);
  segment.payloadLength = wireEnd - payload;
  segment.firstByte = payload < end && payload < wireEnd ? view.getUint8(payload) : -1;
  decodeOptions(view, at + HEADER_LENGTH, Math.min(payload, end), segment);
}

/** Reads the ports and the sequence number of a header that is quoted; the segment has nothing else. */
export function decodeQuotedTcp(cursor: Cursor, segment: Segment): Step {
  const { view, at, end } = cursor;
  if (end - at < QUOTED_LENGTH) return missing(cursor, QUOTED_LENGTH);
  segment.srcPort = view.getUint16(at + SRC_PORT);
  segment.dstPort = view.getUint16(at + DST_PORT);
  segment.seq = view.getUint32(at + SEQ);
  segment.ack = 0;
  segment.flags = 0;
  segment.window = 0;
  segment.payloadLength = 0;
  decodeOptions(view, at, at, segment);
  return SEGMENT;
}
