import { describe, expect, it } from 'vitest';
import { LiveFlows } from '../../../src/flow/rows/live-flows.ts';

// Which rows of a live capture are out of date, and in which order they are written again.

const busyOnes = (live: LiveFlows): number[] => {
  const taken: number[] = [];
  for (let flow = live.takeBusy(); flow >= 0; flow = live.takeBusy()) taken.push(flow);
  return taken;
};

describe('rows that are out of date', () => {
  it('are each given once', () => {
    const live = new LiveFlows(8);
    for (const flow of [3, 1, 3]) live.touch(flow);
    for (const flow of [5, 4, 5]) live.touchCounts(flow);
    expect(live.takeChanged(0)).toEqual([3, 1]);
    expect(busyOnes(live)).toEqual([5, 4]);
    expect(live.takeChanged(0)).toEqual([]);
    expect(busyOnes(live)).toEqual([]);
  });

  it('in more than counts come first, and not again among those', () => {
    const live = new LiveFlows(8);
    live.touchCounts(2);
    live.touch(2);
    live.touchCounts(2);
    expect(live.takeChanged(0)).toEqual([2]);
    expect(busyOnes(live)).toEqual([]);
  });

  it('in counts only take turns if there is time for one at once', () => {
    const live = new LiveFlows(8);
    const taken: number[] = [];
    for (let round = 0; round < 6; round++) {
      for (const flow of [1, 2, 3]) live.touchCounts(flow);
      live.takeChanged(0);
      taken.push(live.takeBusy());
    }
    expect(taken).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('do not accumulate if the queue never becomes empty', () => {
    const live = new LiveFlows(4);
    for (let round = 0; round < 1000; round++) {
      for (const flow of [0, 1, 2, 3]) {
        live.touchCounts(flow);
        live.touch(flow);
      }
      live.takeChanged(0);
    }
    expect(busyOnes(live)).toEqual([]);
    live.touchCounts(1);
    expect(busyOnes(live)).toEqual([1]);
  });
});
