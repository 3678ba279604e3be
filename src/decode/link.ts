import { LINK_TYPES, type LinkTypeName } from '../capture/base/link-types.ts';
import { type Cursor, IPV4, IPV6, ipByVersion, missing, PPPOE, passHeader, type Step } from './cursor.ts';
import { passCiscoHdlc, passPppOrCiscoHdlc } from './ppp.ts';
import { BAD_HEADER_LENGTH, BAD_IP_VERSION, BAD_LENGTH, NOT_IP, UNKNOWN_LINK } from './verdict.ts';
import { passPrism, passRadiotap, passWlan } from './wlan.ts';

const AF_INET = 2;
const LINUX_AF_INET6 = 10;

// NFLOG (tcpdump.org/linktypes/LINKTYPE_NFLOG.html): a header, then attributes, each padded to a word.
const NFLOG_LENGTH = 4;
const ATTRIBUTE_LENGTH = 4;
const NFULA_PAYLOAD = 9;
/** Of a type's high octet: nested, in network byte order. */
const ATTRIBUTE_FLAGS = 0xc0;

const PPI_LENGTH = 8;
const LINKTYPE_PPI = 192;

/** How each link type's header is passed; a link type without a line here does not compile. */
const PASS: Readonly<Record<LinkTypeName, (cursor: Cursor) => Step>> = {
  NULL: loopback,
  ETHERNET: (cursor) => passHeader(cursor, 14, 12),
  PPP: passPppOrCiscoHdlc,
  PPP_HDLC: passPppOrCiscoHdlc,
  PPP_ETHER: () => PPPOE,
  RAW: (cursor) => ipByVersion(cursor, BAD_IP_VERSION),
  C_HDLC: passCiscoHdlc,
  LOOP: loopback,
  IEEE802_11: (cursor) => passWlan(cursor),
  LINUX_SLL: (cursor) => passHeader(cursor, 16, 14),
  IEEE802_11_PRISM: passPrism,
  IEEE802_11_RADIOTAP: passRadiotap,
  IEEE802_11_AVS: passPrism,
  PPI: passPpi,
  IPV4: () => IPV4,
  IPV6: () => IPV6,
  NFLOG: passNflog,
  // A global route header (libpcap, tcpdump and Wireshark agree on it), then RFC 4391's own.
  IPOIB: (cursor) => passHeader(cursor, 44, 40),
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

/** PPI: version, flags, length, link type in little endian, then fields. One PPI in another is not known. */
function passPpi(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < PPI_LENGTH) return missing(cursor, PPI_LENGTH);
  const length = view.getUint16(at + 2, true);
  const linkType = view.getUint32(at + 4, true);
  if (length < PPI_LENGTH) return BAD_HEADER_LENGTH;
  if (end - at < length) return missing(cursor, length);
  cursor.at = at + length;
  return linkType === LINKTYPE_PPI ? UNKNOWN_LINK : passLink(linkType, cursor);
}

/**
 * Passes NFLOG's attributes up to the packet. Lengths and types are in the byte order of the capturing host;
 * types are small numbers, so the octet that holds nothing but flags tells it.
 */
function passNflog(cursor: Cursor): Step {
  const { view, end } = cursor;
  if (end - cursor.at < NFLOG_LENGTH) return missing(cursor, NFLOG_LENGTH);
  const family = view.getUint8(cursor.at);
  if (family !== AF_INET && family !== LINUX_AF_INET6) return NOT_IP;
  cursor.at += NFLOG_LENGTH;
  for (;;) {
    const { at } = cursor;
    if (end - at < ATTRIBUTE_LENGTH) return missing(cursor, ATTRIBUTE_LENGTH);
    const isLittleEndian = (view.getUint8(at + 3) & ~ATTRIBUTE_FLAGS) === 0;
    const length = view.getUint16(at, isLittleEndian);
    if (length < ATTRIBUTE_LENGTH) return BAD_LENGTH;
    if (view.getUint16(at + 2, isLittleEndian) === NFULA_PAYLOAD) {
      cursor.at = at + ATTRIBUTE_LENGTH;
      return family === AF_INET ? IPV4 : IPV6;
    }
    cursor.at = at + ((length + 3) & ~3);
  }
}
