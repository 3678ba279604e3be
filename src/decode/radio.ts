import { type Cursor, missing, type Step } from './cursor.ts';
import { BAD_FCS, BAD_HEADER_LENGTH, NOT_IP } from './verdict.ts';
import { PADDED, passWlan } from './wlan.ts';

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
