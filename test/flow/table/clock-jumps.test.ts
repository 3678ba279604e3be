import { describe, expect, it } from 'vitest';
import { ClockJumps } from '../../../src/flow/table/clock-jumps.ts';
import { START_US } from '../script.ts';

describe('the clock jumps', () => {
  it.each([
    ['not in order', [0, 1, 2, 3], 0],
    ['not by disorder', [0, 1, 0.2, 1.1, 0.3, 2], 0],
    ['by more than a second back', [0, 10, 8.9, 9, 12], 1],
    ['not by a second', [0, 10, 9, 10], 0],
    ['by more than a day ahead', [0, 86_401, 86_402], 1],
    ['not over a night without segments', [0, 86_400], 0],
    ['once where a single time is damaged', [0, 1e9, 1, 2, 3], 1],
    ['twice where it goes on there for a while', [0, 1e9, 1e9 + 1, 2, 3], 2],
  ])('%s', (_, times, jumps) => {
    const clock = new ClockJumps();
    const jumped = times.map((at) => clock.tick(START_US + Math.round(at * 1e6)));
    expect(jumped.filter((has) => has)).toHaveLength(jumps);
  });
});
