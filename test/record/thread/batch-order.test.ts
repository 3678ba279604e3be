import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FlowBatch, newBatchArrays } from '../../../src/flow/format/batch.ts';
import { BatchOrder } from '../../../src/record/thread/batch-order.ts';
import type { FromLane } from '../../../src/record/thread/messages.ts';

/** A batch that can be told from others. */
const batch = (count: number): FlowBatch => ({
  ...newBatchArrays(0, 0),
  count,
  addresses: { firstId: 0, count: 0, words: new Uint32Array() },
});

type Said = FromLane | 'end';

/** Lets the lanes say all they have, in the order of `turns` (numbers of lanes); returns the batches as they are taken. */
function taken(lanes: readonly (readonly Said[])[], turns: readonly number[]): string[] {
  const order = new BatchOrder();
  const waiting = lanes.map((said) => [...said]);
  const ids = lanes.map(() => order.addLane(() => {}));
  const out: string[] = [];
  const say = (lane: number) => {
    const said = waiting[lane]!.shift();
    if (said === undefined) return;
    if (said === 'end') order.end(ids[lane]!);
    else order.receive(ids[lane]!, said);
    for (let next = order.take(); next !== undefined; next = order.take()) {
      out.push(`${next.lane}:${next.batch.count}`);
    }
  };
  for (const turn of turns) say(turn % lanes.length);
  waiting.forEach((said, lane) => {
    while (said.length > 0) say(lane);
  });
  expect(order.isDone).toBe(true);
  return out;
}

const of = (block: number, count: number): Said => ({ batch: batch(count), block });

describe('the order of batches', () => {
  it('is that of one lane where there is one', () => {
    expect(taken([[of(0, 1), of(0, 2), { reached: 1 }, of(1, 3), 'end']], [])).toEqual(['0:1', '0:2', '0:3']);
  });

  it('goes by blocks, and within a block in turn', () => {
    const first: Said[] = [of(0, 1), of(0, 2), of(2, 3), 'end'];
    const second: Said[] = [of(0, 4), of(1, 5), of(2, 6), of(2, 7), 'end'];
    const wanted = ['0:1', '1:4', '0:2', '1:5', '0:3', '1:6', '1:7'];
    expect(taken([first, second], [])).toEqual(wanted);
    expect(taken([first, second], [1, 1, 1, 1, 1, 0])).toEqual(wanted);
  });

  it('does not wait for a lane that has come further, and nothing in it', () => {
    const order = new BatchOrder();
    const [a, b] = [order.addLane(() => {}), order.addLane(() => {})];
    order.receive(a, { batch: batch(1), block: 3 });
    expect(order.take()).toBeUndefined();
    order.receive(b, { reached: 4 });
    expect(order.take()?.batch.count).toBe(1);
    expect(order.isDone).toBe(false);
  });

  it('does not wait for a lane that has said that nothing comes', () => {
    const order = new BatchOrder();
    const [a, b] = [order.addLane(() => {}), order.addLane(() => {})];
    for (const count of [1, 2]) order.receive(b, { batch: batch(count), block: Number.POSITIVE_INFINITY });
    order.receive(a, { reached: Number.POSITIVE_INFINITY });
    expect(order.take()).toBeUndefined();
    order.receive(a, { ended: true });
    expect([order.take(), order.take()].map((next) => next?.batch.count)).toEqual([1, 2]);
    expect(order.isDone).toBe(false);
  });

  it('property: it is the same however the lanes take turns', () => {
    const steps = fc.array(fc.nat({ max: 2 }), { maxLength: 30 });
    const lane = steps.map((jumps): Said[] => {
      let block = 0;
      return [...jumps.map((jump, i) => (jump === 2 ? { reached: ++block } : of(block, i))), 'end'];
    });
    fc.assert(
      fc.property(
        fc.array(lane, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat({ max: 3 })),
        (lanes, turns) => {
          const inTurns = taken(lanes, turns);
          expect(inTurns).toEqual(taken(lanes, []));
          const batches = lanes.flat().filter((said) => said !== 'end' && 'batch' in said);
          expect(inTurns).toHaveLength(batches.length);
        },
      ),
    );
  });
});
