import { expect, it } from 'vitest';
import { lastCounts, tcpdumpArgs } from '../../../src/capture/live/live-tcpdump.ts';

it.each([
  [
    'at its end',
    'tcpdump: listening on lo\n10 packets captured\n12 packets received by filter\n2 packets dropped by kernel\n',
    { captured: 10, received: 12, dropped: 2 },
  ],
  [
    'when asked, the last of several',
    'tcpdump: 1 packet captured, 1 packet received by filter, 0 packets dropped by kernel\n' +
      'tcpdump: 5 packets captured, 6 packets received by filter, 0 packets dropped by kernel\n',
    { captured: 5, received: 6, dropped: 0 },
  ],
  ['not yet', 'tcpdump: listening on lo\n5 packets captured\n', undefined],
])('counts: %s', (_when, said, counts) => {
  expect(lastCounts(said)).toEqual(counts);
});

it('cannot take a filter for an option, and leaves an empty one away', () => {
  expect(tcpdumpArgs('eth0', '-z sh', 128, undefined).slice(-2)).toEqual(['--', '-z sh']);
  expect(tcpdumpArgs('eth0', '', 128, 'me').at(-1)).toBe('--');
  expect(tcpdumpArgs('eth0', '', 128, 'me').join(' ')).toContain('-Z me');
});
