import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Losses } from '../../../src/capture/live/live-tcpdump.ts';
import type { Source } from '../../../src/run/live-source.ts';
import { LossWatch } from '../../../src/terminal/screen/live-losses.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const lost = (dropped: number, unread: number | undefined = 0, countedTwice = false): Losses => ({
  dropped,
  unread,
  countedTwice,
});

/** A watch of a source that answers as it is told, and says at each look in turn why it is stalled. */
function watch(
  answers: (Losses | undefined | Promise<Losses>)[],
  via: Source['via'] = 'tcpdump',
  reasons: (string | undefined)[] = [],
) {
  const said: string[] = [];
  const losses = async () => answers.shift();
  const source = { via, losses, stalled: () => reasons.shift() } as unknown as Source;
  return {
    said,
    watch: new LossWatch(
      source,
      () => 1000,
      (message) => said.push(message),
    ),
  };
}

const SECONDS = 1000;

it('warns of losses when they begin, and when they have doubled', async () => {
  const { said } = watch([lost(0), lost(5), lost(9), lost(10), lost(19)]);
  for (let i = 0; i < 5; i++) await vi.advanceTimersByTimeAsync(2 * SECONDS);
  expect(said.map((message) => /dropped (\d+)/.exec(message)?.[1])).toEqual(['5', '10']);
});

it('says once that the capture is stalled, and once that it goes on', async () => {
  const { said } = watch([], 'tcpdump', [undefined, 'stopped', 'stopped', undefined, undefined, 'again']);
  for (let i = 0; i < 6; i++) await vi.advanceTimersByTimeAsync(2 * SECONDS);
  expect(said).toEqual(['stopped', 'tcpdump goes on', 'again']);
});

it('the answer to an earlier question does not take the place of the last', async () => {
  let answer: (losses: Losses) => void = () => {};
  const late = new Promise<Losses>((resolve) => {
    answer = resolve;
  });
  const { said, watch: watched } = watch([late, lost(7, 3)]);
  await vi.advanceTimersByTimeAsync(2 * SECONDS);
  const ended = watched.end();
  answer(lost(2));
  await ended;
  expect(watched.losses).toEqual(lost(7, 3));
  expect(said).toEqual([]);
  await watched.end();
  expect(watched.losses).toEqual(lost(7, 3));
});

it('while it runs, no answer leaves the last one standing; at the end it means that nobody knows', async () => {
  const { watch: watched } = watch([lost(2), undefined, undefined]);
  for (let i = 0; i < 2; i++) await vi.advanceTimersByTimeAsync(2 * SECONDS);
  expect(watched.losses).toEqual(lost(2));
  await watched.end();
  expect(watched.losses).toBeUndefined();
});

it.each([
  [lost(0), undefined],
  [lost(1234), 'packets lost: 1,234 dropped by the kernel; 1,000 were read'],
  [lost(0, 5), 'packets lost: 5 not read before the end; 1,000 were read'],
  [lost(2, 5), 'packets lost: 2 dropped by the kernel, 5 not read before the end; 1,000 were read'],
  [lost(2, 0, true), 'packets lost: up to 2 dropped by the kernel; 1,000 were read'],
  [
    { dropped: 0, unread: undefined, countedTwice: true },
    'packets lost: an unknown number not read before the end; 1,000 were read',
  ],
  [undefined, 'packets lost: not known, as tcpdump did not say how many'],
])('%o in words: %s', async (losses, words) => {
  const { watch: watched } = watch([losses]);
  await watched.end();
  expect(watched.words).toBe(words);
});
