import { C_TAG, type Cursor, IPV4, IPV6, ipByVersion, missing, passHeader, type Step } from './cursor.ts';
import { NOT_IP } from './verdict.ts';

/** Set in the last label of a stack (RFC 3032 2.1). */
const BOTTOM_OF_STACK = 0x100;

/** Passes labels down to the bottom of the stack. What follows is not named: the first nibble tells (RFC 4928). */
export function passMpls(cursor: Cursor): Step {
  const { view, end } = cursor;
  for (;;) {
    if (end - cursor.at < 5) return missing(cursor, 5);
    const label = view.getUint32(cursor.at);
    cursor.at += 4;
    if ((label & BOTTOM_OF_STACK) !== 0) break;
  }
  const ip = ipByVersion(cursor, NOT_IP);
  return ip === NOT_IP ? passPseudowire(cursor) : ip;
}

/**
 * An Ethernet pseudowire with control word (RFC 4448 4.6: sixteen zero bits, then a sequence number).
 * Nothing announces it, so it must look like one down to the IP version.
 */
function passPseudowire(cursor: Cursor): Step {
  const { view, at, end } = cursor;
  if (end - at < 19 || view.getUint16(at) !== 0) return NOT_IP;
  const type = view.getUint16(at + 16);
  const version = view.getUint8(at + 18) >> 4;
  if (!((type === IPV4 && version === 4) || (type === IPV6 && version === 6) || type === C_TAG))
    return NOT_IP;
  return passHeader(cursor, 18, 16);
}
