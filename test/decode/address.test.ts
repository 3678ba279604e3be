import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../src/decode/address.ts';
import { address } from './build.ts';

function format(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return formatAddress(view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12));
}

describe('formatAddress', () => {
  it.each([
    ['IPv4', '0:0:0:0:0:ffff:c000:0201', '192.0.2.1'],
    ['IPv4, highest', '0:0:0:0:0:ffff:ffff:ffff', '255.255.255.255'],
    ['unspecified', '0:0:0:0:0:0:0:0', '::'],
    ['loopback', '0:0:0:0:0:0:0:1', '::1'],
    ['leading zeros go', '2001:0db8:0001:0002:0003:0004:0005:000a', '2001:db8:1:2:3:4:5:a'],
    ['a run at the end', '2001:db8:0:0:0:0:0:0', '2001:db8::'],
    ['one zero group stays', '2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['the longest run', '2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['the leftmost of equal runs', '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['lower case', '2001:DB8:0:0:0:0:0:ABCD', '2001:db8::abcd'],
    ['ffff elsewhere is not IPv4-mapped', '0:0:0:0:1:ffff:c000:201', '::1:ffff:c000:201'],
    ['IPv4-compatible is plain IPv6', '0:0:0:0:0:0:c000:201', '::c000:201'],
  ])('%s: %s', (_, groups, expected) => {
    expect(format(address(groups))).toBe(expected);
  });

  it('agrees with the URL standard on every address', () => {
    // Zero-heavy groups, or runs would hardly ever occur.
    const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const text = groups.map((g) => g.toString(16)).join(':');
        const ours = format(address(text));
        const literal = isIPv6(ours) ? ours : `::ffff:${ours}`;
        const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
        expect(new URL(`http://[${literal}]/`).hostname.slice(1, -1)).toBe(canonical);
        if (isIPv6(ours)) expect(ours).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });
});
