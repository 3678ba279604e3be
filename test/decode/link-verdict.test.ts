import { expect, it } from 'vitest';
import { ethernet, hex, ipv4, join, tcp, u32, zeros } from './build.ts';
import { decoded, type FrameFields } from './decoded.ts';

// The verdicts on frames of link types that say more than what follows: Wi-Fi with what a receiver says of it, NFLOG.

/** An IEEE 802.11 header in hex: frame control and sequence control as given. */
const wlan = (control: string, sequence = '1000') =>
  hex(`${control} 2c00 020000000001 020000000002 020000000003 ${sequence}`);
const snap = hex('aaaa03 000000 0800');
const wlanData = join(wlan('0801'), snap, ipv4({}, tcp()));
const wired = { wireLength: 1514 };
const frame = ethernet(0x0800, ipv4({}, tcp()));

it.each<[string, string, Uint8Array, FrameFields]>([
  ['not-ip', 'Wi-Fi, beacon', join(wlan('8000'), zeros(60)), { linkType: 105 }],
  ['not-ip', 'Wi-Fi, acknowledgment', hex('d400 0000 020000000001'), { linkType: 105 }],
  ['not-ip', 'Wi-Fi, data without data', join(wlan('4801'), snap, ipv4({}, tcp())), { linkType: 105 }],
  ['not-ip', 'Wi-Fi, version 1', join(wlan('0901'), snap, ipv4({}, tcp())), { linkType: 105 }],
  ['not-ip', 'Wi-Fi, EAPOL', join(wlan('0802'), hex('aaaa03 000000 888e'), zeros(99)), { linkType: 105 }],
  [
    'not-ip',
    'radiotap, version 1',
    join(hex('01 00 0800 00000000'), wlan('0801'), snap, ipv4({}, tcp())),
    { linkType: 127 },
  ],
  [
    'not-ip',
    'Prism, another message',
    join(u32(0x45), u32(8), wlan('0801'), snap, ipv4({}, tcp())),
    { linkType: 119 },
  ],
  ['not-ip', 'NFLOG of a bridge', join(hex('07 00 0000 2c00 0900'), ipv4({}, tcp())), { linkType: 239 }],
  ['not-ip', 'ARP over InfiniBand', join(zeros(40), hex('0806 0000'), zeros(56)), { linkType: 242 }],
  [
    'later-fragment',
    'Wi-Fi, the second fragment',
    join(wlan('0801', '1100'), snap, ipv4({}, tcp())),
    { linkType: 105 },
  ],
  ['truncated-header', 'cut in a Wi-Fi header', wlanData.subarray(0, 23), { ...wired, linkType: 105 }],
  [
    'truncated-header',
    'cut in the QoS field',
    join(wlan('8801'), hex('00')),
    { linkType: 105, wireLength: 200 },
  ],
  ['truncated-header', 'cut in radiotap', hex('00 00 2000 01000000'), { linkType: 127, wireLength: 200 }],
  ['truncated-header', 'cut in a Prism header', u32(0x44), { linkType: 119, wireLength: 200 }],
  [
    'truncated-header',
    'cut in the attributes of NFLOG',
    hex('02 00 0000 0800 0100'),
    { linkType: 239, wireLength: 200 },
  ],
  ['bad-header-length', 'radiotap', join(hex('00 00 0700 00000000'), wlanData), { linkType: 127 }],
  ['bad-header-length', 'PPI', join(hex('00 00 0700 69000000'), wlanData), { linkType: 192 }],
  ['bad-header-length', 'Prism', join(u32(0x44), u32(7), wlanData), { linkType: 119 }],
  ['bad-length', 'radiotap longer than the frame', hex('00 00 ff00 00000000'), { linkType: 127 }],
  [
    'bad-length',
    'radiotap, words of fields without end',
    hex('00 00 0800 02000080'),
    { linkType: 127, around: 0 },
  ],
  ['bad-length', 'AVS longer than any frame', join(u32(0x80211001), u32(0xffffffff)), { linkType: 163 }],
  ['bad-length', 'NFLOG without a packet', hex('02 00 0000 0800 0100 0800 0000'), { linkType: 239 }],
  [
    'bad-length',
    'NFLOG, an attribute of length 3',
    join(hex('02 00 0000 0300 0100 2c00 0900'), ipv4({}, tcp())),
    { linkType: 239 },
  ],
  [
    'segment',
    'Wi-Fi, an A-MSDU whose length looks like an EtherType',
    join(wlan('8801'), hex('8000'), zeros(12), hex('86dd'), snap, ipv4({}, tcp())),
    { linkType: 105 },
  ],
  [
    'truncated-header',
    'cut in the header of a subframe',
    join(wlan('8801'), hex('8000'), zeros(13)),
    { ...wired, linkType: 105 },
  ],
  [
    'segment',
    'radiotap that ends before its flags',
    join(hex('00 00 0800 02000000'), wlan('2803'), hex('020000000004'), snap, ipv4({}, tcp())),
    { linkType: 127 },
  ],
  ['encrypted', 'Wi-Fi', join(wlan('0841'), hex('00000020 00000000'), zeros(60)), { linkType: 105 }],
  ['bad-fcs', 'radiotap', join(hex('00 00 0900 02000000 50'), wlanData), { linkType: 127 }],
  ['unknown-link', 'PPI in PPI', hex('00 00 0800 c0000000 00 00 0800 01000000'), { linkType: 192 }],
  ['unknown-link', 'PPI, FDDI', join(hex('00 00 0800 0a000000'), frame), { linkType: 192 }],
])('%s: %s', (expected, _, bytes, fields) => {
  expect(decoded(bytes, { around: 50, ...fields })[0]).toBe(expected);
});
