import { Swap } from './packing/swap.ts';
import { OPEN, OVER } from './packing/swap-store.ts';
import type { BatchWriter } from './rows/batch-writer.ts';
import { DueQueue } from './table/due-queue.ts';
import { isOver } from './table/facts.ts';
import { type Flows, NO_FLOW } from './table/flows.ts';
import { CLOSING_BEGUN, FLOW_WIDTH, PREVIOUS, QUEUED, STATUS, UNLINKED } from './table/table-layout.ts';

/** A flow that is over is watched on for late segments and for the next SYN: so many times TIME_WAIT. */
const TIME_WAITS_WATCHED = 2;
/** Flows let go for each new one: after a pause all that are due would be more than the store can take at once. */
const DUE_AT_ONCE = 4;
/** Flows looked at to find a stale one. */
const SAMPLE = 16;

/** Lets flows go, each as a row: long enough after they are over, or early where memory is full. */
export class Expiry {
  private readonly flows: Flows;
  private readonly batches: BatchWriter;
  private readonly due: DueQueue;
  private readonly swap: Swap;
  private readonly watchUs: number;
  private dice: number;

  constructor(flows: Flows, batches: BatchWriter, timeWaitUs: number, seed: number) {
    this.flows = flows;
    this.batches = batches;
    this.due = new DueQueue(flows.table);
    this.swap = new Swap(flows, this.due);
    this.watchUs = timeWaitUs * TIME_WAITS_WATCHED;
    this.dice = seed | 1;
  }

  /** A flow has had a segment: where it is over, it is let go when it has had none for long enough. */
  touch(flow: number): void {
    const status = this.flows.table.flow[flow * FLOW_WIDTH + STATUS]!;
    if ((status & QUEUED) !== 0) this.due.touch(flow);
    else if ((status & (CLOSING_BEGUN | UNLINKED)) === CLOSING_BEGUN && isOver(this.flows.table, flow))
      this.due.add(flow);
  }

  /** Flows that are held. */
  get held(): number {
    return this.flows.table.size + this.swap.size;
  }

  /** Some flows are swapped out. */
  get hasSwapped(): boolean {
    return this.swap.size > 0;
  }

  /** Brings a flow back that was swapped out, by its number. */
  swapIn(number: number): number {
    const flow = this.swap.in(number);
    this.makePlace(flow);
    return flow;
  }

  /** A newer flow is to replace this one, which goes with that one, and not before. */
  keep(flow: number): void {
    if (this.flows.hasStatus(flow, QUEUED)) this.due.remove(flow);
  }

  /** Lets go of some of what is due; true where there may be more. */
  letDueGo(most = DUE_AT_ONCE): boolean {
    for (let n = 0; n < most; n++) {
      const swapped = this.swap.head(OVER);
      if (swapped !== NO_FLOW) {
        const until = this.swap.lastAt(swapped) + this.watchUs;
        if (until >= this.flows.clock.now) return false;
        this.letGo(this.swap.in(swapped), until, false);
        continue;
      }
      const flow = this.due.head;
      if (flow < 0 || !this.isDue(flow)) return false;
      if (!this.letGoWhereDue(flow)) this.due.remove(flow);
    }
    return true;
  }

  /**
   * Lets a flow go if it is due; true where it did. However late that is asked, the flow was watched for
   * as long as it was to be: what else there is in the capture makes no difference.
   */
  letGoWhereDue(flow: number): boolean {
    if (!this.isToGo(flow)) return false;
    this.letGo(flow, this.watchedUntil(flow), false);
    return true;
  }

  /** Until when a flow was watched, if it is let go now; microseconds since the epoch. */
  watchedUntil(flow: number): number {
    return this.isToGo(flow) ? this.flows.lastAt(flow) + this.watchUs : this.flows.clock.now;
  }

  /** A flow is let go at its next chance. */
  isToGo(flow: number): boolean {
    return this.isDue(flow) && isOver(this.flows.table, flow);
  }

  private isDue(flow: number): boolean {
    return (
      this.flows.hasStatus(flow, QUEUED) && this.flows.lastAt(flow) + this.watchUs < this.flows.clock.now
    );
  }

  /**
   * Sees to it that one flow more may be held, and segments of trails: where memory is full flows other
   * than `keep` (or NO_FLOW) are let go early, those that are over, else stale ones.
   */
  makeRoom(keep: number): void {
    if (this.held >= this.flows.table.capacity) this.evict(keep);
    this.makePlace(keep);
  }

  /** Keeps the table from being crowded, where there are flows that may be swapped out, and the trails from being full. */
  private makePlace(keep: number): void {
    const { flows, swap } = this;
    while (flows.isCrowded && swap.outIdlest(keep));
    while (!flows.trails.room && this.evictResident(keep));
  }

  /** All flows that are swapped out, one after the other back in the table; each has to be let go before the next. */
  *swappedIn(): Generator<number> {
    for (const list of [OVER, OPEN]) {
      for (let next = this.swap.head(list); next !== NO_FLOW; next = this.swap.head(list))
        yield this.swap.in(next);
    }
  }

  /** Lets a flow other than `keep` go early, best one that is over. */
  private evict(keep: number): void {
    const { swap } = this;
    const isResident = swap.head(OVER) === NO_FLOW && (this.due.head >= 0 || swap.size === 0);
    if (isResident && this.evictResident(keep)) return;
    if (swap.size > 0) this.evictNow(swap.in(this.stalestSwapped));
  }

  /** First of those that are over. */
  private get stalestSwapped(): number {
    const over = this.swap.head(OVER);
    return over === NO_FLOW ? this.swap.head(OPEN) : over;
  }

  private evictResident(keep: number): boolean {
    const head = this.due.head;
    const flow = head >= 0 && this.mayGo(head, keep) ? head : this.stalest(keep);
    if (flow !== NO_FLOW) this.evictNow(flow);
    return flow !== NO_FLOW;
  }

  private evictNow(flow: number): void {
    if (!this.letGoWhereDue(flow)) this.letGo(flow, this.flows.clock.now, true);
  }

  /** Lets the flow go that this one has replaced, as it was watched until `now`. */
  letPreviousGo(flow: number, now: number, evicted = false): boolean {
    const previous = this.flows.previousOf(flow);
    if (previous === NO_FLOW) return false;
    this.flows.table.flow[flow * FLOW_WIDTH + PREVIOUS] = 0;
    return this.letGo(previous, now, evicted);
  }

  /** Makes a flow, and the one before it first, a row and gives its place back. True where that has handed a batch on. */
  letGo(flow: number, now: number, evicted: boolean): boolean {
    const { table, trails } = this.flows;
    const handed = this.letPreviousGo(flow, now, evicted);
    const full = this.batches.write(flow, now, evicted);
    if (this.flows.hasStatus(flow, QUEUED)) this.due.remove(flow);
    if (!this.flows.hasStatus(flow, UNLINKED)) table.unlink(flow);
    trails.release(table, flow);
    table.release(flow);
    return full || handed;
  }

  /** The longest silent among some flows taken at random, or NO_FLOW. Where none of these may go, any that may. */
  private stalest(keep: number): number {
    const { table } = this.flows;
    let found = NO_FLOW;
    for (let tries = 0; tries < SAMPLE; tries++) {
      this.dice = (Math.imul(this.dice, 1_664_525) + 1_013_904_223) >>> 0;
      const flow = Math.floor((this.dice / 2 ** 32) * table.used);
      if (!table.inUse(flow) || !this.mayGo(flow, keep)) continue;
      if (found < 0 || this.flows.lastAt(flow) < this.flows.lastAt(found)) found = flow;
    }
    for (let flow = 0; flow < table.used && found < 0; flow++) {
      if (table.inUse(flow) && this.mayGo(flow, keep)) found = flow;
    }
    return found;
  }

  /** One that a newer flow has replaced goes only with that one, which takes it along. */
  private mayGo(flow: number, keep: number): boolean {
    if (flow === keep || this.flows.hasStatus(flow, UNLINKED)) return false;
    return keep === NO_FLOW || this.flows.previousOf(flow) !== keep;
  }
}
