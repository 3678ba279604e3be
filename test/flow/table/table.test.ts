import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Segment } from '../../../src/decode/segment.ts';
import { FlowTable } from '../../../src/flow/table/table.ts';
import {
  BITS,
  END_WIDTH,
  FIRST_FRAME,
  FLOW_WIDTH,
  MISSING_SEQ,
} from '../../../src/flow/table/table-layout.ts';
import { addressed, type Endpoint } from '../script.ts';

const CAPACITY = 64;

/** Few enough that the same ends meet again; both IP versions, equal ports and equal addresses among them. */
const ipv4 = fc.integer({ min: 1, max: 5 }).map((n) => [0, 0, 0xffff, n] as const);
const ipv6 = fc.tuple(
  fc.constantFrom(0xfe800000, 0x20010db8),
  fc.constantFrom(0, 0xffffffff),
  fc.constantFrom(0, 1),
  fc.constantFrom(1, 0x80000000),
);
const endpointOf = (address: fc.Arbitrary<Endpoint['address']>): fc.Arbitrary<Endpoint> =>
  fc.record({ address, port: fc.constantFrom(0, 22, 80, 40_000, 65_535) });
/** Both ends are of one IP version. */
const segment = fc
  .oneof(fc.tuple(endpointOf(ipv4), endpointOf(ipv4)), fc.tuple(endpointOf(ipv6), endpointOf(ipv6)))
  .map(([from, to]) => addressed(from, to));

/** Both directions of a connection have the same one. */
function keyOf(s: Segment): string {
  const ends = [
    [s.src0, s.src1, s.src2, s.src3, s.srcPort],
    [s.dst0, s.dst1, s.dst2, s.dst3, s.dstPort],
  ];
  return ends
    .map((end) => end.join())
    .sort()
    .join(' ');
}

function reversed(s: Segment): Segment {
  return {
    ...s,
    src0: s.dst0,
    src1: s.dst1,
    src2: s.dst2,
    src3: s.dst3,
    srcPort: s.dstPort,
    dst0: s.src0,
    dst1: s.src1,
    dst2: s.src2,
    dst3: s.src3,
    dstPort: s.srcPort,
  };
}

/** One step of a model run: a segment whose flow is looked for, then perhaps added, replaced or released. */
interface Move {
  s: Segment;
  act: 'nothing' | 'add' | 'replace' | 'remove';
}

const move: fc.Arbitrary<Move> = fc.record({
  s: segment,
  act: fc.constantFrom('nothing', 'add', 'add', 'replace', 'remove'),
});

describe('the table of flows', () => {
  it('agrees with a Map, whatever is added, replaced and released', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(move, { maxLength: 400 }), (seed, moves) => {
        const table = new FlowTable(CAPACITY, seed);
        const model = new Map<string, number>();
        for (const { s, act } of moves) {
          const key = keyOf(s);
          const expected = model.get(key) ?? -1;
          expect(table.find(s)).toBe(expected);
          if (expected < 0 && act === 'add' && table.size < CAPACITY) {
            const flow = table.add(s);
            expect([...model.values()]).not.toContain(flow);
            table.flow[flow * FLOW_WIDTH + FIRST_FRAME] = 1;
            model.set(key, flow);
          } else if (expected >= 0 && act === 'replace' && table.size < CAPACITY) {
            const flow = table.replace(expected);
            expect([...model.values()]).not.toContain(flow);
            table.release(expected);
            model.set(key, flow);
          } else if (expected >= 0 && act === 'remove') {
            table.unlink(expected);
            table.release(expected);
            model.delete(key);
          }
          expect(table.size).toBe(model.size);
        }
        for (const { s } of moves) expect(table.find(s)).toBe(model.get(keyOf(s)) ?? -1);
      }),
    );
  });

  it('finds a flow from both ends, and tells them apart', () => {
    fc.assert(
      fc.property(fc.integer(), segment, (seed, s) => {
        fc.pre(keyOf(s).split(' ')[0] !== keyOf(s).split(' ')[1]);
        const table = new FlowTable(CAPACITY, seed);
        table.find(s);
        const low = table.sourceIsLow;
        const flow = table.add(s);
        expect(table.find(reversed(s))).toBe(flow);
        expect(table.sourceIsLow).toBe(!low);
        expect(table.find(s)).toBe(flow);
        expect(table.sourceIsLow).toBe(low);
      }),
    );
  });

  it('keeps addresses and ports by their end', () => {
    fc.assert(
      fc.property(segment, (s) => {
        const table = new FlowTable(CAPACITY, 1);
        table.find(s);
        const sourceIsLow = table.sourceIsLow;
        const flow = table.add(s);
        const source = [flow * 2, flow * 2 + 1].find((me) => table.isLow(me) === sourceIsLow)!;
        const words = (me: number) => [...table.key.subarray(table.addressOf(me), table.addressOf(me) + 4)];
        expect([words(source), table.portOf(source)]).toEqual([[s.src0, s.src1, s.src2, s.src3], s.srcPort]);
        expect([words(source ^ 1), table.portOf(source ^ 1)]).toEqual([
          [s.dst0, s.dst1, s.dst2, s.dst3],
          s.dstPort,
        ]);
      }),
    );
  });

  it('gives columns back wiped', () => {
    const table = new FlowTable(CAPACITY, 1);
    const s = addressed({ address: [0, 0, 0xffff, 1], port: 1 }, { address: [0, 0, 0xffff, 2], port: 2 });
    table.find(s);
    const flow = table.add(s);
    table.flow[flow * FLOW_WIDTH + FIRST_FRAME] = 7;
    table.end.fill(7, flow * 2 * END_WIDTH + BITS, flow * 2 * END_WIDTH + MISSING_SEQ + 1);
    table.unlink(flow);
    table.release(flow);
    table.find(s);
    expect(table.add(s)).toBe(flow);
    expect(table.inUse(flow)).toBe(false);
    const ends = [flow * 2, flow * 2 + 1].map((me) => me * END_WIDTH);
    expect(ends.flatMap((at) => [...table.end.subarray(at + BITS, at + MISSING_SEQ + 1)])).toEqual(
      Array(2 * (MISSING_SEQ + 1 - BITS)).fill(0),
    );
  });
});
