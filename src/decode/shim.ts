import {
  type Cursor,
  ETHERNET,
  IPV4,
  IPV6,
  MPLS,
  MPLS_MULTICAST,
  missing,
  PPP,
  PPPOE,
  passHeader,
  type Step,
} from './cursor.ts';
import { NOT_IP } from './verdict.ts';

// What may stand between the link layer and IP, by EtherType. Every tag is one layer of the walk, so
// the walk's limit bounds stacks of them.

const MPLS_BOTTOM = 0x100;
const PPPOE_LENGTH = 6;
/** Version 1, type 1, code 0: session data (RFC 2516 4). */
const PPPOE_SESSION = 0x1100;
const HDLC_ADDRESS_CONTROL = 0xff03;

/** Passes the layer that `etherType` announces; anything that does not lead to IP is NOT_IP. */
export function passShim(etherType: Step, cursor: Cursor): Step {
  switch (etherType) {
    case 0x8100: // 802.1Q, 802.1ad and the older QinQ numbers: tag, EtherType
    case 0x88a8:
    case 0x9100:
    case 0x9200:
      return passHeader(cursor, 4, 2);
    case MPLS:
    case MPLS_MULTICAST:
      return passMpls(cursor);
    case PPPOE:
      return passPppoe(cursor);
    case PPP:
      return passPpp(cursor);
    case ETHERNET:
      return passHeader(cursor, 14, 12);
    case 0x88e7: // 802.1ah: I-TAG, then the customer's Ethernet header
      return passHeader(cursor, 18, 16);
    case 0x8903: // FabricPath: tag and TTL, then the whole Ethernet header
      return passHeader(cursor, 16, 14);
    case 0x8909: // Cisco MetaData: version, length, the security group tag, then the EtherType
      return passHeader(cursor, 8, 6);
    case 0x8926: // VN-Tag
      return passHeader(cursor, 6, 4);
    default:
      return NOT_IP;
  }
}

/** Labels down to the bottom of the stack. What follows is not named: the first nibble tells (RFC 4928). */
function passMpls(cursor: Cursor): Step {
  const { view, end } = cursor;
  for (;;) {
    if (end - cursor.at < 5) return missing(cursor, 5);
    const label = view.getUint32(cursor.at);
    cursor.at += 4;
    if ((label & MPLS_BOTTOM) !== 0) break;
  }
  const version = view.getUint8(cursor.at) >> 4;
  return version === 4 ? IPV4 : version === 6 ? IPV6 : passPseudowire(cursor);
}

/**
 * An Ethernet pseudowire with control word (RFC 4448 4.6: sixteen zero bits, then a sequence number).
 * Nothing announces it, so it must look like one down to the IP version.
 */
function passPseudowire(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < 19 || view.getUint16(at) !== 0) return NOT_IP;
  const type = view.getUint16(at + 16);
  const version = view.getUint8(at + 18) >> 4;
  if (!((type === IPV4 && version === 4) || (type === IPV6 && version === 6) || type === 0x8100))
    return NOT_IP;
  return passHeader(cursor, 18, 16);
}

function passPppoe(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < PPPOE_LENGTH) return missing(cursor, PPPOE_LENGTH);
  if (view.getUint16(at) !== PPPOE_SESSION) return NOT_IP;
  cursor.at = at + PPPOE_LENGTH;
  return PPP;
}

/** PPP, with or without HDLC's address and control, its protocol field one or two bytes (RFC 1661 6.5). */
function passPpp(cursor: Cursor): Step {
  const { view, end } = cursor;
  if (end - cursor.at < 2) return missing(cursor, 2);
  if (view.getUint16(cursor.at) === HDLC_ADDRESS_CONTROL) cursor.at += 2;
  if (end - cursor.at < 2) return missing(cursor, 2);
  const first = view.getUint8(cursor.at);
  const compressed = (first & 1) !== 0;
  const protocol = compressed ? first : view.getUint16(cursor.at);
  cursor.at += compressed ? 1 : 2;
  switch (protocol) {
    case 0x0021:
      return IPV4;
    case 0x0057:
      return IPV6;
    case 0x0281:
      return MPLS;
    default:
      return NOT_IP;
  }
}
