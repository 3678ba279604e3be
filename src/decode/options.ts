import type { Segment } from './segment.ts';
import { isAtOrAfter, seqMax } from './sequence.ts';

// Option kinds (RFC 9293 3.2, RFC 2018, RFC 7323); every option but the first two has a length byte.
export const END_OF_OPTIONS = 0;
export const NOP = 1;
export const MSS = 2;
export const WINDOW_SCALE = 3;
export const SACK_PERMITTED = 4;
const SACK = 5;
export const TIMESTAMPS = 8;

const MSS_LENGTH = 4;
const WINDOW_SCALE_LENGTH = 3;
const SACK_PERMITTED_LENGTH = 2;
const TIMESTAMPS_LENGTH = 10;
const SACK_BLOCK_LENGTH = 8;

/** A larger shift counts as 14 (RFC 7323 2.3). */
const MAX_WINDOW_SCALE = 14;

/** `optionLayout`: kinds are digits of base 32; kinds beyond that share the last digit. */
const LAYOUT_BASE = 32;
const LAYOUT_LENGTH = 6;

/** NOP, NOP, timestamps: the layout of RFC 7323's appendix A, on nearly all segments but SYNs. */
const NOP_NOP_TIMESTAMPS = 0x0101080a;
const NOP_NOP_TIMESTAMPS_LENGTH = 12;
const NOP_NOP_TIMESTAMPS_LAYOUT = optionLayout([NOP, NOP, TIMESTAMPS]);

/** The `optionLayout` of a segment with options of these kinds. */
export function optionLayout(kinds: readonly number[]): number {
  return kinds.slice(0, LAYOUT_LENGTH).reduce((layout, kind) => layout * LAYOUT_BASE + kind, 0);
}

/** Reads the options from `at` up to `end` into `segment`, whose ACK is known. What is malformed or cut is skipped. */
export function decodeOptions(view: DataView, at: number, end: number, segment: Segment): void {
  segment.mss = 0;
  segment.windowScale = -1;
  segment.sackPermitted = false;
  segment.sackBlocks = 0;
  segment.sackRightEdge = 0;
  segment.sackDigest = 0;
  segment.isDsack = false;
  if (end - at === NOP_NOP_TIMESTAMPS_LENGTH && view.getUint32(at) === NOP_NOP_TIMESTAMPS) {
    segment.hasTimestamps = true;
    segment.tsVal = view.getUint32(at + 4);
    segment.tsEcr = view.getUint32(at + 8);
    segment.optionLayout = NOP_NOP_TIMESTAMPS_LAYOUT;
    return;
  }
  segment.hasTimestamps = false;
  segment.tsVal = 0;
  segment.tsEcr = 0;
  segment.optionLayout = 0;
  if (at < end) decodeEach(view, at, end, segment);
}

/** Forty bytes hold forty options at most, and each turn passes one, so the loop is bounded. */
function decodeEach(view: DataView, start: number, end: number, segment: Segment): void {
  let at = start;
  for (let n = 0; at < end; n++) {
    const kind = view.getUint8(at);
    if (kind === END_OF_OPTIONS) return;
    if (n < LAYOUT_LENGTH)
      segment.optionLayout = segment.optionLayout * LAYOUT_BASE + Math.min(kind, LAYOUT_BASE - 1);
    if (kind === NOP) {
      at += 1;
      continue;
    }
    if (end - at < 2) return;
    const length = view.getUint8(at + 1);
    if (length < 2 || length > end - at) return;
    decodeOption(view, at, kind, length, segment);
    at += length;
  }
}

/** One option, all of it captured. A wrong length makes it no option at all. */
function decodeOption(view: DataView, at: number, kind: number, length: number, segment: Segment): void {
  switch (kind) {
    case MSS:
      if (length === MSS_LENGTH) segment.mss = view.getUint16(at + 2);
      break;
    case WINDOW_SCALE:
      if (length === WINDOW_SCALE_LENGTH)
        segment.windowScale = Math.min(view.getUint8(at + 2), MAX_WINDOW_SCALE);
      break;
    case SACK_PERMITTED:
      if (length === SACK_PERMITTED_LENGTH) segment.sackPermitted = true;
      break;
    case SACK:
      decodeSack(view, at + 2, at + length, segment);
      break;
    case TIMESTAMPS:
      if (length !== TIMESTAMPS_LENGTH) break;
      segment.hasTimestamps = true;
      segment.tsVal = view.getUint32(at + 2);
      segment.tsEcr = view.getUint32(at + 6);
      break;
  }
}

/** Blocks of a left and a right edge; a rest that is no whole block is ignored. */
function decodeSack(view: DataView, start: number, end: number, segment: Segment): void {
  for (let at = start; end - at >= SACK_BLOCK_LENGTH; at += SACK_BLOCK_LENGTH) {
    addSackBlock(segment, view.getUint32(at), view.getUint32(at + 4));
  }
}

/** The next block of a segment whose ACK is known. */
export function addSackBlock(segment: Segment, left: number, right: number): void {
  segment.sackRightEdge = segment.sackBlocks === 0 ? right : seqMax(segment.sackRightEdge, right);
  segment.sackDigest = (Math.imul(segment.sackDigest ^ left, 0x9e3779b1) ^ right) >>> 0;
  segment.sackBlocks += 1;
  noteDsack(segment, left, right);
}

/**
 * A D-SACK is the first block: it is acknowledged, or lies within the second one (RFC 2883 4).
 * @param left left edge of the block that was read last
 */
function noteDsack(segment: Segment, left: number, right: number): void {
  if (segment.sackBlocks === 1) {
    segment.dsackLeft = left;
    segment.dsackRight = right;
    segment.isDsack = isAtOrAfter(segment.ack, right);
  } else if (segment.sackBlocks === 2 && !segment.isDsack) {
    segment.isDsack = isAtOrAfter(segment.dsackLeft, left) && isAtOrAfter(right, segment.dsackRight);
  }
}
