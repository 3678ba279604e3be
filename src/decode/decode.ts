import type { Frame } from '../capture/base/frame.ts';
import { type Cursor, IPV4, IPV6, MIN_ETHERTYPE } from './cursor.ts';
import { passIpv4 } from './ipv4.ts';
import { passIpv6 } from './ipv6.ts';
import { passLink } from './link.ts';
import { decodePlain } from './plain.ts';
import { type IcmpError, newIcmpError, type Segment } from './segment.ts';
import { NOT_TCP, SEGMENT, TOO_DEEP, type Verdict } from './verdict.ts';
import { passEtherType } from './vlan.ts';

/** Tags, labels and tunnels together. The deepest real stacks (QinQ, MPLS, GTP-U) need ten or so. */
const MAX_LAYERS = 16;
/** No frame is longer, offload included (Linux's BIG TCP: 512 KiB); a record that says so is wrong. */
const MAX_WIRE_LENGTH = 1 << 20;

/** Scratch of decodeLayers alone, set for each frame. */
const cursor: Cursor = {
  view: new DataView(new ArrayBuffer(0)),
  at: 0,
  end: 0,
  wireEnd: 0,
  protocol: 0,
  isQuote: false,
  icmp: newIcmpError(),
};
let skipped = 0;
let quotesSegment = false;

/**
 * Decodes the innermost TCP segment of a frame into `segment`, which means something only where
 * SEGMENT (0) is returned, or where quotingError() then tells of an ICMP error. Never throws and reads nothing outside `start` up to `end`: on whatever
 * bytes, the answer is a verdict.
 */
export function decodeFrame(frame: Frame, segment: Segment): Verdict {
  segment.timeUs = frame.timeUs;
  segment.frame = frame.number;
  return decodePlain(frame, segment) ? SEGMENT : decodeLayers(frame, segment);
}

/** Passes header by header, whatever they are. */
function decodeLayers(frame: Frame, segment: Segment): Verdict {
  const captured = frame.end - frame.start;
  cursor.view = frame.view;
  cursor.at = frame.start;
  cursor.end = frame.end;
  cursor.wireEnd = frame.start + Math.max(captured, Math.min(frame.wireLength, MAX_WIRE_LENGTH));
  cursor.isQuote = false;

  let step = passLink(frame.linkType, cursor);
  let etherType = 0;
  for (let layers = 1; step >= MIN_ETHERTYPE; layers++) {
    if (layers === MAX_LAYERS) {
      step = TOO_DEEP;
      break;
    }
    etherType = step;
    if (step === IPV4) step = passIpv4(cursor, segment);
    else if (step === IPV6) step = passIpv6(cursor, segment);
    else step = passEtherType(step, cursor);
  }
  // Whatever becomes of the quote, the frame itself carries ICMP.
  quotesSegment = cursor.isQuote && step === SEGMENT;
  if (cursor.isQuote) step = NOT_TCP;
  skipped = step === NOT_TCP ? cursor.protocol : etherType;
  return step;
}

/**
 * What the last frame was, if it was skipped: the IP protocol for NOT_TCP, for NOT_IP the EtherType, or 0 for LLC
 * that names none.
 */
export function skippedNumber(): number {
  return skipped;
}

/**
 * What the last frame was, if it was skipped as NOT_TCP and is an ICMP error that quotes a TCP segment: the segment
 * that decodeFrame was given then has the quoted addresses, ports and sequence number, and flags 0.
 */
export function quotingError(): IcmpError | undefined {
  return quotesSegment ? cursor.icmp : undefined;
}
