import { type Cursor, IPV4, IPV6, MPLS, missing, PPP, passHeader, type Step } from './cursor.ts';
import { NOT_IP } from './verdict.ts';

const HDLC_ADDRESS_CONTROL = 0xff03;
const PPPOE_LENGTH = 6;
/** Version 1, type 1, code 0: session data (RFC 2516 4). */
const PPPOE_SESSION = 0x1100;

// PPP's protocol numbers (iana.org/assignments/ppp-numbers).
const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
const PPP_MPLS = 0x0281;

/** Passes PPP, with or without HDLC's address and control, its protocol field one or two bytes (RFC 1661 6.5). */
export function passPpp(cursor: Cursor): Step {
  const { view, end } = cursor;
  if (end - cursor.at < 2) return missing(cursor, 2);
  if (view.getUint16(cursor.at) === HDLC_ADDRESS_CONTROL) cursor.at += 2;
  if (end - cursor.at < 2) return missing(cursor, 2);
  const first = view.getUint8(cursor.at);
  const compressed = (first & 1) !== 0;
  const protocol = compressed ? first : view.getUint16(cursor.at);
  cursor.at += compressed ? 1 : 2;
  switch (protocol) {
    case PPP_IPV4:
      return IPV4;
    case PPP_IPV6:
      return IPV6;
    case PPP_MPLS:
      return MPLS;
    default:
      return NOT_IP;
  }
}

/** Passes the header of a PPPoE session. */
export function passPppoe(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < PPPOE_LENGTH) return missing(cursor, PPPOE_LENGTH);
  if (view.getUint16(at) !== PPPOE_SESSION) return NOT_IP;
  cursor.at = at + PPPOE_LENGTH;
  return PPP;
}

/** Passes Cisco's HDLC: address, control, then an EtherType. */
export function passCiscoHdlc(cursor: Cursor): Step {
  return passHeader(cursor, 4, 2);
}

/** Serial lines carry either: Cisco's HDLC opens with its own address octets, unicast 0x0f and broadcast 0x8f. */
export function passPppOrCiscoHdlc(cursor: Cursor): Step {
  if (cursor.end - cursor.at < 1) return missing(cursor, 1);
  const address = cursor.view.getUint8(cursor.at);
  return address === 0x0f || address === 0x8f ? passCiscoHdlc(cursor) : PPP;
}
