import { seqDiff } from '../decode/sequence.ts';
import { AddressIds } from './address-ids.ts';
import { type FlowBatch, HISTORY_LENGTH, newFlowBatch, type OnFlows } from './batch.ts';
import { columnIndex, LIFE, LIFE_WIDTH, ROW_WIDTH, SEGMENT_WIDTH } from './columns.ts';
import { completeness } from './completeness.ts';
import { evidenceOf, factOf, isSettled, MID_STREAM, PENDING, RCV_ACK_OF_SYN, SND_FIN } from './facts.ts';
import type { Flows } from './flows.ts';
import { type Life, newLife, tellLife } from './life.ts';
import { stateCode, UNKNOWN } from './machine.ts';
import { resetKindOf } from './reset-kind.ts';
import {
  BASE,
  BYTES,
  COMPLETENESS,
  DUPLICATES,
  END_NUMBER_WIDTH,
  FILE,
  FINS,
  FIRST_AT,
  FIRST_FRAME,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  HAS_SEQ,
  HISTORY_COUNT,
  LAST_AT,
  RETRANSMISSIONS,
  ROLE_SHIFT,
  RSTS,
  SEGMENTS,
  STATUS,
  TRAIL_HEAD,
} from './table.ts';
import { judgeTimeWait } from './time-wait.ts';
import { TRAIL_LIMIT } from './trail.ts';
import { judgeClose } from './verdict.ts';
import { CLOSE_KINDS, RESET_KINDS, STATES } from './words.ts';
import { zeekConnState } from './zeek.ts';

// A flow that is let go becomes a row: figure 5 is run for both ends, the close is judged, and the
// numbers go into a batch.

const BATCH_FLOWS = 1024;
const BATCH_SEGMENTS = BATCH_FLOWS * 8 + TRAIL_LIMIT;

const ESTABLISHED = stateCode('ESTABLISHED');
const TIME_WAIT = stateCode('TIME_WAIT');

const column = {
  captureId: columnIndex('capture_id'),
  address: columnIndex('client_address'),
  port: columnIndex('client_port'),
  roleEvidence: columnIndex('role_evidence'),
  first: columnIndex('first'),
  last: columnIndex('last'),
  observed: columnIndex('observed'),
  firstFrame: columnIndex('first_frame'),
  opened: columnIndex('opened'),
  closeKind: columnIndex('close_kind'),
  closedFirst: columnIndex('closed_first'),
  closeStarted: columnIndex('close_started'),
  closeEnded: columnIndex('close_ended'),
  resetBy: columnIndex('reset_by'),
  resetKind: columnIndex('reset_kind'),
  resetEvidence: columnIndex('reset_evidence'),
  state: columnIndex('client_state'),
  fin: columnIndex('client_fin'),
  fins: columnIndex('client_fins'),
  rsts: columnIndex('client_rsts'),
  bytes: columnIndex('client_bytes'),
  segments: columnIndex('client_segments'),
  retransmissions: columnIndex('client_retransmissions'),
  duplicates: columnIndex('client_duplicates'),
  connState: columnIndex('zeek_conn_state'),
  completeness: columnIndex('wireshark_completeness'),
  evicted: columnIndex('evicted'),
  atLeast: columnIndex('client_time_wait_at_least'),
  atMost: columnIndex('client_time_wait_at_most'),
  expected: columnIndex('client_time_wait_expected'),
  endedBy: columnIndex('client_time_wait_ended_by'),
  rearmed: columnIndex('client_time_wait_rearmed'),
};

/** Makes rows of flows, and batches of rows. */
export class RowWriter {
  private readonly flows: Flows;
  private readonly onFlows: OnFlows;
  private readonly timeWaitUs: number;
  private readonly addresses = new AddressIds();
  private readonly lives: [Life, Life] = [newLife(), newLife()];
  private batch = newFlowBatch(BATCH_FLOWS, BATCH_SEGMENTS);
  private segmentCount = 0;
  /** Rows made so far. */
  written = 0;

  constructor(flows: Flows, timeWaitUs: number, onFlows: OnFlows) {
    this.flows = flows;
    this.timeWaitUs = timeWaitUs;
    this.onFlows = onFlows;
  }

  /**
   * Adds the row of a flow that was watched until `now` (microseconds since the epoch). True where
   * that has handed a batch on.
   */
  write(flow: number, now: number, evicted: boolean): boolean {
    const { batch, flows, lives } = this;
    const { table } = flows;
    const { rows } = batch;
    const f = flow * FLOW_WIDTH;
    const r = batch.count * ROW_WIDTH;
    const first = table.flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT]!;
    tellLife(table, flows.trails, flow * 2, lives[0]);
    tellLife(table, flows.trails, flow * 2 + 1, lives[1]);
    const verdict = judgeClose(flows, flow, lives);

    rows[r + column.captureId] = table.flow[f + FILE]!;
    rows[r + column.roleEvidence] = (table.flow[f + STATUS]! >>> ROLE_SHIFT) & 15;
    rows[r + column.first] = first;
    rows[r + column.last] = table.flowTime[flow * FLOW_TIME_WIDTH + LAST_AT]! - first;
    rows[r + column.observed] = Math.max(now, table.flowTime[flow * FLOW_TIME_WIDTH + LAST_AT]!) - first;
    rows[r + column.firstFrame] = table.flow[f + FIRST_FRAME]!;
    rows[r + column.opened] = this.openedAt(flow) - first;
    rows[r + column.closeKind] = CLOSE_KINDS.indexOf(verdict.kind);
    rows[r + column.closedFirst] = verdict.closedFirst;
    rows[r + column.closeStarted] = verdict.startedAt - first;
    rows[r + column.closeEnded] = verdict.endedAt - first;
    rows[r + column.resetBy] = verdict.resetBy;
    rows[r + column.resetEvidence] = verdict.resetEvidence;
    rows[r + column.resetKind] = Number.isNaN(verdict.resetEvidence)
      ? Number.NaN
      : RESET_KINDS.indexOf(resetKindOf(verdict.resetEvidence));
    rows[r + column.connState] = zeekConnState(flows, flow);
    const segments = flows.get(flow * 2, SEGMENTS) + flows.get(flow * 2 + 1, SEGMENTS);
    rows[r + column.completeness] = completeness(table.flow[f + COMPLETENESS]!, segments);
    rows[r + column.evicted] = evicted ? 1 : 0;
    this.writeEnd(flow * 2, r, first, now, evicted);
    this.writeEnd(flow * 2 + 1, r, first, now, evicted);
    this.writeHistory(flow);
    this.writeSegments(flow, first);
    batch.count++;
    this.written++;
    const full =
      batch.count === BATCH_FLOWS ||
      this.segmentCount > BATCH_SEGMENTS - TRAIL_LIMIT ||
      this.addresses.isFull;
    if (full) this.flush();
    return full;
  }

  /** Hands on what has gathered. */
  flush(): void {
    const { batch } = this;
    if (batch.count === 0) return;
    const full: FlowBatch = { ...batch, addresses: this.addresses.takeRun() };
    if (this.addresses.isFull) this.addresses.startAfresh();
    this.batch = newFlowBatch(BATCH_FLOWS, BATCH_SEGMENTS);
    this.segmentCount = 0;
    this.onFlows(full);
  }

  private writeEnd(me: number, r: number, first: number, now: number, evicted: boolean): void {
    const { flows } = this;
    const { rows } = this.batch;
    const { table, trails } = flows;
    const side = me & 1;
    const life = this.lives[side]!;
    rows[r + column.address + side] = this.addresses.idOf(table.key, table.addressOf(me));
    rows[r + column.port + side] = table.portOf(me);
    const fin = factOf(table, me, SND_FIN);
    rows[r + column.fin + side] = fin === 0 ? Number.NaN : trails.atOf(fin) - first;
    rows[r + column.fins + side] = flows.get(me, FINS);
    rows[r + column.rsts + side] = flows.get(me, RSTS);
    rows[r + column.bytes + side] = table.endNumber[me * END_NUMBER_WIDTH + BYTES]!;
    rows[r + column.segments + side] = flows.get(me, SEGMENTS);
    rows[r + column.retransmissions + side] = flows.get(me, RETRANSMISSIONS);
    rows[r + column.duplicates + side] = flows.get(me, DUPLICATES);
    const waits = !Number.isNaN(life.entered[TIME_WAIT]!);
    const wait = waits ? judgeTimeWait(flows, me, life, now, this.timeWaitUs, evicted) : undefined;
    rows[r + column.atLeast + side] = wait?.atLeastUs ?? Number.NaN;
    rows[r + column.atMost + side] = wait?.atMostUs ?? Number.NaN;
    rows[r + column.expected + side] = wait?.expectedUs ?? Number.NaN;
    rows[r + column.endedBy + side] = wait?.endedBy ?? Number.NaN;
    rows[r + column.rearmed + side] = wait?.rearmed ?? Number.NaN;
    rows[r + column.state + side] = life.state === UNKNOWN ? Number.NaN : life.state;
    const l = r + LIFE + side * LIFE_WIDTH;
    let evidence = 0;
    for (let state = STATES.length - 1; state >= 0; state--) {
      const entered = life.entered[state]!;
      rows[l + state] = entered - first;
      rows[l + STATES.length + state] = life.frame[state]!;
      evidence = evidence * 16 + (Number.isNaN(entered) ? PENDING : life.evidence[state]!);
    }
    rows[l + STATES.length * 2] = evidence;
  }

  /** When the later end reached ESTABLISHED, where the handshake was captured. */
  private openedAt(flow: number): number {
    const { table } = this.flows;
    for (let me = flow * 2; me < flow * 2 + 2; me++) {
      const evidence = evidenceOf(table, me, RCV_ACK_OF_SYN);
      if (!isSettled(table, me, RCV_ACK_OF_SYN) || evidence === MID_STREAM) return Number.NaN;
    }
    return Math.max(this.lives[0].entered[ESTABLISHED]!, this.lives[1].entered[ESTABLISHED]!);
  }

  private writeHistory(flow: number): void {
    const { history, flow: columns } = this.flows.table;
    const from = flow * HISTORY_LENGTH;
    const length = columns[flow * FLOW_WIDTH + HISTORY_COUNT]!;
    this.batch.histories.set(history.subarray(from, from + length), this.batch.count * HISTORY_LENGTH);
  }

  private writeSegments(flow: number, first: number): void {
    const { trails, table } = this.flows;
    const { segments } = this.batch;
    let count = 0;
    for (let name = table.flow[flow * FLOW_WIDTH + TRAIL_HEAD]!; name !== 0; name = trails.nextOf(name)) {
      const s = (this.segmentCount + count++) * SEGMENT_WIDTH;
      const me = flow * 2 + trails.sideOf(name);
      segments[s] = trails.atOf(name) - first;
      segments[s + 1] = trails.frameOf(name);
      segments[s + 2] = me & 1;
      segments[s + 3] = trails.flagsOf(name);
      segments[s + 4] = this.relative(me, trails.seqOf(name));
      segments[s + 5] =
        (trails.flagsOf(name) & 0x10) === 0 ? Number.NaN : this.relative(me ^ 1, trails.ackOf(name));
      segments[s + 6] = trails.lengthOf(name);
      segments[s + 7] = trails.meaningOf(name);
    }
    this.batch.segmentCounts[this.batch.count] = count;
    this.segmentCount += count;
  }

  /** A sequence number counted from the endpoint's first, NaN where that is not known. */
  private relative(me: number, seq: number): number {
    if (!this.flows.has(me, HAS_SEQ)) return Number.NaN;
    const off = seqDiff(seq, this.flows.get(me, BASE));
    return off < -0x10000 ? off >>> 0 : off;
  }
}
