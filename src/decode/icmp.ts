import { type Cursor, IPV4, IPV6, type Step } from './cursor.ts';
import type { Segment } from './segment.ts';
import { NOT_TCP } from './verdict.ts';

// ICMP errors quote the packet that they are about: its IP header and at least eight bytes behind it (RFC 792,
// RFC 1122 3.2.2, RFC 4443 2.4). Extensions (RFC 4884) come after 128 bytes of it and are not read.

export const ICMP = 1;
export const ICMPV6 = 58;

const TYPE = 0;
const CODE = 1;
const HEADER_LENGTH = 8;

/** Destination unreachable, source quench, time exceeded, parameter problem. A redirect's packet was forwarded. */
const ERRORS: readonly number[] = [3, 4, 11, 12];
/** The types below are errors, known or not (RFC 4443 2.1). */
const FIRST_INFORMATIONAL = 128;

/** Passes the header of an ICMP or ICMPv6 error to the packet that it quotes; all else is merely not TCP. */
export function passIcmp(protocol: number, cursor: Cursor, segment: Segment): Step {
  const { view, at, end, icmp } = cursor;
  const isV6 = protocol === ICMPV6;
  if (end - at < HEADER_LENGTH || segment.ipVersion !== (isV6 ? 6 : 4)) return NOT_TCP;
  const type = view.getUint8(at + TYPE);
  if (isV6 ? type === 0 || type >= FIRST_INFORMATIONAL : !ERRORS.includes(type)) return NOT_TCP;
  icmp.type = type;
  icmp.code = view.getUint8(at + CODE);
  icmp.from0 = segment.src0;
  icmp.from1 = segment.src1;
  icmp.from2 = segment.src2;
  icmp.from3 = segment.src3;
  cursor.isQuote = true;
  cursor.at = at + HEADER_LENGTH;
  return isV6 ? IPV6 : IPV4;
}
