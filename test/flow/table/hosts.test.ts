import { expect, it } from 'vitest';
import { newSegment } from '../../../src/decode/segment.ts';
import { Hosts } from '../../../src/flow/table/hosts.ts';

/** A segment sent by the host of this number. */
const from = (host: number, timeUs: number) =>
  Object.assign(newSegment(), { src2: 0xffff, src3: host, timeUs });
const words = (host: number) => Uint32Array.of(0, 0, 0xffff, host);

it('remembers when each host sent its last segment', () => {
  const hosts = new Hosts();
  for (let host = 0; host < 1000; host++) hosts.saw(from(host, 5 + host));
  hosts.saw(from(7, 9999));
  expect(hosts.lastSeen(words(7), 0)).toBe(9999);
  expect(hosts.lastSeen(words(1000), 0)).toBe(0);
});

it('forgets a host rather than take another for it', () => {
  const hosts = new Hosts();
  for (let host = 0; host < 20_000; host++) hosts.saw(from(host, 1 + host));
  for (let host = 0; host < 20_000; host++) {
    expect([0, 1 + host]).toContain(hosts.lastSeen(words(host), 0));
  }
});
