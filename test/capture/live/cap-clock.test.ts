import { expect, it } from 'vitest';
import { CapClock } from '../../../src/capture/live/cap-clock.ts';

/** A system whose monotonic clock stands at 0 when the epoch is `epochMs` old; looking at a clock takes 10 us. */
function system(epochMs: number) {
  const now = { monotonicMs: 0, epochMs };
  const look = () => {
    now.monotonicMs += 0.01;
    return now.monotonicMs;
  };
  return { now, clock: new CapClock(look, () => Math.floor(look() + now.epochMs)) };
}

it('tells microseconds that Date.now() does not', () => {
  const { now, clock } = system(1_000_000.4);
  now.monotonicMs = 5.25;
  expect(Math.abs(clock.now() - (1_000_000.4 + 5.26) * 1000)).toBeLessThanOrEqual(25);
});

it('never goes back, and adjusting changes nothing where no clock jumped', () => {
  const { now, clock } = system(1_000_000.7);
  let last = clock.now();
  for (let i = 0; i < 1000; i++) {
    now.monotonicMs += 0.37;
    clock.adjust();
    const next = clock.now();
    expect(next - last).toBeGreaterThan(370);
    expect(next - last).toBeLessThan(450);
    last = next;
  }
});

it.each([3_600_000, -3_600_000, 5, -5])('follows a system clock that jumps by %i ms', (jumpMs) => {
  const { now, clock } = system(10_000_000);
  now.epochMs += jumpMs;
  clock.adjust();
  expect(Math.abs(clock.now() - (now.epochMs + now.monotonicMs) * 1000)).toBeLessThanOrEqual(25);
});

it('is the time of the system', () => {
  const before = Date.now();
  const us = new CapClock().now();
  expect(us / 1000).toBeGreaterThanOrEqual(before - 1);
  expect(us / 1000).toBeLessThanOrEqual(Date.now() + 1);
});
