import { randomInt } from 'node:crypto';
import { FIN, type IcmpError, RST, type Segment, SYN } from '../decode/segment.ts';
import { Expiry } from './expiry.ts';
import { isDuplicate } from './follow/duplicate.ts';
import { follow } from './follow/follow.ts';
import { followFast } from './follow/follow-fast.ts';
import { noteIcmpError } from './follow/icmp.ts';
import { guessRoles } from './follow/roles.ts';
import { writeFlip } from './follow/zeek.ts';
import type { OnFlows } from './format/batch.ts';
import { type TimeWaitRule, timeWaitRule } from './judge/profile.ts';
import { Reuse } from './reuse.ts';
import { BatchWriter } from './rows/batch-writer.ts';
import { countEndpoints, type EndpointCount } from './rows/endpoint-counts.ts';
import { LiveFlows } from './rows/live-flows.ts';
import type { FileSigns } from './table/file-signs.ts';
import { Flows, NO_FLOW } from './table/flows.ts';
import { digestOf } from './table/recent-segments.ts';
import { SWAPPED_OUT } from './table/table.ts';
import { CLIENT_IS_LOW, FLOW_WIDTH, PREVIOUS, ROLE_SHIFT, UNLINKED } from './table/table-layout.ts';

/** Flows expired between two yields of a snapshot: after a pause many are due at once. */
const EXPIRED_PER_STEP = 512;

/** The receiver of a tracker's flows, and the bounds of the tracker. */
export type TrackerOptions = CommonOptions & (OfflineOptions | LiveOptions);

interface CommonOptions {
  /** Takes the finished flows, batch by batch. */
  onFlows: OnFlows;
  /** Flows held at most; beyond that the longest idle ones are evicted. Default 2^20. */
  capacity?: number;
  /** Seed of the hash; give none but in tests. */
  seed?: number;
  /** The length of TIME_WAIT to expect. Default 60 s, Linux. */
  timeWait?: TimeWaitRule;
}

interface OfflineOptions {
  live?: false;
  /** Flows kept in the table at most, the others being swapped out. Default: all. */
  ready?: number;
}

/** A live flow has its number by its place in the table: it is never swapped out. */
interface LiveOptions {
  /** Flows are watched while they are open: see snapshot(). */
  live: true;
  ready?: never;
}

/**
 * Segments in, finished flows out. Finds the flow of each segment and follows it (follow.ts) until it
 * expires (expiry.ts); a reused 4-tuple is handled by reuse.ts.
 */
export class Tracker {
  private readonly flows: Flows;
  private readonly batches: BatchWriter;
  private readonly expiry: Expiry;
  private readonly reuse: Reuse;
  /** The states of the flows now, in a live capture. */
  readonly live: LiveFlows | undefined;
  private frameBase = 0;

  constructor(options: TrackerOptions) {
    const { onFlows, capacity = 1 << 20, seed = randomInt(2 ** 32 - 1), timeWait = timeWaitRule() } = options;
    this.flows = new Flows(capacity, options.ready ?? capacity, seed);
    this.live = options.live ? new LiveFlows(capacity) : undefined;
    this.batches = new BatchWriter(this.flows, timeWait, onFlows, this.live);
    this.expiry = new Expiry(this.flows, this.batches, timeWait.longestUs, seed);
    this.reuse = new Reuse(this.flows, this.expiry);
    this.flows.onTrailsFull = (flow) => this.expiry.makeRoom(flow);
  }

  /** Flows made into rows so far. */
  get written(): number {
    return this.batches.written;
  }

  /** Flows that are held now. */
  get watched(): number {
    return this.expiry.held;
  }

  /** The latest capture time, microseconds since the epoch; 0 before the first. */
  get now(): number {
    return this.flows.clock.now;
  }

  /** How often an acknowledgment covered segments that were not captured. */
  get gaps(): number {
    return this.flows.missed.reduce((sum, count) => sum + count, 0);
  }

  /** What the segments show of how complete each file is: `missed` as `gaps`, by file. */
  get quality(): { missed: number[]; signs: FileSigns[]; filter: number } {
    const { missed, signs, kinds } = this.flows;
    return { missed, signs, filter: kinds.filter };
  }

  /** In a live capture: how many endpoints are in these states (codes), by address. */
  endpointCounts(states: readonly number[]): EndpointCount[] {
    return this.live === undefined ? [] : countEndpoints(this.flows, this.live, states);
  }

  /** The next segments come from this file, by its index in the run, after this many frames of earlier files. */
  startFile(file: number, frameBase: number): void {
    this.flows.startFile(file);
    this.frameBase = frameBase;
  }

  /** A segment of a flow that another tracker follows: time goes on, and it counts as captured. */
  passBy(s: Segment): void {
    s.frame += this.frameBase;
    this.flows.see(s, false);
    if ((s.flags & SYN) !== 0) this.flows.translations.see(s, false);
  }

  /** Takes the next segment, and turns its frame number into the running one over all files. */
  segment(s: Segment): void {
    s.frame += this.frameBase;
    const { flows, live } = this;
    flows.see(s, true);
    const { table, recent } = flows;
    const digest = digestOf(s);
    const isPlain = (s.flags & (SYN | FIN | RST)) === 0;
    if (!isPlain && (s.flags & SYN) !== 0) flows.translations.see(s, true);
    let flow = table.find(s);
    if (flow === SWAPPED_OUT) flow = this.expiry.swapIn(table.foundSwapped);
    if (flow >= 0) {
      const me = this.senderIn(flow);
      const hasPrevious = table.flow[flow * FLOW_WIDTH + PREVIOUS] !== 0;
      const isUsual = isPlain && !hasPrevious && flows.isEstablished(flow);
      if (isUsual && followFast(table, me, s, digest)) {
        if (recent.isUsed) recent.keep(s, digest);
        live?.touchCounts(flow);
        return;
      }
      if (!isUsual && this.expiry.expireIfDue(flow)) {
        flow = NO_FLOW;
      } else if (isDuplicate(flows, me, s, digest)) {
        live?.touchCounts(flow);
        return;
      } else if ((s.flags & (SYN | RST)) !== 0 || hasPrevious) {
        flow = this.reuse.place(me, s);
        if (flow === NO_FLOW) {
          if (recent.isUsed) recent.keep(s, digest);
          return;
        }
      }
    }
    if (recent.isUsed) recent.keep(s, digest);
    if (flow === NO_FLOW) flow = this.begin(s);
    const wasEstablished = flows.isEstablished(flow);
    follow(flows, this.senderIn(flow), s, digest);
    this.expiry.touch(flow);
    if (live !== undefined) {
      const onlyCounts = isPlain && wasEstablished && flows.isEstablished(flow);
      this.noteChange(live, flow, onlyCounts);
    }
    if (table.flow[flow * FLOW_WIDTH + PREVIOUS] !== 0) this.reuse.settlePrevious(flow);
  }

  /**
   * Takes an ICMP error and the segment that it quotes, of a flow that this tracker follows; time has to go on with
   * passTime(), for all trackers alike. If no such segment is under way, nothing changes.
   */
  icmpError(error: IcmpError, quoted: Segment): void {
    quoted.frame += this.frameBase;
    const { table } = this.flows;
    let flow = table.find(quoted);
    if (flow === SWAPPED_OUT) flow = this.expiry.swapIn(table.foundSwapped);
    if (flow === NO_FLOW || this.expiry.expireIfDue(flow)) return;
    if (!noteIcmpError(this.flows, this.senderIn(flow), quoted, error)) {
      flow = this.flows.previousOf(flow);
      if (flow === NO_FLOW || !noteIcmpError(this.flows, this.senderIn(flow), quoted, error)) return;
    }
    this.live?.touch(flow);
  }

  /**
   * In a live capture: makes rows of the flows that have changed since the last snapshot, as they are at
   * `now` (microseconds since the epoch), and hands them on. Flows with changes in counts only come last;
   * once there is no time left, they wait for the next snapshot. Yields after each batch, so that the
   * receiver can catch up.
   */
  *snapshot(now: number, hasTime = () => true): Generator<void> {
    const { live, expiry, flows } = this;
    if (live === undefined) return;
    flows.clock.tick(now);
    while (expiry.expireDue(EXPIRED_PER_STEP)) yield;
    for (const flow of live.takeChanged(flows.clock.now)) {
      if (flows.table.inUse(flow) && this.batches.write(flow, flows.clock.now, false, true)) yield;
    }
    for (let flow = live.takeBusy(); flow >= 0; flow = live.takeBusy()) {
      if (!flows.table.inUse(flow) || !this.batches.write(flow, flows.clock.now, false, true)) continue;
      yield;
      if (!hasTime()) break;
    }
    this.batches.flush();
  }

  /** Advances the clock to `now` (microseconds since the epoch), also without segments. */
  passTime(now: number): void {
    this.flows.clock.tick(now);
    this.expiry.expireDue();
  }

  /** In a live capture: writes all rows again, with new addresses and numbers, for another database. */
  restart(): void {
    const { table } = this.flows;
    this.batches.restart();
    this.live?.restart();
    for (let flow = 0; flow < table.used; flow++) if (table.inUse(flow)) this.live?.touch(flow);
  }

  private noteChange(live: LiveFlows, flow: number, onlyCounts: boolean): void {
    const previous = this.flows.previousOf(flow);
    if (previous !== NO_FLOW) live.touch(previous);
    if (onlyCounts) live.touchCounts(flow);
    else live.touch(flow);
  }

  /**
   * Ends the capture: makes rows of all flows and hands on the last batch. Yields after each batch, so that
   * the receiver can catch up. The tracker cannot be used afterwards.
   */
  *finish(): Generator<void> {
    const { table } = this.flows;
    do {
      for (const flow of this.expiry.swappedIn()) if (this.finishAtEnd(flow)) yield;
      for (let flow = 0; flow < table.used; flow++) {
        if (this.isToWrite(flow) && this.reuse.hasPendingSyn(flow) && this.finishAtEnd(flow)) yield;
      }
      // A flow that starts at the very end may have caused others to be swapped out.
    } while (this.expiry.hasSwapped);
    // The rest need not be unlinked: the table is discarded.
    for (let flow = 0; flow < table.used; flow++) {
      if (this.isToWrite(flow) && this.writeAtEnd(flow)) yield;
    }
    this.batches.flush();
  }

  /** The flow is in the table, and not written together with the one that has replaced it. */
  private isToWrite(flow: number): boolean {
    return this.flows.table.inUse(flow) && !this.flows.hasStatus(flow, UNLINKED);
  }

  /** Finishes a flow, and one that its noted SYN starts. True if that handed a batch on. */
  private finishAtEnd(flow: number): boolean {
    const last = this.reuse.startPendingAtEnd(flow);
    return this.expiry.finish(last, this.expiry.watchedUntil(last), false);
  }

  /** Makes a row of a flow, and of the one that it has replaced. True if that handed a batch on. */
  private writeAtEnd(flow: number): boolean {
    const until = this.expiry.watchedUntil(flow);
    const previous = this.flows.previousOf(flow);
    const handed = previous !== NO_FLOW && this.batches.write(previous, until, false);
    return this.batches.write(flow, until, false) || handed;
  }

  /** Starts a flow with its first segment. */
  private begin(s: Segment): number {
    this.expiry.expireDue();
    this.expiry.makeRoom(NO_FLOW);
    const { flows } = this;
    const flow = flows.table.add(s);
    flows.start(flow, s);
    const roles = guessRoles(s);
    if (roles.clientIsSource === flows.table.sourceIsLow) flows.setStatus(flow, CLIENT_IS_LOW);
    flows.setStatus(flow, roles.evidence << ROLE_SHIFT);
    if (!roles.clientIsSource) writeFlip(flows, flow);
    return flow;
  }

  /** The endpoint of a flow that sent the segment which `find` looked for. */
  private senderIn(flow: number): number {
    return flow * 2 + (this.flows.table.sourceIsLow === this.flows.hasStatus(flow, CLIENT_IS_LOW) ? 0 : 1);
  }
}
