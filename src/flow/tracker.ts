import { randomInt } from 'node:crypto';
import { ACK, newSegment, RST, type Segment, SYN } from '../decode/segment.ts';
import { seqAdd } from '../decode/sequence.ts';
import type { OnFlows } from './batch.ts';
import { DueQueue } from './due-queue.ts';
import { factOf, isSettled, RCV_FIN, RCV_SYN, SND_FIN, SND_SYN } from './facts.ts';
import { Flows, meaning } from './flows.ts';
import { follow, isOver } from './follow.ts';
import { guessRoles, ROLE_BY_SYN } from './roles.ts';
import { RowWriter } from './row.ts';
import {
  AGAIN,
  AGAIN_ISN,
  BASE,
  CLIENT_IS_LOW,
  CLOSING_BEGUN,
  FILE,
  FIRST_AT,
  FIRST_FRAME,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  HAS_SYN,
  LAST_AT,
  PREVIOUS,
  QUEUED,
  REOPENED_AT,
  ROLE_SHIFT,
  SEGMENTS,
  SENT_PLAIN,
  SND_NXT,
  STATUS,
  UNLINKED,
} from './table.ts';
import { writeFlip } from './zeek.ts';

export interface TrackerOptions {
  /** Takes the finished flows, batch by batch. */
  onFlows: OnFlows;
  /** Most flows held at once, a power of two; beyond it the stalest are let go early. Default 2^20. */
  capacity?: number;
  /** Seed of the hash; give none but in tests. */
  seed?: number;
  /** TIME_WAIT's expected length in microseconds. Default 60 s, Linux. */
  timeWaitUs?: number;
}

const SYN_ON_OPEN_FLOW = meaning('SYN on an open flow');
/** A flow that is over stays for late segments and for the next SYN: so many times TIME_WAIT. */
const LINGER = 2;
/** A SYN repeated so soon after its handshake was only late (microseconds). */
const LATE_SYN_US = 3_000_000;
/** Flows looked at to find a stale one. */
const SAMPLE = 16;
/** No segment belongs to a flow: it was noted elsewhere. */
const NOWHERE = -1;

/**
 * Segments in, finished flows out. Finds the flow of each segment, decides when a SYN begins a new
 * one of the same addresses and ports, and lets flows go: long enough after they are over, at the
 * end, or early where the table is full.
 */
export class Tracker {
  private readonly flows: Flows;
  private readonly rows: RowWriter;
  private readonly due: DueQueue;
  private readonly timeWaitUs: number;
  private file = 0;
  private frameBase = 0;
  private latest = 0;
  private dice: number;

  constructor(options: TrackerOptions) {
    this.timeWaitUs = options.timeWaitUs ?? 60_000_000;
    const seed = options.seed ?? randomInt(2 ** 32 - 1);
    this.dice = seed | 1;
    this.flows = new Flows(options.capacity ?? 1 << 20, seed);
    this.flows.onTrailsFull = (flow) => this.makeRoom(flow);
    this.rows = new RowWriter(this.flows, this.timeWaitUs, options.onFlows);
    this.due = new DueQueue(this.flows.table);
  }

  /** Flows made into rows so far. */
  get written(): number {
    return this.rows.written;
  }

  /** The next segments come from this file, by its index in the run; so many frames came before it. */
  startFile(file: number, frameBase: number): void {
    this.file = file;
    this.frameBase = frameBase;
  }

  /** Takes the next segment, and turns its frame number into the running one over all files. */
  segment(s: Segment): void {
    s.frame += this.frameBase;
    if (s.timeUs > this.latest) this.latest = s.timeUs;
    const { table } = this.flows;
    let flow = table.find(s);
    if (flow < 0) flow = this.open(s);
    else if ((s.flags & (SYN | RST)) !== 0 || table.flow[flow * FLOW_WIDTH + PREVIOUS] !== 0) {
      flow = this.place(flow, s);
      if (flow === NOWHERE) return;
    }
    follow(this.flows, this.senderIn(flow), s);
    const row = flow * FLOW_WIDTH;
    const status = table.flow[row + STATUS]!;
    if ((status & QUEUED) !== 0) this.due.touch(flow);
    else if ((status & (CLOSING_BEGUN | UNLINKED)) === CLOSING_BEGUN && isOver(this.flows, flow))
      this.due.add(flow);
    if (table.flow[row + PREVIOUS] !== 0) this.settlePrevious(flow);
  }

  /**
   * The capture is at its end: makes rows of all flows and hands on the last batch. Yields after each
   * batch, for the receiver to catch up. The tracker is of no use afterwards.
   */
  *finish(): Generator<void> {
    const { table } = this.flows;
    for (let flow = 0; flow < table.used; flow++) {
      if (this.flows.hasStatus(flow, UNLINKED)) continue;
      for (let me = flow * 2; me < flow * 2 + 2; me++) {
        if (this.flows.get(me, AGAIN) === 0) continue;
        this.beginAgain(me);
        break;
      }
    }
    for (let flow = 0; flow < table.used; flow++) {
      if (table.inUse(flow) && this.rows.write(flow, this.latest, false)) yield;
    }
    this.rows.flush();
  }

  /** A new flow, from its first segment. */
  private open(s: Segment): number {
    this.letDueGo(s.timeUs);
    this.makeRoom(NOWHERE);
    const { table } = this.flows;
    const flow = table.add(s);
    this.begin(flow, s);
    const roles = guessRoles(s);
    if (roles.clientIsSource === table.sourceIsLow) this.flows.setStatus(flow, CLIENT_IS_LOW);
    this.flows.setStatus(flow, roles.evidence << ROLE_SHIFT);
    if (!roles.clientIsSource) writeFlip(this.flows, flow);
    return flow;
  }

  private begin(flow: number, s: Segment): void {
    const { table } = this.flows;
    table.flow[flow * FLOW_WIDTH + FILE] = this.file;
    table.flow[flow * FLOW_WIDTH + FIRST_FRAME] = s.frame;
    table.flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT] = s.timeUs;
    table.flowTime[flow * FLOW_TIME_WIDTH + LAST_AT] = s.timeUs;
  }

  /** Which flow of the same addresses and ports a SYN or RST belongs to, or any segment while a SYN awaits its answer. */
  private place(flow: number, s: Segment): number {
    const me = this.senderIn(flow);
    if ((s.flags & SYN) !== 0) {
      return (s.flags & ACK) !== 0 ? this.placeSynAck(flow, me, s) : this.placeSyn(flow, me, s);
    }
    const refuses = (s.flags & (RST | ACK)) === (RST | ACK);
    if (refuses && this.answersAgain(me ^ 1, s)) return this.beginAgain(me ^ 1);
    return this.belongsToPrevious(flow, me, s) ? this.previousOf(flow) : flow;
  }

  private placeSyn(flow: number, me: number, s: Segment): number {
    const { flows } = this;
    const { table } = flows;
    const peer = me ^ 1;
    const over = isOver(flows, flow);
    if (flows.get(me, AGAIN) !== 0 && flows.get(me, AGAIN_ISN) === s.seq && over) return this.beginAgain(me);
    if (flows.has(me, HAS_SYN) && flows.get(me, BASE) === s.seq) {
      const opened = s.timeUs - flows.trails.atOf(factOf(table, me, SND_SYN)) < LATE_SYN_US;
      return !over || (opened && isSettled(table, peer, RCV_SYN)) ? flow : this.reopen(flow, me, s);
    }
    if (over || flows.get(peer, SEGMENTS) === 0) return this.reopen(flow, me, s);
    // Both ends ask at once: a simultaneous open (RFC 9293 3.5).
    if (flows.get(me, SEGMENTS) === 0 && !isSettled(table, me, RCV_SYN)) return flow;
    // An open flow answers with a challenge ACK (RFC 5961 4); only a SYN-ACK makes this a new one.
    flows.begin(s);
    const segment = flows.note(me, SYN_ON_OPEN_FLOW);
    if (flows.get(me, AGAIN) === 0 || flows.get(me, AGAIN_ISN) !== s.seq) flows.set(me, AGAIN, segment);
    flows.set(me, AGAIN_ISN, s.seq);
    return NOWHERE;
  }

  private placeSynAck(flow: number, me: number, s: Segment): number {
    const { flows } = this;
    if (this.answersAgain(me ^ 1, s)) return this.beginAgain(me ^ 1);
    if (flows.has(me, HAS_SYN) && flows.get(me, BASE) === s.seq) return flow;
    return isOver(flows, flow) || flows.has(me, SENT_PLAIN) ? this.reopen(flow, me ^ 1, s) : flow;
  }

  /** A new flow takes the place of one with the same addresses and ports; `opener` asks for it. */
  private reopen(old: number, opener: number, s: Segment): number {
    const { flows } = this;
    const { table } = flows;
    this.makeRoom(old);
    this.letPreviousGo(old, s.timeUs, false);
    // It goes with the new flow, and not before.
    if (flows.hasStatus(old, QUEUED)) this.due.remove(old);
    const flow = table.replace(old);
    flows.setStatus(old, UNLINKED);
    this.begin(flow, s);
    if (table.isLow(opener)) flows.setStatus(flow, CLIENT_IS_LOW);
    flows.setStatus(flow, ROLE_BY_SYN << ROLE_SHIFT);
    table.flow[flow * FLOW_WIDTH + PREVIOUS] = old + 1;
    // Who asks has given its own TIME_WAIT up; a TIME_WAIT of the other end has to accept the SYN.
    if (this.holdsTimeWait(opener) && !this.holdsTimeWait(opener ^ 1)) this.settle(flow, s.timeUs);
    else if (!isOver(flows, old)) this.settle(flow, 0);
    return flow;
  }

  /** The SYN noted on an open flow begins a new flow after all; `me` sent it, perhaps more than once. */
  private beginAgain(me: number): number {
    const syns = this.synsNoted(me);
    this.flows.set(me, AGAIN, 0);
    const flow = this.reopen(me >> 1, me, syns[0]!);
    for (const syn of syns) follow(this.flows, flow * 2, syn);
    return flow;
  }

  private synsNoted(me: number): Segment[] {
    const { flows } = this;
    const { trails } = flows;
    const syns: Segment[] = [];
    for (let name = flows.get(me, AGAIN); name !== 0; name = trails.nextOf(name)) {
      if (trails.meaningOf(name) !== SYN_ON_OPEN_FLOW || trails.seqOf(name) !== flows.get(me, AGAIN_ISN))
        continue;
      const s = newSegment();
      s.flags = SYN;
      s.seq = trails.seqOf(name);
      s.payloadLength = trails.lengthOf(name);
      // The trail does not keep the window; what is certain is that it was open.
      s.window = 0xffff;
      s.timeUs = trails.atOf(name);
      s.frame = trails.frameOf(name);
      syns.push(s);
    }
    return syns;
  }

  private answersAgain(asker: number, s: Segment): boolean {
    return this.flows.get(asker, AGAIN) !== 0 && s.ack === seqAdd(this.flows.get(asker, AGAIN_ISN), 1);
  }

  /** While a SYN awaits its answer, what cannot belong to the new flow is late or answers for the old one. */
  private belongsToPrevious(flow: number, me: number, s: Segment): boolean {
    const { flows } = this;
    if (this.previousOf(flow) === NOWHERE || flows.has(flow * 2 + 1, HAS_SYN)) return false;
    const isn = flows.get(flow * 2, SND_NXT);
    if ((me & 1) === 0) return (s.flags & RST) === 0 || s.seq !== isn;
    return (s.flags & (RST | ACK)) !== (RST | ACK) || s.ack !== isn;
  }

  /** Once the SYN is answered, the fate of the previous flow is known. */
  private settlePrevious(flow: number): void {
    const { table, trails } = this.flows;
    const server = flow * 2 + 1;
    if (isSettled(table, server, RCV_SYN)) this.settle(flow, trails.atOf(factOf(table, server, RCV_SYN)));
  }

  private settle(flow: number, reopenedAt: number): void {
    const { table } = this.flows;
    table.flowTime[this.previousOf(flow) * FLOW_TIME_WIDTH + REOPENED_AT] = reopenedAt;
    this.letPreviousGo(flow, reopenedAt || table.flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT]!, false);
  }

  /** It closed first and has received the other's FIN: if its ACK of FIN has come too, it waits. */
  private holdsTimeWait(me: number): boolean {
    const { table, trails } = this.flows;
    const sent = factOf(table, me, SND_FIN);
    if (sent === 0 || !isSettled(table, me, RCV_FIN)) return false;
    return trails.frameOf(sent) < trails.frameOf(factOf(table, me, RCV_FIN));
  }

  private previousOf(flow: number): number {
    return this.flows.table.flow[flow * FLOW_WIDTH + PREVIOUS]! - 1;
  }

  /** The endpoint of a flow that sent the segment which `find` looked for. */
  private senderIn(flow: number): number {
    return flow * 2 + (this.flows.table.sourceIsLow === this.flows.hasStatus(flow, CLIENT_IS_LOW) ? 0 : 1);
  }

  private letDueGo(now: number): void {
    for (let flow = this.due.head; flow >= 0; flow = this.due.head) {
      if (this.flows.table.flowTime[flow * FLOW_TIME_WIDTH + LAST_AT]! + this.timeWaitUs * LINGER > now)
        return;
      if (isOver(this.flows, flow)) this.letGo(flow, now, false);
      else this.due.remove(flow);
    }
  }

  /** Where the table or the trails are full, lets a flow go early: one that is over, else a stale one. */
  private makeRoom(keep: number): void {
    const { table, trails } = this.flows;
    if (table.size < table.capacity && trails.room) return;
    const head = this.due.head;
    const flow = head >= 0 && this.mayGo(head, keep) ? head : this.stalest(keep);
    if (flow >= 0) this.letGo(flow, this.latest, true);
  }

  /** The longest silent among some flows taken at random. */
  private stalest(keep: number): number {
    const { table } = this.flows;
    let found = NOWHERE;
    for (let tries = 0; tries < SAMPLE || (found < 0 && tries < table.used); tries++) {
      this.dice = (Math.imul(this.dice, 1_664_525) + 1_013_904_223) >>> 0;
      const flow = Math.floor((this.dice / 2 ** 32) * table.used);
      if (!table.inUse(flow) || !this.mayGo(flow, keep)) continue;
      const last = table.flowTime[flow * FLOW_TIME_WIDTH + LAST_AT]!;
      if (found < 0 || last < table.flowTime[found * FLOW_TIME_WIDTH + LAST_AT]!) found = flow;
    }
    return found;
  }

  /** One that a newer flow has replaced goes only with that one, which takes it along. */
  private mayGo(flow: number, keep: number): boolean {
    if (flow === keep || this.flows.hasStatus(flow, UNLINKED)) return false;
    return keep === NOWHERE || this.previousOf(flow) !== keep;
  }

  private letPreviousGo(flow: number, now: number, evicted: boolean): void {
    const previous = this.previousOf(flow);
    if (previous === NOWHERE) return;
    this.flows.table.flow[flow * FLOW_WIDTH + PREVIOUS] = 0;
    this.letGo(previous, now, evicted);
  }

  /** Makes a flow a row and gives its place back, the one before it first. */
  private letGo(flow: number, now: number, evicted: boolean): void {
    const { table, trails } = this.flows;
    this.letPreviousGo(flow, now, evicted);
    this.rows.write(flow, now, evicted);
    if (this.flows.hasStatus(flow, QUEUED)) this.due.remove(flow);
    if (!this.flows.hasStatus(flow, UNLINKED)) table.unlink(flow);
    trails.release(table, flow);
    table.release(flow);
  }
}
