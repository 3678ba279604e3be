import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { after } from '../../../src/terminal/base/timer.ts';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Begins, and looks that setTimeout, which takes a delay of 2^31 ms for 1 ms, is not asked for that. */
function begun(ms: number, act: () => void): () => void {
  const wait = vi.spyOn(globalThis, 'setTimeout');
  const end = after(ms, act);
  vi.advanceTimersByTime(1);
  const delays = wait.mock.calls.map(([, delay = 0]) => delay);
  expect(Math.max(...delays)).toBeLessThan(2 ** 31);
  return end;
}

it.each([20, 30 * DAY_MS, 60 * DAY_MS])('acts once after %d ms, and not before', (ms) => {
  const act = vi.fn();
  begun(ms, act);
  vi.advanceTimersByTime(ms - 2);
  expect(act).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(act).toHaveBeenCalledOnce();
});

it.each([20, 30 * DAY_MS])('never acts once it was ended, of %d ms', (ms) => {
  const act = vi.fn();
  const end = begun(ms, act);
  vi.advanceTimersByTime(ms - 2);
  end();
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(act).not.toHaveBeenCalled();
});
