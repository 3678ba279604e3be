import { ACK, FIN, RST, type Segment, SYN } from '../decode/segment.ts';

const SYN_SEEN = 1;
const SYN_ACK_SEEN = 2;
const ACK_SEEN = 4;
const DATA_SEEN = 8;
const FIN_SEEN = 16;
const RST_SEEN = 32;

/** What a segment adds to Wireshark's tcp.completeness; directions do not count. */
export function completenessBits(s: Segment): number {
  const { flags } = s;
  let bits = 0;
  if ((flags & SYN) !== 0) bits |= (flags & ACK) !== 0 ? SYN_ACK_SEEN : SYN_SEEN;
  else if ((flags & (ACK | RST)) === ACK) bits |= ACK_SEEN;
  if (s.payloadLength > 0) bits |= DATA_SEEN;
  if ((flags & FIN) !== 0) bits |= FIN_SEEN;
  if ((flags & RST) !== 0) bits |= RST_SEEN;
  return bits;
}
