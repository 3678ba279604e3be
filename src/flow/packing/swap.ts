import type { DueQueue } from '../table/due-queue.ts';
import { isOver } from '../table/facts.ts';
import { type Flows, NO_FLOW } from '../table/flows.ts';
import { FLOW_WIDTH, HASH, QUEUED, UNLINKED } from '../table/table-layout.ts';
import { FlowPacking } from './flow-packing.ts';
import { OPEN, OVER, SwapStore } from './swap-store.ts';

/** Chunks of the store for each flow that there may be: usually one takes three to six. */
const CHUNKS_A_FLOW = 8;
/** Flows looked at, at most, to find one that has been idle for long, and one that may go at all. */
const SAMPLE = 16;
const LOOKS = 64;

/**
 * Where the table is crowded, swaps out flows that are over, or else idle: they are packed
 * (flow-packing.ts) until a segment of theirs comes. Where all that there may be are to be in the table,
 * none is.
 */
export class Swap {
  private readonly flows: Flows;
  private readonly due: DueQueue;
  private readonly store: SwapStore;
  private readonly packing: FlowPacking;
  private readonly isOn: boolean;
  /** The flow that `packing` has read. */
  private loaded = NO_FLOW;
  /** The flow of the table that was looked at last; when that began with the first flow, and the time before. */
  private hand = NO_FLOW;
  private lapAt = 0;
  private lapBeforeAt = 0;

  constructor(flows: Flows, due: DueQueue) {
    this.flows = flows;
    this.due = due;
    const { capacity } = flows.table;
    this.isOn = flows.ready < capacity;
    this.store = new SwapStore(this.isOn ? capacity * CHUNKS_A_FLOW : 0);
    this.packing = new FlowPacking(flows);
    flows.table.isSwapped = (number, key) => {
      this.load(number);
      return this.packing.hasKey(key);
    };
  }

  /** Flows that are swapped out. */
  get size(): number {
    return this.store.size;
  }

  /** The number of the flow that has been silent longest of those in this list (OVER, OPEN), or NO_FLOW. */
  head(list: number): number {
    return this.store.head(list);
  }

  /** When the flow with this number had its last segment, microseconds since the epoch. */
  lastAt(number: number): number {
    return this.store.atOf(number);
  }

  /** Brings a flow back into the table. */
  in(number: number): number {
    const { store } = this;
    const flow = this.flows.table.swapIn(number, store.hashOf(number));
    this.load(number);
    this.packing.unpack(flow, store.atOf(number));
    if (store.listOf(number) === OVER) this.due.add(flow);
    store.remove(number);
    this.loaded = NO_FLOW;
    return flow;
  }

  /** Swaps a flow out, not `keep`, one that is over or has been idle for long. False where none can be. */
  outIdlest(keep: number): boolean {
    if (!this.isOn || !this.store.room) return false;
    const over = this.due.head;
    const flow = over >= 0 && over !== keep && this.isSwappable(over) ? over : this.idlest(keep);
    if (flow === NO_FLOW) return false;
    this.out(flow);
    return true;
  }

  private load(number: number): void {
    if (number === this.loaded) return;
    this.store.read(number);
    this.packing.load(this.store.bytes);
    this.loaded = number;
  }

  private out(flow: number): void {
    this.loaded = NO_FLOW;
    const { table, trails } = this.flows;
    const isQueued = this.flows.hasStatus(flow, QUEUED);
    if (isQueued) this.due.remove(flow);
    // One that was over, and has gone on since, may still be in the queue.
    const list = isQueued && isOver(table, flow) ? OVER : OPEN;
    const length = this.packing.pack(flow, this.store.bytes);
    const hash = table.flow[flow * FLOW_WIDTH + HASH]!;
    const number = this.store.put(length, list, this.flows.lastAt(flow), hash);
    trails.release(table, flow);
    table.swapOut(flow, number);
  }

  /**
   * The first flow, from where the last search ended, that has had no segment since it was passed before
   * (the clock of page replacement); after a few the idlest of these.
   */
  private idlest(keep: number): number {
    const { table, clock } = this.flows;
    let found = NO_FLOW;
    for (let looked = 0, seen = 0; looked < LOOKS && seen < SAMPLE; looked++) {
      this.hand++;
      if (this.hand >= table.used) {
        this.hand = 0;
        this.lapBeforeAt = this.lapAt;
        this.lapAt = clock.now;
      }
      if (!table.inUse(this.hand) || this.hand === keep || !this.isSwappable(this.hand)) continue;
      seen++;
      if (found === NO_FLOW || this.flows.lastAt(this.hand) < this.flows.lastAt(found)) found = this.hand;
      if (this.flows.lastAt(found) < this.lapBeforeAt) break;
    }
    return found;
  }

  /** Flows of the same addresses and ports hang together as long as the fate of the older one is open. */
  private isSwappable(flow: number): boolean {
    return !this.flows.hasStatus(flow, UNLINKED) && this.flows.previousOf(flow) === NO_FLOW;
  }
}
