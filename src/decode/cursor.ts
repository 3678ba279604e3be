import type { IcmpError } from './segment.ts';
import { BAD_LENGTH, NOT_IP, TRUNCATED_HEADER } from './verdict.ts';

/**
 * Where the decoder stands in a frame. Each layer reads the header at `at`, moves on past it and
 * narrows the two ends to what it encloses, so that padding and trailers fall away.
 */
export interface Cursor {
  view: DataView;
  at: number;
  /** Offset just past the last captured byte of the layer. */
  end: number;
  /** Offset at which the layer ends on the wire: beyond `end` where the frame was cut. */
  wireEnd: number;
  /** The protocol number of the last IP header, of those that are not quoted. */
  protocol: number;
  /** It stands in what an ICMP error quotes: headers of a packet that this frame does not carry. */
  isQuote: boolean;
  /** That error. */
  icmp: IcmpError;
}

/**
 * What a layer returns: the EtherType of the header that the cursor now stands on, or, below
 * MIN_ETHERTYPE, the verdict that ends the walk.
 */
export type Step = number;

/** IEEE 802.3: a lower number in the type field is a length. */
export const MIN_ETHERTYPE = 0x600;

export const IPV4 = 0x0800;
export const IPV6 = 0x86dd;
/** The VLAN tag of 802.1Q. */
export const C_TAG = 0x8100;
export const MPLS = 0x8847;
export const MPLS_MULTICAST = 0x8848;
export const PPPOE = 0x8864;
export const PPP = 0x880b;
/** Transparent Ethernet bridging: an Ethernet frame follows (RFC 1701's list, RFC 7637). */
export const ETHERNET = 0x6558;

const LLC_SNAP = 0xaaaa0300;
const SNAP_LENGTH = 8;

/** The verdict on a header of `length` bytes that is not all there: the capture cut it, or it never was. */
export function missing(cursor: Cursor, length: number): Step {
  return cursor.wireEnd - cursor.at < length ? BAD_LENGTH : TRUNCATED_HEADER;
}

/** Passes a header of `length` bytes that has the EtherType of the next one at `typeAt`. */
export function passHeader(cursor: Cursor, length: number, typeAt: number): Step {
  const { view, at, end } = cursor;
  if (end - at < length) return missing(cursor, length);
  const type = view.getUint16(at + typeAt);
  cursor.at = at + length;
  return type >= MIN_ETHERTYPE ? type : passSnap(cursor);
}

/** Passes LLC: only SNAP with a zero OUI names an EtherType (RFC 1042). */
export function passSnap(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < SNAP_LENGTH || view.getUint32(at) !== LLC_SNAP || view.getUint16(at + 4) !== 0)
    return NOT_IP;
  const type = view.getUint16(at + 6);
  cursor.at = at + SNAP_LENGTH;
  return type >= MIN_ETHERTYPE ? type : NOT_IP;
}

/** What the version in the first four bits says: IPv4 or IPv6, and else what the caller makes of it. */
export function ipByVersion(cursor: Cursor, otherwise: Step): Step {
  if (cursor.end - cursor.at < 1) return missing(cursor, 1);
  const version = cursor.view.getUint8(cursor.at) >> 4;
  return version === 4 ? IPV4 : version === 6 ? IPV6 : otherwise;
}
