import { type Cursor, IPV4, IPV6, missing, PPP, PPPOE, passHeader, type Step } from './cursor.ts';
import { passCiscoHdlc, passPppOrCiscoHdlc } from './ppp.ts';
import { BAD_IP_VERSION, NOT_IP, UNKNOWN_LINK } from './verdict.ts';

// Link types, by libpcap's LINKTYPE_ numbers (tcpdump.org/linktypes.html).
const LINK_NULL = 0;
const LINK_ETHERNET = 1;
const LINK_PPP = 9;
const LINK_PPP_HDLC = 50;
const LINK_PPP_ETHER = 51;
const LINK_RAW = 101;
const LINK_C_HDLC = 104;
const LINK_LOOP = 108;
const LINK_LINUX_SLL = 113;
const LINK_IPV4 = 228;
const LINK_IPV6 = 229;
const LINK_LINUX_SLL2 = 276;
/** DLT_RAW as some systems number it, found in files all the same. */
const LINK_RAW_BSD = 12;
const LINK_RAW_OPENBSD = 14;

const AF_INET = 2;

/** Passes the link-layer header, if the link type has one. */
export function passLink(linkType: number, cursor: Cursor): Step {
  switch (linkType) {
    case LINK_ETHERNET:
      return passHeader(cursor, 14, 12);
    case LINK_LINUX_SLL:
      return passHeader(cursor, 16, 14);
    case LINK_LINUX_SLL2:
      return passHeader(cursor, 20, 0);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
      return rawIp(cursor);
    case LINK_IPV4:
      return IPV4;
    case LINK_IPV6:
      return IPV6;
    case LINK_NULL:
    case LINK_LOOP:
      return loopback(cursor);
    case LINK_PPP:
      return PPP;
    case LINK_PPP_HDLC:
      return passPppOrCiscoHdlc(cursor);
    case LINK_PPP_ETHER:
      return PPPOE;
    case LINK_C_HDLC:
      return passCiscoHdlc(cursor);
    default:
      return UNKNOWN_LINK;
  }
}

/** No header at all: the first nibble is IP's version. */
function rawIp(cursor: Cursor): Step {
  if (cursor.end - cursor.at < 1) return missing(cursor, 1);
  const version = cursor.view.getUint8(cursor.at) >> 4;
  return version === 4 ? IPV4 : version === 6 ? IPV6 : BAD_IP_VERSION;
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
