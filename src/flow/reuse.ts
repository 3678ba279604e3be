import { ACK, RST, type Segment, SYN } from '../decode/segment.ts';
import { seqAdd } from '../decode/sequence.ts';
import type { Expiry } from './expiry.ts';
import { follow } from './follow/follow.ts';
import { ROLE_BY_SYN } from './follow/roles.ts';
import { hasClosedBeforePeer } from './follow/time-wait.ts';
import {
  answersPendingSyn,
  hasPendingSyn,
  notePendingSyn,
  pendingSynAt,
  takePendingSyns,
} from './pending-syn.ts';
import { factOf, isAsking, isOver, isSettled, RCV_SYN, SND_FIN, SND_SYN } from './table/facts.ts';
import { type Flows, NO_FLOW } from './table/flows.ts';
import { digestOf } from './table/recent-segments.ts';
import {
  BASE,
  CLIENT_IS_LOW,
  END_NUMBER_WIDTH,
  FIN_END,
  FIRST_AT,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  HAS_FIN,
  HAS_SYN,
  OPENING_DONE,
  PENDING_SYN_ISN,
  PREVIOUS,
  RECYCLED,
  REPLACED_AT,
  ROLE_SHIFT,
  SEGMENTS,
  SENT_NON_SYN,
  SND_NXT,
  UNLINKED,
} from './table/table-layout.ts';

const RECYCLED_ISN_STEP = 65_537;
/** A SYN repeated within this many microseconds of the first one was only late. */
const LATE_SYN_US = 3_000_000;
/** After an RST it is the same attempt: the longest initial retransmission timeout is 3 s (RFC 1122 4.2.3.1). */
const SAME_ATTEMPT_US = 3_500_000;

/**
 * Reused 4-tuples: decides when a SYN starts a new flow, and to which of two flows a segment belongs until
 * that SYN is answered. Until then it is open what becomes of the old flow, most often a TIME_WAIT (RFC 9293
 * 3.6.1, RFC 6191): the new flow keeps it as its previous one.
 */
export class Reuse {
  private readonly flows: Flows;
  private readonly expiry: Expiry;

  constructor(flows: Flows, expiry: Expiry) {
    this.flows = flows;
    this.expiry = expiry;
  }

  /**
   * The flow of a SYN or RST that `me` sent, or of any segment while the flow has a previous one. NO_FLOW if
   * the segment is noted as a SYN on an open flow.
   */
  place(me: number, s: Segment): number {
    if ((s.flags & SYN) !== 0) return (s.flags & ACK) !== 0 ? this.placeSynAck(me, s) : this.placeSyn(me, s);
    const refuses = (s.flags & (RST | ACK)) === (RST | ACK);
    if (refuses && answersPendingSyn(this.flows, me ^ 1, s)) return this.acceptAnswer(me, s);
    const flow = me >> 1;
    return this.belongsToPrevious(me, s) ? this.flows.previousOf(flow) : flow;
  }

  /** Finishes the previous flow once the SYN is answered: that decides what became of it. */
  settlePrevious(flow: number): void {
    const { table, trails } = this.flows;
    const server = flow * 2 + 1;
    if (!isSettled(table, server, RCV_SYN)) return;
    const accepter = this.endpointInPrevious(server);
    this.proveRecycled(accepter, this.flows.get(server, BASE));
    this.markReplaced(accepter, trails.atOf(factOf(table, server, RCV_SYN)));
    this.finishPrevious(flow);
  }

  /** A SYN is noted on a flow whose watch time is not over. */
  hasPendingSyn(flow: number): boolean {
    const { flows } = this;
    return (
      (hasPendingSyn(flows, flow * 2) || hasPendingSyn(flows, flow * 2 + 1)) && !this.expiry.isExpired(flow)
    );
  }

  /**
   * At the end of the capture: a SYN that is still noted on a flow starts a flow of its own. Returns the
   * flow that then has the 4-tuple.
   */
  startPendingAtEnd(flow: number): number {
    if (!this.hasPendingSyn(flow)) return flow;
    return this.startNewFlow(hasPendingSyn(this.flows, flow * 2) ? flow * 2 : flow * 2 + 1);
  }

  private placeSyn(me: number, s: Segment): number {
    const { flows } = this;
    const { table } = flows;
    const flow = me >> 1;
    const peer = me ^ 1;
    const over = isOver(table, flow);
    if (hasPendingSyn(flows, me) && flows.get(me, PENDING_SYN_ISN) === s.seq && over)
      return this.startNewFlow(me);
    if (flows.has(me, HAS_SYN) && flows.get(me, BASE) === s.seq)
      return !over || this.repeatsSyn(me, s) ? flow : this.reopen(me, s);
    if (over || flows.get(peer, SEGMENTS) === 0 || isAsking(table, me)) {
      this.markReplaced(me, s.timeUs);
      return this.reopen(me, s);
    }
    // Both ends sent a SYN: a simultaneous open (RFC 9293 3.5).
    if (flows.get(me, SEGMENTS) === 0 && !isSettled(table, me, RCV_SYN)) return flow;
    // An open flow answers with a challenge ACK (RFC 5961 4); only a SYN-ACK makes this a new one.
    flows.begin(s);
    notePendingSyn(flows, me);
    return NO_FLOW;
  }

  /** The SYN of a flow that is over again: a late one, or the same attempt after an RST, as Windows makes it. */
  private repeatsSyn(me: number, s: Segment): boolean {
    const { table, trails } = this.flows;
    if (isAsking(table, me)) return s.timeUs - this.flows.lastAt(me >> 1) < SAME_ATTEMPT_US;
    const sentAt = trails.atOf(factOf(table, me, SND_SYN));
    return isSettled(table, me ^ 1, RCV_SYN) && s.timeUs - sentAt < LATE_SYN_US;
  }

  private placeSynAck(me: number, s: Segment): number {
    const { flows } = this;
    const flow = me >> 1;
    if (answersPendingSyn(flows, me ^ 1, s)) return this.acceptAnswer(me, s);
    if (flows.has(me, HAS_SYN) && flows.get(me, BASE) === s.seq) return flow;
    const opened = flows.has(me, SENT_NON_SYN) || flows.hasStatus(flow, OPENING_DONE);
    const accepts = isAsking(flows.table, me ^ 1) && s.ack === flows.get(me ^ 1, SND_NXT);
    if (!opened && (accepts || !isOver(flows.table, flow))) return flow;
    this.markReplaced(me, s.timeUs);
    this.markReplaced(me ^ 1, s.timeUs);
    return this.reopen(me ^ 1, s);
  }

  /** Starts a new flow in the place of one with the same 4-tuple; the endpoint `opener` of the old one sent the SYN. */
  private reopen(opener: number, s: Segment): number {
    const { flows } = this;
    const { table } = flows;
    const old = opener >> 1;
    this.expiry.makeRoom(old);
    this.expiry.finishPrevious(old, s.timeUs);
    this.expiry.holdForSuccessor(old);
    const flow = table.replace(old);
    flows.setStatus(old, UNLINKED);
    flows.start(flow, s);
    if (table.isLow(opener)) flows.setStatus(flow, CLIENT_IS_LOW);
    flows.setStatus(flow, ROLE_BY_SYN << ROLE_SHIFT);
    table.flow[flow * FLOW_WIDTH + PREVIOUS] = old + 1;
    // The sender of the SYN has given up its own TIME_WAIT; a TIME_WAIT of the other end has to accept the SYN. One
    // that was sent while the old connection was open, and not answered, ended nothing.
    const waits = hasClosedBeforePeer(flows, opener) && this.closedAt(opener) <= s.timeUs;
    if (waits) {
      this.proveRecycled(opener, s.seq);
      this.markReplaced(opener, s.timeUs);
    }
    const decided = isOver(table, old) ? waits && !hasClosedBeforePeer(flows, opener ^ 1) : !waits;
    if (decided) this.finishPrevious(flow);
    return flow;
  }

  /** The answer to a pending SYN, be it an RST, is a new socket's: the old one would have sent a challenge ACK. */
  private acceptAnswer(me: number, s: Segment): number {
    this.markReplaced(me, s.timeUs);
    this.markReplaced(me ^ 1, pendingSynAt(this.flows, me ^ 1));
    return this.startNewFlow(me ^ 1);
  }

  /** When an endpoint sent its FIN. */
  private closedAt(me: number): number {
    const { table, trails } = this.flows;
    return trails.atOf(factOf(table, me, SND_FIN));
  }

  /** A new socket has taken the place of an endpoint. */
  private markReplaced(me: number, at: number): void {
    this.flows.table.endNumber[me * END_NUMBER_WIDTH + REPLACED_AT] = at;
  }

  private replacedAt(me: number): number {
    return this.flows.table.endNumber[me * END_NUMBER_WIDTH + REPLACED_AT]!;
  }

  /** Starts a new flow with the pending SYN, which `me` sent, perhaps more than once. */
  private startNewFlow(me: number): number {
    const syns = takePendingSyns(this.flows, me);
    const flow = this.reopen(me, syns[0]!);
    for (const syn of syns) follow(this.flows, flow * 2, syn, digestOf(syn));
    return flow;
  }

  /** Until the SYN is answered, a segment that cannot belong to the new flow belongs to the old one. */
  private belongsToPrevious(me: number, s: Segment): boolean {
    const { flows } = this;
    const client = me & ~1;
    if (flows.previousOf(me >> 1) === NO_FLOW || flows.has(client + 1, HAS_SYN)) return false;
    if (flows.has(client, SENT_NON_SYN)) return false;
    const isn = flows.get(client, SND_NXT);
    if (me === client) return s.seq !== isn;
    return (s.flags & (RST | ACK)) !== (RST | ACK) || s.ack !== isn;
  }

  /** The endpoint of the previous flow that has the address and port of this one. */
  private endpointInPrevious(me: number): number {
    const { table } = this.flows;
    const old = this.flows.previousOf(me >> 1) * 2;
    return table.isLow(old) === table.isLow(me) ? old : old + 1;
  }

  /** Finishes the previous flow, watched until it was replaced. */
  private finishPrevious(flow: number): void {
    const old = this.flows.previousOf(flow) * 2;
    const began = this.flows.table.flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT]!;
    this.expiry.finishPrevious(flow, Math.max(began, this.replacedAt(old), this.replacedAt(old + 1)));
  }

  /** Linux takes snd_nxt + 65537 for the ISN that follows a TIME_WAIT (tcp_twsk_unique, tcp_timewait_state_process). */
  private proveRecycled(me: number, isn: number): void {
    const { flows } = this;
    if (flows.has(me, HAS_FIN) && isn === seqAdd(flows.get(me, FIN_END), RECYCLED_ISN_STEP))
      flows.mark(me, RECYCLED);
  }
}
