import { ACK, FIN, RST, type Segment, SYN } from '../../decode/segment.ts';

const SYN_SEEN = 1;
const SYN_ACK_SEEN = 2;
const ACK_SEEN = 4;
const DATA_SEEN = 8;
const FIN_SEEN = 16;
const RST_SEEN = 32;

/**
 * The bits that a segment adds to Wireshark's tcp.completeness, which regards neither directions nor sequence
 * numbers: an ACK counts if there is no payload, a FIN if there is an ACK.
 */
export function completenessBits(s: Segment): number {
  const { flags } = s;
  const acks = (flags & ACK) !== 0;
  let bits = 0;
  if ((flags & SYN) !== 0) bits |= acks ? SYN_ACK_SEEN : SYN_SEEN;
  else if (acks && s.payloadLength === 0) bits |= ACK_SEEN;
  if (s.payloadLength > 0) bits |= DATA_SEEN;
  if ((flags & FIN) !== 0 && acks) bits |= FIN_SEEN;
  if ((flags & RST) !== 0) bits |= RST_SEEN;
  return bits;
}

/** A stream of one segment has the value 0 in Wireshark unless that is a SYN. */
export function completeness(bits: number, segments: number): number {
  return segments === 1 && (bits & SYN_SEEN) === 0 ? 0 : bits;
}
