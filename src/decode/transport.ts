import { type Cursor, IPV4, IPV6, MPLS, type Step } from './cursor.ts';
import { passGre } from './gre.ts';
import { ICMP, ICMPV6, passIcmp } from './icmp.ts';
import type { Segment } from './segment.ts';
import { decodeQuotedTcp, decodeTcp } from './tcp.ts';
import { passUdp } from './udp.ts';
import { NOT_TCP } from './verdict.ts';

// Protocol numbers (iana.org/assignments/protocol-numbers).
const IP_IN_IP = 4;
const TCP = 6;
const UDP = 17;
const IPV6_IN_IP = 41;
const GRE = 47;
const MPLS_IN_IP = 137;

/** What IP carries: TCP, where the walk ends, a tunnel, or an ICMP error, which quotes TCP. */
export function passTransport(protocol: number, cursor: Cursor, segment: Segment): Step {
  // A quote ends with the first transport: no error is about another one, and tunnels may be cut anywhere.
  if (cursor.isQuote) return protocol === TCP ? decodeQuotedTcp(cursor, segment) : NOT_TCP;
  cursor.protocol = protocol;
  switch (protocol) {
    case TCP:
      return decodeTcp(cursor, segment);
    case UDP:
      return passUdp(cursor);
    case ICMP:
    case ICMPV6:
      return passIcmp(protocol, cursor, segment);
    case IP_IN_IP:
      return IPV4;
    case IPV6_IN_IP:
      return IPV6;
    case GRE:
      return passGre(cursor);
    case MPLS_IN_IP:
      return MPLS;
    default:
      return NOT_TCP;
  }
}
