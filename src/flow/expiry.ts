import type { BatchWriter } from './batch-writer.ts';
import { DueQueue } from './due-queue.ts';
import { isOver } from './facts.ts';
import { type Flows, NO_FLOW } from './flows.ts';
import {
  CLOSING_BEGUN,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  LAST_AT,
  PREVIOUS,
  QUEUED,
  STATUS,
  UNLINKED,
} from './table-layout.ts';

/** A flow that is over is watched on for late segments and for the next SYN: so many times TIME_WAIT. */
const TIME_WAITS_WATCHED = 2;
/** Flows let go for each new one: after a pause all that are due would be more than the store can take at once. */
const DUE_AT_ONCE = 4;
/** A leap of the capture's clock that one segment alone cannot make: a day. */
const LEAP_US = 86_400_000_000;
/** Flows looked at to find a stale one. */
const SAMPLE = 16;

/** Lets flows go, each as a row: long enough after they are over, or early where memory is full. */
export class Expiry {
  private readonly flows: Flows;
  private readonly batches: BatchWriter;
  private readonly due: DueQueue;
  private readonly watchUs: number;
  private latest = 0;
  /** A time far ahead of the latest, which a second one has to confirm. */
  private doubted = 0;
  private dice: number;

  constructor(flows: Flows, batches: BatchWriter, timeWaitUs: number, seed: number) {
    this.flows = flows;
    this.batches = batches;
    this.due = new DueQueue(flows.table);
    this.watchUs = timeWaitUs * TIME_WAITS_WATCHED;
    this.dice = seed | 1;
  }

  /** The latest capture time: the clock's jumps back do not count. */
  get now(): number {
    return this.latest;
  }

  /** The next segment was captured at this time. One alone that is far ahead is a damaged timestamp. */
  tick(timeUs: number): void {
    if (timeUs <= this.latest) return;
    if (timeUs - this.latest > LEAP_US && this.latest > 0 && Math.abs(timeUs - this.doubted) > LEAP_US) {
      this.doubted = timeUs;
    } else {
      this.latest = timeUs;
    }
  }

  /** A flow has had a segment: where it is over, it is let go when it has had none for long enough. */
  touch(flow: number): void {
    const status = this.flows.table.flow[flow * FLOW_WIDTH + STATUS]!;
    if ((status & QUEUED) !== 0) this.due.touch(flow);
    else if ((status & (CLOSING_BEGUN | UNLINKED)) === CLOSING_BEGUN && isOver(this.flows.table, flow))
      this.due.add(flow);
  }

  /** A newer flow is to replace this one, which goes with that one, and not before. */
  keep(flow: number): void {
    if (this.flows.hasStatus(flow, QUEUED)) this.due.remove(flow);
  }

  /** Lets go of some of what is due; true where there may be more. */
  letDueGo(most = DUE_AT_ONCE): boolean {
    for (let n = 0; n < most; n++) {
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
    return this.isToGo(flow) ? this.lastAt(flow) + this.watchUs : this.latest;
  }

  /** A flow is let go at its next chance. */
  isToGo(flow: number): boolean {
    return this.isDue(flow) && isOver(this.flows.table, flow);
  }

  private isDue(flow: number): boolean {
    return this.flows.hasStatus(flow, QUEUED) && this.lastAt(flow) + this.watchUs < this.latest;
  }

  /**
   * Where the table or the trails are full, lets a flow other than `keep` (or NO_FLOW) go early: one that is
   * over, else a stale one.
   */
  makeRoom(keep: number): void {
    const { table, trails } = this.flows;
    if (table.size < table.capacity && trails.room) return;
    const head = this.due.head;
    const flow = head >= 0 && this.mayGo(head, keep) ? head : this.stalest(keep);
    if (flow >= 0 && !this.letGoWhereDue(flow)) this.letGo(flow, this.latest, true);
  }

  /** Lets the flow go that this one has replaced, as it was watched until `now`. */
  letPreviousGo(flow: number, now: number, evicted = false): void {
    const previous = this.flows.previousOf(flow);
    if (previous === NO_FLOW) return;
    this.flows.table.flow[flow * FLOW_WIDTH + PREVIOUS] = 0;
    this.letGo(previous, now, evicted);
  }

  /** Makes a flow a row and gives its place back, the one before it first. */
  private letGo(flow: number, now: number, evicted: boolean): void {
    const { table, trails } = this.flows;
    this.letPreviousGo(flow, now, evicted);
    this.batches.write(flow, now, evicted);
    if (this.flows.hasStatus(flow, QUEUED)) this.due.remove(flow);
    if (!this.flows.hasStatus(flow, UNLINKED)) table.unlink(flow);
    trails.release(table, flow);
    table.release(flow);
  }

  /** The longest silent among some flows taken at random, or NO_FLOW. Where none of these may go, any that may. */
  private stalest(keep: number): number {
    const { table } = this.flows;
    let found = NO_FLOW;
    for (let tries = 0; tries < SAMPLE; tries++) {
      this.dice = (Math.imul(this.dice, 1_664_525) + 1_013_904_223) >>> 0;
      const flow = Math.floor((this.dice / 2 ** 32) * table.used);
      if (!table.inUse(flow) || !this.mayGo(flow, keep)) continue;
      if (found < 0 || this.lastAt(flow) < this.lastAt(found)) found = flow;
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

  private lastAt(flow: number): number {
    return this.flows.table.flowTime[flow * FLOW_TIME_WIDTH + LAST_AT]!;
  }
}
