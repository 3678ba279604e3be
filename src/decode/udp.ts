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

// Tunnels over IP and UDP. A UDP port alone proves nothing: each tunnel must also look like itself,
// or the datagram is merely not TCP.

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

const UDP_LENGTH = 8;
const UDP_DST_PORT = 2;
const VXLAN_PORT = 4789;
/** What Linux took before there was an assigned one, and flannel still does. */
const VXLAN_LINUX_PORT = 8472;
const VXLAN_GPE_PORT = 4790;
const GENEVE_PORT = 6081;
const GTP_U_PORT = 2152;
const TUNNEL_LENGTH = 8;

const VXLAN_VERSION = 0x30;
const VXLAN_I = 0x08;
const VXLAN_P = 0x04;
/** By the number that VXLAN-GPE gives to each. */
const VXLAN_GPE_PROTOCOLS: readonly (Step | undefined)[] = [undefined, IPV4, IPV6, ETHERNET];

// GTP-U (3GPP TS 29.281 5).
const GTP_G_PDU = 255;
const GTP_EXTENSION = 0x04;
const GTP_ANY_OPTION = 0x07;
const GTP_MAX_EXTENSIONS = 8;

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

/** Passes a UDP header and the tunnel after it. */
export function passUdp(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < UDP_LENGTH + TUNNEL_LENGTH) return NOT_TCP;
  cursor.at = at + UDP_LENGTH;
  switch (view.getUint16(at + UDP_DST_PORT)) {
    case VXLAN_PORT:
    case VXLAN_LINUX_PORT:
      return passVxlan(cursor);
    case VXLAN_GPE_PORT:
      return passVxlanGpe(cursor);
    case GENEVE_PORT:
      return passGeneve(cursor);
    case GTP_U_PORT:
      return passGtpU(cursor);
    default:
      return NOT_TCP;
  }
}

/** The I bit must be set; reserved bits are ignored (RFC 7348 5), and extensions use them. */
function passVxlan(cursor: Cursor): Step {
  if ((cursor.view.getUint8(cursor.at) & VXLAN_I) === 0) return NOT_TCP;
  cursor.at += TUNNEL_LENGTH;
  return ETHERNET;
}

/** Version 0, the I bit, and the P bit, which announces the next protocol (draft-ietf-nvo3-vxlan-gpe 3). */
function passVxlanGpe(cursor: Cursor): Step {
  const { view, at } = cursor;
  if ((view.getUint8(at) & (VXLAN_VERSION | VXLAN_I | VXLAN_P)) !== (VXLAN_I | VXLAN_P)) return NOT_TCP;
  cursor.at = at + TUNNEL_LENGTH;
  return VXLAN_GPE_PROTOCOLS[view.getUint8(at + 3)] ?? NOT_TCP;
}

/** Version 0, reserved bits zero, and a protocol that is known here (RFC 8926 3.4). */
function passGeneve(cursor: Cursor): Step {
  const { view, at } = cursor;
  const versionOptions = view.getUint8(at);
  const protocol = view.getUint16(at + 2);
  if (versionOptions >> 6 !== 0 || (view.getUint8(at + 1) & 0x3f) !== 0 || view.getUint8(at + 7) !== 0) {
    return NOT_TCP;
  }
  cursor.at = at + TUNNEL_LENGTH + ((versionOptions & 0x3f) << 2);
  return protocol === ETHERNET || protocol === IPV4 || protocol === IPV6 ? protocol : NOT_TCP;
}

/** Version 1, a G-PDU (a user's packet), its optional fields and extension headers. */
function passGtpU(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  const flags = view.getUint8(at);
  if ((flags & 0xf8) !== 0x30 || view.getUint8(at + 1) !== GTP_G_PDU) return NOT_TCP;
  let p = at + TUNNEL_LENGTH;
  if ((flags & GTP_ANY_OPTION) !== 0) {
    // Sequence number, N-PDU number and next extension's type come together.
    p += 4;
    if (end < p) return NOT_TCP;
    let more = (flags & GTP_EXTENSION) !== 0 && view.getUint8(p - 1) !== 0;
    for (let passed = 0; more; passed++) {
      // An extension opens with its length in words of four bytes and closes with the next one's type.
      if (passed === GTP_MAX_EXTENSIONS || end - p < 4) return NOT_TCP;
      const length = view.getUint8(p) << 2;
      if (length === 0 || end - p < length) return NOT_TCP;
      p += length;
      more = view.getUint8(p - 1) !== 0;
    }
  }
  if (end - p < 1) return NOT_TCP;
  cursor.at = p;
  return ipByVersion(cursor, NOT_TCP);
}
