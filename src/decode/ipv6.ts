import { type Cursor, missing, type Step } from './cursor.ts';
import type { Segment } from './segment.ts';
import { passTransport } from './transport.ts';
import { BAD_IP_VERSION, LATER_FRAGMENT, TOO_DEEP } from './verdict.ts';

// The header (RFC 8200 3).
const VERSION = 0;
const PAYLOAD_LENGTH = 4;
const NEXT_HEADER = 6;
const HOP_LIMIT = 7;
const SRC = 8;
const DST = 24;
const HEADER_LENGTH = 40;

// Extension headers (RFC 8200 4; iana.org/assignments/ipv6-parameters).
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;
const MOBILITY = 135;
const HIP = 139;
const SHIM6 = 140;

const FRAGMENT_OFFSET = 0xfff8;
const MAX_EXTENSIONS = 16;

/**
 * Passes an IPv6 header and its extension headers. A payload length of 0 is a jumbogram (RFC 2675) or
 * segmentation offload: the frame's own length counts. One beyond the frame is believed, as in IPv4.
 */
export function passIpv6(cursor: Cursor, segment: Segment): Step {
  const { view, at, end } = cursor;
  if (end - at < HEADER_LENGTH) return missing(cursor, HEADER_LENGTH);
  if (view.getUint8(at + VERSION) >> 4 !== 6) return BAD_IP_VERSION;
  const payloadLength = view.getUint16(at + PAYLOAD_LENGTH);
  if (payloadLength !== 0) {
    cursor.wireEnd = at + HEADER_LENGTH + payloadLength;
    if (cursor.wireEnd < end) cursor.end = cursor.wireEnd;
  }

  readIpv6(view, at, segment);
  cursor.at = at + HEADER_LENGTH;
  return passExtensions(view.getUint8(at + NEXT_HEADER), cursor, segment);
}

/** Reads what a segment keeps of an IPv6 header that is all there. */
export function readIpv6(view: DataView, at: number, segment: Segment): void {
  segment.ipVersion = 6;
  segment.src0 = view.getUint32(at + SRC);
  segment.src1 = view.getUint32(at + SRC + 4);
  segment.src2 = view.getUint32(at + SRC + 8);
  segment.src3 = view.getUint32(at + SRC + 12);
  segment.dst0 = view.getUint32(at + DST);
  segment.dst1 = view.getUint32(at + DST + 4);
  segment.dst2 = view.getUint32(at + DST + 8);
  segment.dst3 = view.getUint32(at + DST + 12);
  segment.ttl = view.getUint8(at + HOP_LIMIT);
  segment.ipId = 0;
}

/** Each extension header opens with the number of the next; most with their length in octets of eight. */
function passExtensions(first: number, cursor: Cursor, segment: Segment): Step {
  const { view, end } = cursor;
  let header = first;
  for (let passed = 0; passed < MAX_EXTENSIONS; passed++) {
    const at = cursor.at;
    switch (header) {
      case HOP_BY_HOP:
      case ROUTING:
      case DESTINATION:
      case MOBILITY:
      case HIP:
      case SHIM6:
        if (end - at < 8) return missing(cursor, 8);
        cursor.at = at + ((view.getUint8(at + 1) + 1) << 3);
        break;
      case AUTHENTICATION: // counts words of four bytes, less two (RFC 4302 2.2)
        if (end - at < 12) return missing(cursor, 12);
        cursor.at = at + ((view.getUint8(at + 1) + 2) << 2);
        break;
      case FRAGMENT: // offset 0 is the first fragment, or an atomic one (RFC 6946)
        if (end - at < 8) return missing(cursor, 8);
        if ((view.getUint16(at + 2) & FRAGMENT_OFFSET) !== 0) return LATER_FRAGMENT;
        cursor.at = at + 8;
        break;
      default:
        return passTransport(header, cursor, segment);
    }
    header = view.getUint8(at);
  }
  return TOO_DEEP;
}
