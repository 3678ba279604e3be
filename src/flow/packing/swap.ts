import type { DueQueue } from '../table/due-queue.ts';
import { isOver } from '../table/facts.ts';
import { type Flows, NO_FLOW } from '../table/flows.ts';
import { FLOW_WIDTH, HASH, QUEUED, UNLINKED } from '../table/table-layout.ts';
import { FlowPacking } from './flow-packing.ts';
import { OPEN, OVER, SwapStore } from './swap-store.ts';

/** Chunks of the store per flow: usually one takes three to six. */
const CHUNKS_A_FLOW = 8;
/** Flows sampled at most to find one that has been idle for long, and looked at to find one that is swappable. */
const SAMPLE = 16;
const LOOKS = 64;

/**
 * Swaps flows out when the table is crowded: first those that are over, then idle ones. They are packed
 * (flow-packing.ts) until their next segment. Off if the table is to hold all flows.
 */
export class Swap {
  private readonly flows: Flows;
  private readonly due: DueQueue;
  private readonly store: SwapStore;
  private readonly packing: FlowPacking;
  private readonly isOn: boolean;
  /** The flow that `packing` has loaded. */
  private loaded = NO_FLOW;
  /** The clock hand: the flow looked at last. When its last two laps started. */
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

  /** The number of the longest idle flow of a list (OVER, OPEN), or NO_FLOW. */
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

  /** Swaps out a flow other than `keep` that is over or has been idle for long. False if none can be. */
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
    // A flow that was over and has been continued may still be in the queue.
    const list = isQueued && isOver(table, flow) ? OVER : OPEN;
    const length = this.packing.pack(flow, this.store.bytes);
    const hash = table.flow[flow * FLOW_WIDTH + HASH]!;
    const number = this.store.put(length, list, this.flows.lastAt(flow), hash);
    trails.release(table, flow);
    table.swapOut(flow, number);
  }

  /**
   * The next flow that has had no segment since the clock hand passed it before (the clock algorithm of page
   * replacement), or the longest idle of a few.
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

  /** Flows of a reused 4-tuple stay together until it is known what became of the older one. */
  private isSwappable(flow: number): boolean {
    return !this.flows.hasStatus(flow, UNLINKED) && this.flows.previousOf(flow) === NO_FLOW;
  }
}
