import { ACK, PSH, type Segment } from '../../decode/segment.ts';

// What is kept of a segment's payload in one word: its length, above that its first byte + 1, and, of an endpoint's
// last data, PSH.

/** No segment is longer (decode.ts). */
const LENGTH_BITS = 20;
const BYTE_BITS = 9;
const PSH_SHIFT = 26;
/** Length and first byte. */
const DATA_MASK = (1 << (LENGTH_BITS + BYTE_BITS)) - 1;

/** Record types of an alert, and of application data, which an alert is, too, where it is encrypted (RFC 8446 5.1, 5.2). */
const TLS_ALERT = 21;
const TLS_DATA = 23;
/** Length of such a record: its header, level, description and type, and a tag of 16 bytes. No request is so short. */
const TLS_13_ALERT_BYTES = 24;

/** Length and first byte of a segment's payload. */
export function dataWord(s: Segment): number {
  return s.payloadLength | ((s.firstByte + 1) << LENGTH_BITS);
}

/** The same with its PSH. */
export function pushedDataWord(s: Segment): number {
  return dataWord(s) | ((s.flags & PSH) << PSH_SHIFT);
}

/** The word without PSH. */
export function withoutPush(data: number): number {
  return data & DATA_MASK;
}

/** The length in such a word. */
export function lengthIn(data: number): number {
  return data & ((1 << LENGTH_BITS) - 1);
}

/** The first byte, -1 if that was not captured. */
export function firstByteIn(data: number): number {
  return (withoutPush(data) >>> LENGTH_BITS) - 1;
}

/** The flags of a segment without SYN, FIN and RST of which such a word is kept. */
export function flagsIn(data: number): number {
  return ACK | ((data >>> PSH_SHIFT) & PSH);
}

/** Whether it is a TLS alert; false if its first byte was not captured. */
export function isAlert(data: number): boolean {
  const byte = firstByteIn(data);
  return byte === TLS_ALERT || (byte === TLS_DATA && lengthIn(data) === TLS_13_ALERT_BYTES);
}
