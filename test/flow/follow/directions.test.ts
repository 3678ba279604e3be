import { expect, it } from 'vitest';
import { directionsOf, placesOf } from '../../../src/flow/judge/capture-kind.ts';
import { noSigns } from '../../../src/flow/table/file-signs.ts';
import { Tracker } from '../../../src/flow/tracker.ts';
import { parse, START_US } from '../script.ts';

/** What some segments show of the directions. */
function signsOf(script: string) {
  const tracker = new Tracker({ onFlows: (batch) => batch, capacity: 16, seed: 1 });
  parse(script).forEach(({ at, segment }, i) => {
    tracker.segment(Object.assign(segment, { timeUs: START_US + at * 1e6, frame: i + 1 }));
  });
  return { ...noSigns(), ...tracker.quality.signs[0] };
}

it.each([
  ['a client that acknowledges a SYN', '+0 c S 0\n+1 c . 1 ack 1', 1, 0],
  ['a server that acknowledges a SYN', '+0 s S. 0 ack 1', 1, 0],
  ['an end that acknowledges more and more', '+0 c . 5 ack 1\n+1 c . 5 ack 100', 1, 0],
  ['once, an end that goes on to do so', '+0 c . 5 ack 1\n+1 c . 5 ack 100\n+1 c . 5 ack 200', 1, 0],
  ['keep-alives', '+0 c . 5 ack 1\n+1 c . 5 ack 1', 0, 0],
  ['a SYN without answer', '+0 c S 0\n+1 c S 0', 0, 0],
  ['a SYN that is refused', '+0 c S 0\n+1 s R. 0 ack 1', 0, 1],
  ['both ends', '+0 c S 0\n+1 s S. 0 ack 1\n+1 c . 1 ack 1', 0, 1],
  ['the other end only later', '+0 c . 5 ack 1\n+1 c . 5 ack 100\n+1 s . 100 ack 5', 0, 1],
])('%s', (_, script, oneWay, twoWay) => {
  expect(signsOf(script)).toMatchObject({ oneWay, twoWay });
});

it.each([
  ['no flow tells', 0, 0, undefined],
  ['four flows tell too little', 4, 0, undefined],
  ['five are enough', 5, 0, 1],
  ['nineteen of twenty are nearly all', 19, 1, 1],
  ['eighteen of nineteen are not', 18, 1, 2],
  ['both ends', 0, 1, 2],
])('%s: %i in one direction, %i in two', (_, oneWay, twoWay, directions) => {
  expect(directionsOf({ ...noSigns(), oneWay, twoWay })).toBe(directions);
});

it.each([
  [5, 50, 2],
  [4, 10, 1],
  [5, 51, 1],
  [0, 0, 1],
])('%i copies among %i segments: %i places', (copies, segments, places) => {
  expect(placesOf({ ...noSigns(), copies }, segments)).toBe(places);
});
