import type { Frame } from '../capture/frame.ts';
import { plainTcpAt } from '../decode/plain-tcp.ts';
import type { Segment } from '../decode/segment.ts';

// Several threads may follow the flows of a capture, each a share of them, its lane. Both directions of a
// flow, and every run, give the same lane.

/** Where TCP begins in a usual frame of IPv4: behind Ethernet and IPv4. In one of IPv6 it begins later. */
const TCP_IN_IPV4 = 14 + 20;

/** Which of `lanes` (a power of two) a segment belongs to. */
export function laneOf(s: Segment, lanes: number): number {
  const addresses = s.src0 ^ s.src1 ^ s.src2 ^ s.src3 ^ s.dst0 ^ s.dst1 ^ s.dst2 ^ s.dst3;
  return laneFrom(addresses, s.srcPort ^ s.dstPort, lanes);
}

/** The same for a frame that is not decoded yet; -1 where that cannot be told at a glance. */
export function laneAtAGlance(frame: Frame, lanes: number): number {
  const tcp = plainTcpAt(frame);
  if (tcp === 0) return -1;
  const { view, start } = frame;
  let addresses = 0;
  // Both addresses end where the TCP header begins. A segment has IPv4's as IPv4-mapped ones, twice the
  // same prefix, which cancels out.
  const words = tcp - start > TCP_IN_IPV4 ? 8 : 2;
  for (let word = 1; word <= words; word++) addresses ^= view.getInt32(tcp - word * 4);
  return laneFrom(addresses, view.getUint16(tcp) ^ view.getUint16(tcp + 2), lanes);
}

function laneFrom(addresses: number, ports: number, lanes: number): number {
  return (Math.imul(addresses ^ ports, 0x9e3779b1) >>> 24) & (lanes - 1);
}
