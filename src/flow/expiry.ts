// src/flow, segments to flows. Its rooms import only from those before them:
// format < table < follow, packing < judge < rows < these files
// format: a row's columns and words; table: the flows' memory; follow: what each segment shows; packing: flows
// swapped out; judge: figure 5, the kind of close, TIME_WAIT; rows: a finished flow as a row. On top tracker.ts, which
// finds the flow of a segment, with reuse.ts and expiry.ts.

import { Swap } from './packing/swap.ts';
import { OPEN, OVER } from './packing/swap-store.ts';
import type { BatchWriter } from './rows/batch-writer.ts';
import { DueQueue } from './table/due-queue.ts';
import { isOver } from './table/facts.ts';
import { type Flows, NO_FLOW } from './table/flows.ts';
import { CLOSING_BEGUN, FLOW_WIDTH, PREVIOUS, QUEUED, STATUS, UNLINKED } from './table/table-layout.ts';

/** How long a flow that is over is watched for late segments and for the next SYN, in TIME_WAITs. */
const TIME_WAITS_WATCHED = 2;
/** Flows expired for each new one: after a pause, all that are due would be more than the store can take at once. */
const DUE_AT_ONCE = 4;
/** Flows sampled to find one that has been idle for long. */
const SAMPLE = 16;

/**
 * Expires flows that are over when their watch time has passed, and evicts flows early when memory is full.
 * Each leaves as a row.
 */
export class Expiry {
  private readonly flows: Flows;
  private readonly batches: BatchWriter;
  private readonly due: DueQueue;
  private readonly swap: Swap;
  private readonly watchUs: number;
  private random: number;

  constructor(flows: Flows, batches: BatchWriter, timeWaitUs: number, seed: number) {
    this.flows = flows;
    this.batches = batches;
    this.due = new DueQueue(flows.table);
    this.swap = new Swap(flows, this.due);
    this.watchUs = timeWaitUs * TIME_WAITS_WATCHED;
    this.random = seed | 1;
  }

  /** A flow has had a segment: if it is over, its watch time starts again. */
  touch(flow: number): void {
    const status = this.flows.table.flow[flow * FLOW_WIDTH + STATUS]!;
    if ((status & QUEUED) !== 0) this.due.touch(flow);
    else if ((status & (CLOSING_BEGUN | UNLINKED)) === CLOSING_BEGUN && isOver(this.flows.table, flow))
      this.due.add(flow);
  }

  /** Flows held, those swapped out included. */
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
    this.makeRoomInTable(flow);
    return flow;
  }

  /** Takes a replaced flow out of the queue: from now on it is finished with, or by, its successor. */
  holdForSuccessor(flow: number): void {
    if (this.flows.hasStatus(flow, QUEUED)) this.due.remove(flow);
  }

  /** Expires up to `most` flows that are due; true if there may be more. */
  expireDue(most = DUE_AT_ONCE): boolean {
    for (let n = 0; n < most; n++) {
      const swapped = this.swap.head(OVER);
      if (swapped !== NO_FLOW) {
        const until = this.swap.lastAt(swapped) + this.watchUs;
        if (until >= this.flows.clock.now) return false;
        this.finish(this.swap.in(swapped), until, false);
        continue;
      }
      const flow = this.due.head;
      if (flow < 0 || !this.isDue(flow)) return false;
      if (!this.expireIfDue(flow)) this.due.remove(flow);
    }
    return true;
  }

  /**
   * Expires a flow if it is due; true if it was. However late this is called, the flow counts as watched for
   * its watch time only, so other flows of the capture make no difference to it.
   */
  expireIfDue(flow: number): boolean {
    if (!this.isExpired(flow)) return false;
    this.finish(flow, this.watchedUntil(flow), false);
    return true;
  }

  /** Until when a flow was watched, if it is finished now; microseconds since the epoch. */
  watchedUntil(flow: number): number {
    return this.isExpired(flow) ? this.flows.lastAt(flow) + this.watchUs : this.flows.clock.now;
  }

  /** The watch time of a flow is over. */
  isExpired(flow: number): boolean {
    return this.isDue(flow) && isOver(this.flows.table, flow);
  }

  private isDue(flow: number): boolean {
    return (
      this.flows.hasStatus(flow, QUEUED) && this.flows.lastAt(flow) + this.watchUs < this.flows.clock.now
    );
  }

  /**
   * Makes room for one more flow and for entries of trails: when memory is full, evicts flows other than
   * `keep` (or NO_FLOW), first those that are over, then those that have been idle longest.
   */
  makeRoom(keep: number): void {
    if (this.held >= this.flows.table.capacity) this.evict(keep);
    this.makeRoomInTable(keep);
  }

  /** Swaps flows out while the table is crowded, and evicts flows while the trails are full. */
  private makeRoomInTable(keep: number): void {
    const { flows, swap } = this;
    while (flows.isCrowded && swap.outIdlest(keep));
    while (!flows.trails.room && this.evictResident(keep));
  }

  /** All flows that are swapped out, each back in the table; it has to be finished before the next. */
  *swappedIn(): Generator<number> {
    for (const list of [OVER, OPEN]) {
      for (let next = this.swap.head(list); next !== NO_FLOW; next = this.swap.head(list))
        yield this.swap.in(next);
    }
  }

  /** Evicts a flow other than `keep`, if possible one that is over. */
  private evict(keep: number): void {
    const { swap } = this;
    const isResident = swap.head(OVER) === NO_FLOW && (this.due.head >= 0 || swap.size === 0);
    if (isResident && this.evictResident(keep)) return;
    if (swap.size > 0) this.evictNow(swap.in(this.idlestSwapped));
  }

  /** The longest idle flow that is swapped out, if possible one that is over. */
  private get idlestSwapped(): number {
    const over = this.swap.head(OVER);
    return over === NO_FLOW ? this.swap.head(OPEN) : over;
  }

  private evictResident(keep: number): boolean {
    const head = this.due.head;
    const flow = head >= 0 && this.isEvictable(head, keep) ? head : this.idlest(keep);
    if (flow !== NO_FLOW) this.evictNow(flow);
    return flow !== NO_FLOW;
  }

  private evictNow(flow: number): void {
    if (!this.expireIfDue(flow)) this.finish(flow, this.flows.clock.now, true);
  }

  /** Finishes the flow that this one has replaced, which was watched until `now`. */
  finishPrevious(flow: number, now: number, evicted = false): boolean {
    const previous = this.flows.previousOf(flow);
    if (previous === NO_FLOW) return false;
    this.flows.table.flow[flow * FLOW_WIDTH + PREVIOUS] = 0;
    return this.finish(previous, now, evicted);
  }

  /** Makes a row of a flow, and of its previous one first, and frees its place. True if that handed a batch on. */
  finish(flow: number, now: number, evicted: boolean): boolean {
    const { table, trails } = this.flows;
    const handed = this.finishPrevious(flow, now, evicted);
    const full = this.batches.write(flow, now, evicted);
    if (this.flows.hasStatus(flow, QUEUED)) this.due.remove(flow);
    if (!this.flows.hasStatus(flow, UNLINKED)) table.unlink(flow);
    trails.release(table, flow);
    table.release(flow);
    return full || handed;
  }

  /** The longest idle of some flows taken at random, or else any that is evictable, or NO_FLOW. */
  private idlest(keep: number): number {
    const { table } = this.flows;
    let found = NO_FLOW;
    for (let tries = 0; tries < SAMPLE; tries++) {
      this.random = (Math.imul(this.random, 1_664_525) + 1_013_904_223) >>> 0;
      const flow = Math.floor((this.random / 2 ** 32) * table.used);
      if (!table.inUse(flow) || !this.isEvictable(flow, keep)) continue;
      if (found < 0 || this.flows.lastAt(flow) < this.flows.lastAt(found)) found = flow;
    }
    for (let flow = 0; flow < table.used && found < 0; flow++) {
      if (table.inUse(flow) && this.isEvictable(flow, keep)) found = flow;
    }
    return found;
  }

  /** A flow that a newer one has replaced leaves only together with that one. */
  private isEvictable(flow: number, keep: number): boolean {
    if (flow === keep || this.flows.hasStatus(flow, UNLINKED)) return false;
    return keep === NO_FLOW || this.flows.previousOf(flow) !== keep;
  }
}
