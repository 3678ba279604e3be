import { expect, it } from 'vitest';
import { relayLegs } from '../../../../../src/report/diagnose/findings/close-wait-leak/relay-legs.ts';
import type { CaseGroup } from '../../../../../src/report/diagnose/frame/cases.ts';

/** A group of CLOSE_WAITs that were entered at these times, microseconds. */
const group = (entered: readonly number[]) =>
  ({ count: entered.length, text: () => JSON.stringify(entered) }) as unknown as CaseGroup;

const everySecond = (n: number) => Array.from({ length: n }, (_, i) => (i + 1) * 1_000_000);
const after = (times: readonly number[], us: number) => times.map((at, i) => at + us + i);

it('two legs whose CLOSE_WAITs follow each other at once are one relay', () => {
  const [from, to] = [group(everySecond(5)), group(after(everySecond(5), 20))];
  expect(relayLegs([to, from])).toEqual([{ from, to, twins: 5, shortestUs: 20, longestUs: 24 }]);
});

it('also where a few have no twin', () => {
  const legs = relayLegs([group(everySecond(10)), group(after(everySecond(9), 100))]);
  expect(legs.map(({ twins }) => twins)).toEqual([9]);
});

it.each([
  ['where they follow after a moment', everySecond(5), after(everySecond(5), 30_000)],
  ['where many have no twin', everySecond(10), after(everySecond(5), 20)],
  ['where there are two', everySecond(2), after(everySecond(2), 20)],
  [
    'where so many come that each has one near by chance',
    everySecond(50).map((at) => at / 1000),
    after(
      everySecond(50).map((at) => at / 1000),
      400,
    ),
  ],
])('no relay is seen %s', (_, from, to) => {
  expect(relayLegs([group(from), group(to)])).toEqual([]);
});

it('a leg has one other', () => {
  const legs = [0, 20, 40].map((us) => group(after(everySecond(5), us)));
  expect(relayLegs(legs)).toHaveLength(1);
});
