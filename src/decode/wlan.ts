import { type Cursor, missing, passSnap, type Step } from './cursor.ts';
import { ENCRYPTED, LATER_FRAGMENT, NOT_IP } from './verdict.ts';

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
