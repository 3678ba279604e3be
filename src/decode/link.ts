import { LINK_TYPES, type LinkTypeName } from '../capture/base/link-types.ts';
import {
  type Cursor,
  IPV4,
  IPV6,
  ipByVersion,
  missing,
  PPP,
  PPPOE,
  passHeader,
  type Step,
} from './cursor.ts';
import { passCiscoHdlc, passPppOrCiscoHdlc } from './ppp.ts';
import { BAD_IP_VERSION, NOT_IP, UNKNOWN_LINK } from './verdict.ts';

const AF_INET = 2;

/** How each link type's header is passed; a link type without a line here does not compile. */
const PASS: Readonly<Record<LinkTypeName, (cursor: Cursor) => Step>> = {
  NULL: loopback,
  ETHERNET: (cursor) => passHeader(cursor, 14, 12),
  PPP: () => PPP,
  PPP_HDLC: passPppOrCiscoHdlc,
  PPP_ETHER: () => PPPOE,
  RAW: (cursor) => ipByVersion(cursor, BAD_IP_VERSION),
  C_HDLC: passCiscoHdlc,
  LOOP: loopback,
  LINUX_SLL: (cursor) => passHeader(cursor, 16, 14),
  IPV4: () => IPV4,
  IPV6: () => IPV6,
  LINUX_SLL2: (cursor) => passHeader(cursor, 20, 0),
};

const BY_NUMBER: ((cursor: Cursor) => Step)[] = [];
for (const { number, name } of LINK_TYPES) BY_NUMBER[number] = PASS[name];

/** Passes the link-layer header, if the link type has one. */
export function passLink(linkType: number, cursor: Cursor): Step {
  const pass = BY_NUMBER[linkType];
  return pass === undefined ? UNKNOWN_LINK : pass(cursor);
}

/**
 * An address family in the byte order of the capturing host (NULL) or of the network (LOOP). Families
 * are small numbers, so the end that holds the zero bytes tells the order.
 */
function loopback(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < 4) return missing(cursor, 4);
  const family = view.getUint32(at, view.getUint8(at) !== 0);
  cursor.at = at + 4;
  switch (family) {
    case AF_INET:
      return IPV4;
    // AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin.
    case 10:
    case 23:
    case 24:
    case 28:
    case 30:
      return IPV6;
    default:
      return NOT_IP;
  }
}
