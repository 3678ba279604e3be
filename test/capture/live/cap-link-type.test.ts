import { expect, it } from 'vitest';
import { linkTypeNumber } from '../../../src/capture/live/cap-link-type.ts';

it.each([
  ['ETHERNET', 1],
  ['NULL', 0],
  ['RAW', 101],
  ['LINKTYPE_LINUX_SLL', 113],
  ['IEEE802_11_RADIO', 127],
  ['Unknown linktype 276', 276],
])('%s is %i', (name, number) => {
  expect(linkTypeNumber(name)).toBe(number);
});

it('refuses what it does not understand', () => {
  expect(() => linkTypeNumber('TOKEN_RING')).toThrow('unknown link type: TOKEN_RING');
});
