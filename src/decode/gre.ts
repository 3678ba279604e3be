import {
  type Cursor,
  ETHERNET,
  IPV4,
  IPV6,
  ipByVersion,
  MPLS,
  MPLS_MULTICAST,
  missing,
  PPP,
  type Step,
} from './cursor.ts';
import { NOT_TCP } from './verdict.ts';
import { passWlan } from './wlan.ts';

// GRE (RFC 2784, 2890; version 1 is PPTP's, RFC 2637).
const GRE_LENGTH = 4;
const GRE_CHECKSUM = 0x8000;
const GRE_ROUTING = 0x4000;
const GRE_KEY = 0x2000;
const GRE_SEQUENCE = 0x1000;
const GRE_PPTP_ACK = 0x0080;
const GRE_VERSION = 0x0007;
// IEEE 802.11 frames between Aruba's access points and controllers, a number per tunnel, in steps of 16.
const ARUBA_FIRST = 0x8200;
const ARUBA_LAST = 0x8370;
const ERSPAN_2 = 0x88be;
const ERSPAN_3 = 0x22eb;
const ERSPAN_3_SUBHEADER = 0x01;
/** The packet that a router redirects to a web cache. */
const WCCP = 0x883e;
const WCCP_2_LENGTH = 4;

/** Passes a GRE header; its protocol is an EtherType. */
export function passGre(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < GRE_LENGTH) return missing(cursor, GRE_LENGTH);
  const flags = view.getUint16(at);
  const protocol = view.getUint16(at + 2);
  const version = flags & GRE_VERSION;
  const isPptp = version === 1 && protocol === PPP;
  if ((version !== 0 && !isPptp) || (flags & GRE_ROUTING) !== 0) return NOT_TCP;
  let length = GRE_LENGTH;
  if ((flags & GRE_CHECKSUM) !== 0) length += 4;
  if ((flags & GRE_KEY) !== 0) length += 4;
  if ((flags & GRE_SEQUENCE) !== 0) length += 4;
  if (isPptp && (flags & GRE_PPTP_ACK) !== 0) length += 4;
  cursor.at = at + length;
  switch (protocol) {
    case ERSPAN_2:
      // Type I has neither a sequence number nor a header of its own.
      if ((flags & GRE_SEQUENCE) !== 0) cursor.at += 8;
      return ETHERNET;
    case ERSPAN_3:
      return passErspan3(cursor);
    case WCCP:
      return passWccp(cursor);
    case IPV4:
    case IPV6:
    case ETHERNET:
    case MPLS:
    case MPLS_MULTICAST:
    case PPP:
      return protocol;
    default:
      return isAruba(protocol) ? passWlan(cursor) : NOT_TCP;
  }
}

function isAruba(protocol: number): boolean {
  return protocol >= ARUBA_FIRST && protocol <= ARUBA_LAST && (protocol & 0x0f) === 0;
}

/** Twelve bytes, eight more with the O bit (draft-foschiano-erspan 4.3); the frame type must be Ethernet's. */
function passErspan3(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < 12) return missing(cursor, 12);
  const tail = view.getUint16(at + 10);
  if (((tail >> 10) & 0x1f) !== 0) return NOT_TCP;
  cursor.at = at + ((tail & ERSPAN_3_SUBHEADER) !== 0 ? 20 : 12);
  return ETHERNET;
}

/**
 * Version 1 has no header of its own, version 2 has one of four bytes and the same protocol number
 * (draft-mclaggan-wccp-v2rev1 3.12.3): what does not begin as IP does has the header.
 */
function passWccp(cursor: Cursor): Step {
  const direct = ipByVersion(cursor, NOT_TCP);
  if (direct !== NOT_TCP) return direct;
  cursor.at += WCCP_2_LENGTH;
  return ipByVersion(cursor, NOT_TCP);
}
