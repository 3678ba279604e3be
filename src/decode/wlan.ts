import { type Cursor, missing, passSnap, type Step } from './cursor.ts';
import { BAD_FCS, BAD_HEADER_LENGTH, ENCRYPTED, LATER_FRAGMENT, NOT_IP } from './verdict.ts';

// The IEEE 802.11 MAC header (IEEE 802.11-2020 9.2 and 9.3.2).
const SEQUENCE_CONTROL = 22;
const HEADER_LENGTH = 24;
const ADDRESS_LENGTH = 6;
const QOS_LENGTH = 2;
const HT_CONTROL_LENGTH = 4;

// The first octet of frame control: version 0, type data, and two bits of the subtype.
const VERSION_AND_TYPE = 0x0f;
const DATA = 0x08;
const WITHOUT_DATA = 0x40;
const QOS = 0x80;

const BETWEEN_ACCESS_POINTS = 0x03; // to and from the distribution system
const PROTECTED = 0x40;
/** In QoS data: an HT control field follows. */
const HT_CONTROL = 0x80;

const FRAGMENT_NUMBER = 0x0f;
/** In the QoS field: the body is an A-MSDU. */
const A_MSDU = 0x80;
/** A subframe's header: two addresses and a length, which may be as high as an EtherType. */
const SUBFRAME_LENGTH = 14;

/** Some drivers fill the header up to a word before the body. */
export const PADDED = 1;
/** Some controllers swap the two octets of frame control. */
export const SWAPPED = 2;

/**
 * Passes the header of a data frame, which may be PADDED or SWAPPED. Management and control frames carry no IP,
 * and what is encrypted is not read. Of an A-MSDU, the first subframe counts.
 */
export function passWlan(cursor: Cursor, layout = 0): Step {
  const { view, at, end } = cursor;
  const isSwapped = (layout & SWAPPED) !== 0;
  if (end - at < 2) return missing(cursor, HEADER_LENGTH);
  const control = view.getUint8(isSwapped ? at + 1 : at);
  const flags = view.getUint8(isSwapped ? at : at + 1);
  // Before the length: acknowledgments and other control frames are shorter.
  if (!isData(control) || (control & WITHOUT_DATA) !== 0) return NOT_IP;
  if (end - at < HEADER_LENGTH) return missing(cursor, HEADER_LENGTH);
  if ((flags & PROTECTED) !== 0) return ENCRYPTED;
  if ((view.getUint8(at + SEQUENCE_CONTROL) & FRAGMENT_NUMBER) !== 0) return LATER_FRAGMENT;

  let length = HEADER_LENGTH;
  if ((flags & BETWEEN_ACCESS_POINTS) === BETWEEN_ACCESS_POINTS) length += ADDRESS_LENGTH;
  const qos = at + length;
  const isQos = (control & QOS) !== 0;
  if (isQos) length += (flags & HT_CONTROL) === 0 ? QOS_LENGTH : QOS_LENGTH + HT_CONTROL_LENGTH;
  if ((layout & PADDED) !== 0) length = (length + 3) & ~3;
  if (end - at < length) return missing(cursor, length);
  cursor.at = at + length;
  if (isQos && (view.getUint8(qos) & A_MSDU) !== 0) {
    if (end - cursor.at < SUBFRAME_LENGTH) return missing(cursor, SUBFRAME_LENGTH);
    cursor.at += SUBFRAME_LENGTH;
  }
  return passSnap(cursor);
}

/** Whether frame control, of which this is the first octet, is that of a data frame. */
export function isData(control: number): boolean {
  return (control & VERSION_AND_TYPE) === DATA;
}

// What a receiver of Wi-Fi says of a frame, before the frame.

// Radiotap (radiotap.org): version, pad, length, then words that say which fields follow. Little endian.
const RADIOTAP_LENGTH = 8;
const LENGTH = 2;
const PRESENT = 4;
const HAS_TIME = 0x01;
const HAS_FLAGS = 0x02;
const TIME_LENGTH = 8;
// Radiotap's flags field.
const DATA_PAD = 0x20;
const FCS_FAILED = 0x40;

// Prism: a message code, its length; the receiving host's byte order.
const PRISM_CODES: readonly number[] = [0x41, 0x44];
/** AVS, which has the same fields in network byte order: its magic number, the version apart. */
const AVS_MAGIC = 0x80211;
const PRISM_LENGTH = 8;

/** Passes a radiotap header and the IEEE 802.11 header after it. A frame that arrived damaged is not read. */
export function passRadiotap(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < RADIOTAP_LENGTH) return missing(cursor, RADIOTAP_LENGTH);
  const length = view.getUint16(at + LENGTH, true);
  if (view.getUint8(at) !== 0) return NOT_IP;
  if (length < RADIOTAP_LENGTH) return BAD_HEADER_LENGTH;
  if (end - at < length) return missing(cursor, length);
  const flags = radiotapFlags(view, at, at + length);
  if ((flags & FCS_FAILED) !== 0) return BAD_FCS;
  cursor.at = at + length;
  return passWlan(cursor, (flags & DATA_PAD) !== 0 ? PADDED : 0);
}

/** The flags field of a header that is all there: only the time stands before it. 0 where it is absent. */
function radiotapFlags(view: DataView, start: number, end: number): number {
  const present = view.getUint8(start + PRESENT);
  if ((present & HAS_FLAGS) === 0) return 0;
  // The highest bit of each word says that there is another.
  let at = start + PRESENT;
  while (end - at >= 4 && view.getUint8(at + 3) >> 7 === 1) at += 4;
  at += 4;
  // The time lies at a multiple of its own size.
  if ((present & HAS_TIME) !== 0) at += ((start - at) & (TIME_LENGTH - 1)) + TIME_LENGTH;
  return at < end ? view.getUint8(at) : 0;
}

/** Passes a Prism or AVS header, which share a link type, and the IEEE 802.11 header after it. */
export function passPrism(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < PRISM_LENGTH) return missing(cursor, PRISM_LENGTH);
  const isLittleEndian = PRISM_CODES.includes(view.getUint32(at, true));
  if (!isLittleEndian && !PRISM_CODES.includes(view.getUint32(at)) && view.getUint32(at) >>> 12 !== AVS_MAGIC)
    return NOT_IP;
  const length = view.getUint32(at + 4, isLittleEndian);
  if (length < PRISM_LENGTH) return BAD_HEADER_LENGTH;
  if (end - at < length) return missing(cursor, length);
  cursor.at = at + length;
  return passWlan(cursor);
}
