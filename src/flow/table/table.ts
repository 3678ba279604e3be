import type { Segment } from '../../decode/segment.ts';
import { hashFactors, hashKey, sourceIsLow, writeKey } from './key-hash.ts';
import {
  CLIENT_IS_LOW,
  FIRST_FRAME,
  FLOW_WIDTH,
  HASH,
  HISTORY,
  KEY,
  KEY_WIDTH,
  NEXT_DUE,
  STATUS,
} from './table-layout.ts';

// Flows as records (table-layout.ts) of one typed array, found by an open-addressing hash table of the 4-tuple.
// The array is allocated in full at once: the system provides a page when it is first written, so an empty
// table costs nothing and a full one never has to be copied. The hash table also has the flows that are
// swapped out (swap.ts).

/** Flows that the hash table has room for at first. */
const INITIAL_FLOWS = 1 << 12;

/** find() has found a flow that is swapped out, `foundSwapped`. */
export const SWAPPED_OUT = -2;

/** The table of flows. It finds, adds and removes flows; the tracker gives the columns their meaning. */
export class FlowTable {
  readonly capacity: number;
  /** The records, by what they are read as: columns of a flow, of an endpoint, of a key. */
  readonly flow: Uint32Array;
  readonly end: Uint32Array;
  readonly key: Uint32Array;
  readonly flowTime: Float64Array;
  readonly endNumber: Float64Array;
  readonly history: Uint8Array;
  /** Flows in the table, those kept only as a previous one included. */
  size = 0;
  /** The number of the flow that find() has found swapped out. */
  foundSwapped = 0;
  /** The flow that is swapped out with this number has this key. */
  isSwapped: (number: number, key: Uint32Array) => boolean = () => false;
  /** Set by `find`: the segment's source is the low end of the key. */
  sourceIsLow = false;
  /** Records ever used; some below it may be free. */
  used = 0;

  /**
   * Pairs of a slot's value and a hash: 0 is empty, a positive value a flow + 1, a negative one -1 - the number
   * of a flow that is swapped out. The table grows with the flows, because in a sparse one each search is a
   * cache miss.
   */
  private slots: Int32Array;
  private mask: number;
  private readonly factors: Float64Array;
  /** Flows in the hash table. */
  private linked = 0;
  private free = 0;
  private foundHash = 0;
  private readonly wanted = new Uint32Array(KEY_WIDTH);

  /**
   * @param capacity flows held at most
   * @param seed of the hash, so that senders of packets cannot predict it
   */
  constructor(capacity: number, seed: number) {
    this.capacity = capacity;
    // Two places more, for when nothing is evictable: a flow and its previous one leave together.
    const u32 = new Uint32Array((capacity + 2) * FLOW_WIDTH);
    this.flow = u32;
    this.end = u32;
    this.key = u32;
    this.flowTime = new Float64Array(u32.buffer);
    this.endNumber = this.flowTime;
    this.history = new Uint8Array(u32.buffer);
    this.slots = new Int32Array(INITIAL_FLOWS * 4);
    this.mask = this.slots.length / 2 - 1;
    this.factors = hashFactors(seed);
  }

  /** The flow of a segment, -1 if there is none, or SWAPPED_OUT. Always sets `sourceIsLow`. */
  find(s: Segment): number {
    const low = sourceIsLow(s);
    this.sourceIsLow = low;
    const l3 = low ? s.src3 : s.dst3;
    const h3 = low ? s.dst3 : s.src3;
    const ports = low ? (s.srcPort << 16) | s.dstPort : (s.dstPort << 16) | s.srcPort;
    const hash = hashKey(this.factors, s, low);
    this.foundHash = hash;
    const { slots, mask, key } = this;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot * 2]!;
      if (entry === 0) return -1;
      if (slots[slot * 2 + 1] !== hash) continue;
      if (entry < 0) {
        if (this.findsSwapped(-entry - 1, s)) return SWAPPED_OUT;
        continue;
      }
      const k = (entry - 1) * FLOW_WIDTH + KEY;
      if (
        key[k + 3] === l3 &&
        key[k + 7] === h3 &&
        key[k + 8] === ports >>> 0 &&
        key[k] === (low ? s.src0 : s.dst0) &&
        key[k + 1] === (low ? s.src1 : s.dst1) &&
        key[k + 2] === (low ? s.src2 : s.dst2) &&
        key[k + 4] === (low ? s.dst0 : s.src0) &&
        key[k + 5] === (low ? s.dst1 : s.src1) &&
        key[k + 6] === (low ? s.dst2 : s.src2)
      ) {
        return entry - 1;
      }
    }
  }

  private findsSwapped(number: number, s: Segment): boolean {
    writeKey(s, this.sourceIsLow, this.wanted, 0);
    this.foundSwapped = number;
    return this.isSwapped(number, this.wanted);
  }

  /** Adds a flow with the key of the segment that `find` has not found. The table must not be full. */
  add(s: Segment): number {
    const flow = this.take();
    writeKey(s, this.sourceIsLow, this.key, flow * FLOW_WIDTH + KEY);
    this.flow[flow * FLOW_WIDTH + HASH] = this.foundHash;
    this.link(flow);
    return flow;
  }

  /** Adds a flow with the key of an old one, which is unlinked. The table must not be full. */
  replace(old: number): number {
    const flow = this.take();
    const from = old * FLOW_WIDTH + KEY;
    this.key.copyWithin(flow * FLOW_WIDTH + KEY, from, from + KEY_WIDTH);
    this.flow[flow * FLOW_WIDTH + HASH] = this.flow[old * FLOW_WIDTH + HASH]!;
    this.unlink(old);
    this.link(flow);
    return flow;
  }

  /** The record belongs to a flow: its first frame is known. */
  inUse(flow: number): boolean {
    return this.flow[flow * FLOW_WIDTH + FIRST_FRAME] !== 0;
  }

  /** Removes a flow from the hash table; its record stays until `release`. */
  unlink(flow: number): void {
    const { slots, mask } = this;
    let slot = this.slotOf(flow + 1, this.flow[flow * FLOW_WIDTH + HASH]!);
    // Backward-shift deletion: fill the empty slot, so that no search stops there.
    for (let next = (slot + 1) & mask; slots[next * 2] !== 0; next = (next + 1) & mask) {
      const home = slots[next * 2 + 1]! & mask;
      if (((next - home) & mask) >= ((next - slot) & mask)) {
        slots[slot * 2] = slots[next * 2]!;
        slots[slot * 2 + 1] = slots[next * 2 + 1]!;
        slot = next;
      }
    }
    slots[slot * 2] = 0;
    slots[slot * 2 + 1] = 0;
    this.linked--;
  }

  /** Swaps a flow out under this number: the hash table keeps it, its record is freed. */
  swapOut(flow: number, number: number): void {
    this.slots[this.slotOf(flow + 1, this.flow[flow * FLOW_WIDTH + HASH]!) * 2] = -1 - number;
    this.release(flow);
  }

  /** A record for a flow that is swapped in, found by its key again; `hash` is that of the key. */
  swapIn(number: number, hash: number): number {
    const flow = this.take();
    this.slots[this.slotOf(-1 - number, hash) * 2] = flow + 1;
    this.flow[flow * FLOW_WIDTH + HASH] = hash;
    return flow;
  }

  /** Frees an unlinked flow's record, zeroed. */
  release(flow: number): void {
    this.flow.fill(0, flow * FLOW_WIDTH, (flow + 1) * FLOW_WIDTH);
    this.flow[flow * FLOW_WIDTH + NEXT_DUE] = this.free;
    this.free = flow + 1;
    this.size--;
  }

  /** Index in `key` of an endpoint's address, four 32-bit words (`me = flow * 2 + side`). */
  addressOf(me: number): number {
    return (me >> 1) * FLOW_WIDTH + KEY + (this.isLow(me) ? 0 : 4);
  }

  /** Port of an endpoint. */
  portOf(me: number): number {
    const ports = this.key[(me >> 1) * FLOW_WIDTH + KEY + 8]!;
    return this.isLow(me) ? ports >>> 16 : ports & 0xffff;
  }

  /** Index in `history` of a flow's first letter. */
  historyOf(flow: number): number {
    return flow * FLOW_WIDTH * 4 + HISTORY;
  }

  /** The endpoint is the low end of its flow's key. */
  isLow(me: number): boolean {
    const clientIsLow = (this.flow[(me >> 1) * FLOW_WIDTH + STATUS]! & CLIENT_IS_LOW) !== 0;
    return ((me & 1) === 0) === clientIsLow;
  }

  private slotOf(entry: number, hash: number): number {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot * 2] !== entry) slot = (slot + 1) & mask;
    return slot;
  }

  private take(): number {
    this.size++;
    if (this.free === 0) return this.used++;
    const flow = this.free - 1;
    this.free = this.flow[flow * FLOW_WIDTH + NEXT_DUE]!;
    this.flow[flow * FLOW_WIDTH + NEXT_DUE] = 0;
    return flow;
  }

  private link(flow: number): void {
    if (this.linked++ * 2 > this.mask) this.grow();
    this.enter(flow + 1, this.flow[flow * FLOW_WIDTH + HASH]!);
  }

  private grow(): void {
    const { slots } = this;
    this.slots = new Int32Array(slots.length * 2);
    this.mask = this.slots.length / 2 - 1;
    for (let slot = 0; slot < slots.length; slot += 2) {
      if (slots[slot] !== 0) this.enter(slots[slot]!, slots[slot + 1]!);
    }
  }

  private enter(entry: number, hash: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot * 2] !== 0) slot = (slot + 1) & mask;
    slots[slot * 2] = entry;
    slots[slot * 2 + 1] = hash;
  }
}
