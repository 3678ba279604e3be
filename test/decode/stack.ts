// The segment that all stacks carry, and what they are built of.
import { FIN, ACK as FLAG_ACK } from '../../src/decode/segment.ts';
import { ethernet, hex, ipv4, ipv6, join, tcp, u16, u32 } from './build.ts';

export const IPV4 = 0x0800;
export const IPV6 = 0x86dd;

export const PAYLOAD = hex('17 03 03 00 02 00 00');
export const INNER = {
  srcPort: 40_001,
  dstPort: 443,
  seq: 0xfffffff0,
  ack: 0x80000001,
  flags: FIN | FLAG_ACK,
  window: 502,
};

/** The inner addresses, no two words alike. */
export const V4 = { src: '192.0.2.1', dst: '198.51.100.2' };
export const V6 = { src: '2001:db8:1111:2222:3333:4444:5555:6666', dst: '2001:db9:777:888:999:aaa:bbb:ccc' };

export const segment = tcp({ ...INNER, options: hex('01 01 08 0a 00 00 00 05 ff ff ff ff') }, PAYLOAD);
export const v4 = ipv4({ ...V4, ttl: 63, id: 0x1234 }, segment);
export const v6 = ipv6({ ...V6, hopLimit: 63 }, segment);
export const inIpv4 = (protocol: number, payload: Uint8Array) =>
  ethernet(IPV4, ipv4({ src: '10.9.9.1', dst: '10.9.9.2', protocol }, payload));
export const inner = ethernet(IPV4, v4);
export const bottom = (label: number) => u32((label << 12) | 0x1ff);
export const label = (value: number) => u32((value << 12) | 0xff);

const SNAP = hex('aaaa03 000000');
export const snap = (type: number, packet: Uint8Array) => join(SNAP, u16(type), packet);

export interface Stack {
  name: string;
  linkType: number;
  bytes: Uint8Array;
  /** The innermost IP version. */
  version: 4 | 6;
}

export const stack = (name: string, linkType: number, version: 4 | 6, ...parts: Uint8Array[]): Stack => ({
  name,
  linkType,
  version,
  bytes: join(...parts),
});
