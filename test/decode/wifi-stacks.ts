// IEEE 802.11, and what stands before it in a capture.
import { hex, join, u16, u32, vlan, zeros } from './build.ts';
import { IPV4, IPV6, inner, type Stack, snap, stack, v4, v6 } from './stack.ts';

/** An IEEE 802.11 header: frame control, duration, addresses 1 to 3, sequence control. */
const wlanHeader = (control: string, sequence = '1000') =>
  join(hex(control), hex('2c00 020000000001 020000000002 020000000003'), hex(sequence));
const ADDRESS_4 = hex('020000000004');
/** A subframe of an A-MSDU: addresses, length, then LLC; to a multiple of four bytes unless it is the last. */
const subframe = (type: number, packet: Uint8Array) =>
  join(hex('020000000001 020000000002'), u16(8 + packet.length), snap(type, packet));
export const data = join(wlanHeader('0801'), snap(IPV4, v4));
export const qosData = join(wlanHeader('8801'), hex('0000'), snap(IPV4, v4));

export const WIFI: Stack[] = [
  stack('IEEE802_11, to the access point', 105, 4, data),
  stack('IEEE802_11, from the access point, IPv6', 105, 6, wlanHeader('0802'), snap(IPV6, v6)),
  stack('IEEE802_11, between two stations', 105, 4, wlanHeader('0800'), snap(IPV4, v4)),
  stack('IEEE802_11, four addresses', 105, 4, wlanHeader('0803'), ADDRESS_4, snap(IPV4, v4)),
  stack('IEEE802_11, first fragment', 105, 4, wlanHeader('0805'), snap(IPV4, v4)),
  stack('IEEE802_11, a VLAN tag', 105, 4, wlanHeader('0802'), snap(0x8100, vlan(7, IPV4, v4))),
  stack('IEEE802_11, QoS', 105, 4, qosData),
  stack(
    'IEEE802_11, QoS, four addresses',
    105,
    6,
    wlanHeader('8803'),
    ADDRESS_4,
    hex('0500'),
    snap(IPV6, v6),
  ),
  stack('IEEE802_11, QoS, HT control', 105, 4, wlanHeader('8881'), hex('0000 00000000'), snap(IPV4, v4)),
  stack('IEEE802_11, A-MSDU', 105, 4, wlanHeader('8801'), hex('8000'), subframe(IPV4, v4)),
  stack('PRISM', 119, 4, u32(0x44000000), hex('90000000'), zeros(136), data),
  stack('PRISM, big endian', 119, 4, u32(0x44), u32(144), zeros(136), data),
  stack('PRISM, AVS', 119, 4, u32(0x80211001), u32(64), zeros(56), data),
  stack('AVS', 163, 4, u32(0x80211001), u32(64), zeros(56), data),
  stack('RADIOTAP', 127, 4, hex('00 00 0800 00000000'), data),
  stack('RADIOTAP, flags', 127, 4, hex('00 00 0900 02000000 00'), qosData),
  stack(
    'RADIOTAP, body padded',
    127,
    4,
    hex('00 00 0900 02000000 20'),
    wlanHeader('8801'),
    hex('0000 0000'),
    snap(IPV4, v4),
  ),
  stack(
    'RADIOTAP, body padded, time, two words of fields',
    127,
    4,
    hex('00 00 1900 030000a0 00000000 00000000 0000000000000000 20'),
    wlanHeader('8801'),
    hex('0000 0000'),
    snap(IPV4, v4),
  ),
  stack('PPI', 192, 4, hex('00 00 0800 69000000'), data),
  stack('PPI with a field', 192, 4, hex('00 00 1000 69000000'), hex('0500 0400 00000000'), qosData),
  stack('PPI, Ethernet', 192, 4, hex('00 00 0800 01000000'), inner),
];
