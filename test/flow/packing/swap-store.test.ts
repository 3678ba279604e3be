import { describe, expect, it } from 'vitest';
import { OPEN, OVER, SwapStore } from '../../../src/flow/packing/swap-store.ts';
import { NO_FLOW } from '../../../src/flow/table/flows.ts';

/** Bytes of a flow, all of them alike. */
function put(store: SwapStore, length: number, byte: number, list = OPEN): number {
  for (let i = 0; i < length; i++) store.bytes.setUint8(i, byte);
  return store.put(length, list, byte * 1e6, byte);
}

function read(store: SwapStore, flow: number, length: number): number[] {
  for (let i = 0; i < store.bytes.byteLength; i++) store.bytes.setUint8(i, 0);
  store.read(flow);
  return Array.from({ length }, (_, i) => store.bytes.getUint8(i));
}

describe('a store of packed flows', () => {
  it.each([1, 39, 40, 41, 100, 101, 1000, 1400])('gives %i bytes back as they were', (length) => {
    const store = new SwapStore(64);
    const flows = [7, 8, 9].map((byte) => put(store, length, byte));
    for (const [i, flow] of flows.entries()) {
      expect(read(store, flow, length)).toEqual(new Array(length).fill(7 + i));
      expect(store.atOf(flow)).toBe((7 + i) * 1e6);
      expect(store.hashOf(flow)).toBe(7 + i);
    }
  });

  it('has the one longest without a segment at the head of each list, whichever are taken out', () => {
    const store = new SwapStore(64);
    const [a, b, c] = [1, 2, 3].map((byte) => put(store, 200, byte, OVER));
    const open = put(store, 200, 4);
    expect([store.head(OVER), store.head(OPEN)]).toEqual([a, open]);
    store.remove(b!);
    store.remove(a!);
    expect(store.head(OVER)).toBe(c);
    store.remove(c!);
    store.remove(open);
    expect([store.head(OVER), store.head(OPEN)]).toEqual([NO_FLOW, NO_FLOW]);
    expect(store.size).toBe(0);
  });

  it('uses places again, without gaps, for flows of other lengths', () => {
    const store = new SwapStore(64);
    const fill = (length: number) => {
      const flows: number[] = [];
      while (store.room) flows.push(put(store, length, flows.length));
      return flows;
    };
    const short = fill(100);
    for (const flow of short) store.remove(flow);
    const long = fill(1000);
    for (const flow of long) store.remove(flow);
    expect(fill(100)).toHaveLength(short.length);
  });
});
