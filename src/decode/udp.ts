import { type Cursor, ETHERNET, IPV4, IPV6, ipByVersion, type Step } from './cursor.ts';
import { LATER_FRAGMENT, NOT_TCP } from './verdict.ts';
import { isData, passWlan, SWAPPED } from './wlan.ts';

// Tunnels over UDP. A port alone proves nothing: each tunnel must also look like itself, or the datagram is
// merely not TCP.

const UDP_LENGTH = 8;
const UDP_SRC_PORT = 0;
const UDP_DST_PORT = 2;
const VXLAN_PORT = 4789;
/** What Linux took before there was an assigned one, and flannel still does. */
const VXLAN_LINUX_PORT = 8472;
const VXLAN_GPE_PORT = 4790;
const GENEVE_PORT = 6081;
const GTP_U_PORT = 2152;
const CAPWAP_DATA_PORT = 5247;
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

// CAPWAP (RFC 5415 4.3): Wi-Fi frames between access points and their controller.
const CAPWAP_NATIVE = 0x01;
const CAPWAP_BINDING = 0x3e;
const CAPWAP_IEEE_802_11 = 0x02;
const CAPWAP_FRAGMENT = 0x80;
const CAPWAP_KEEP_ALIVE = 0x08;
const CAPWAP_FRAGMENT_OFFSET = 0xfff8;

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
    case CAPWAP_DATA_PORT:
      return passCapwap(cursor);
    default:
      // The access point's port is any.
      return view.getUint16(at + UDP_SRC_PORT) === CAPWAP_DATA_PORT ? passCapwap(cursor) : NOT_TCP;
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

/**
 * Version 0 without DTLS. It carries 802.3 frames, or native ones, of which only those of IEEE 802.11 are known; some
 * controllers swap the two octets of their frame control.
 */
function passCapwap(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  const length = (view.getUint8(at + 1) >> 3) << 2;
  const binding = view.getUint8(at + 2);
  const flags = view.getUint8(at + 3);
  if (view.getUint8(at) !== 0 || length < TUNNEL_LENGTH || (flags & CAPWAP_KEEP_ALIVE) !== 0) return NOT_TCP;
  if ((flags & CAPWAP_FRAGMENT) !== 0 && (view.getUint16(at + 6) & CAPWAP_FRAGMENT_OFFSET) !== 0)
    return LATER_FRAGMENT;
  cursor.at = at + length;
  if ((binding & CAPWAP_NATIVE) === 0) return ETHERNET;
  if ((binding & CAPWAP_BINDING) !== CAPWAP_IEEE_802_11 || end - cursor.at < 1) return NOT_TCP;
  return passWlan(cursor, isData(view.getUint8(cursor.at)) ? 0 : SWAPPED);
}
