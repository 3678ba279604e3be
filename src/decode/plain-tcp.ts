import type { Frame } from '../capture/frame.ts';

// The usual frame, TCP in IP in Ethernet with nothing between or fragmented, is known by a few bytes at
// fixed places.

const LINK_ETHERNET = 1;
const IP = 14;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TCP = 6;
const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;
const TCP_LENGTH = 20;
/** More fragments, and the fragment's offset. */
const FRAGMENTED = 0x3fff;

/**
 * Offset in the frame's buffer of a usual frame's TCP header, 0 for any other. Of one with an offset
 * decodeFrame says SEGMENT.
 */
export function plainTcpAt({ view, start, end, linkType }: Frame): number {
  if (linkType !== LINK_ETHERNET || end - start < IP + IPV4_LENGTH + TCP_LENGTH) return 0;
  const ip = start + IP;
  const type = view.getUint16(ip - 2);
  let tcp: number;
  let wireEnd: number;
  if (type === IPV4) {
    if (view.getUint8(ip) !== 0x45 || view.getUint8(ip + 9) !== TCP) return 0;
    if ((view.getUint16(ip + 6) & FRAGMENTED) !== 0) return 0;
    tcp = ip + IPV4_LENGTH;
    wireEnd = ip + view.getUint16(ip + 2);
  } else if (type === IPV6) {
    if (view.getUint8(ip) >> 4 !== 6 || view.getUint8(ip + 6) !== TCP) return 0;
    tcp = ip + IPV6_LENGTH;
    wireEnd = tcp + view.getUint16(ip + 4);
  } else {
    return 0;
  }
  if (end - tcp < TCP_LENGTH) return 0;
  const headerLength = (view.getUint8(tcp + 12) >> 4) << 2;
  return headerLength >= TCP_LENGTH && tcp + headerLength <= wireEnd ? tcp : 0;
}
