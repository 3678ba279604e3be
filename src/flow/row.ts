import { ACK, SYN } from '../decode/segment.ts';
import type { AddressIds } from './address-ids.ts';
import { columnIndex, LIFE, LIFE_WIDTH } from './columns.ts';
import { completeness } from './completeness.ts';
import {
  evidenceOf,
  factOf,
  isSettled,
  MID_STREAM,
  PENDING,
  RCV_ACK_OF_SYN,
  SND_FIN,
  SND_SYN,
} from './facts.ts';
import type { Flows } from './flows.ts';
import { type Life, newLife, tellLife } from './life.ts';
import { stateCode, UNKNOWN } from './machine.ts';
import type { TimeWaitRule } from './profile.ts';
import { resetKindOf } from './reset-kind.ts';
import {
  BITS,
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
  LAST_AT,
  RETRANSMISSIONS,
  ROLE_SHIFT,
  RSTS,
  SEGMENTS,
  STACK_MASK,
  STACK_SHIFT,
  STATUS,
} from './table-layout.ts';
import { judgeTimeWait } from './time-wait.ts';
import { judgeClose } from './verdict.ts';
import { CLOSE_KINDS, RESET_KINDS, STATES } from './words.ts';
import { zeekConnState } from './zeek.ts';

const ESTABLISHED = stateCode('ESTABLISHED');
const TIME_WAIT = stateCode('TIME_WAIT');

/** Indexes in a row; the client's where both ends have the column, the server's is `+ 1`. */
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
  waitEvidence: columnIndex('client_time_wait_evidence'),
  waitProfile: columnIndex('client_time_wait_profile'),
  waitProfileEvidence: columnIndex('client_time_wait_profile_evidence'),
  stack: columnIndex('client_stack'),
  synTsval: columnIndex('client_syn_tsval'),
};

/** Makes a row of a flow that is let go: runs figure 5 for both ends, judges the close, and sums up. */
export class RowMaker {
  private readonly flows: Flows;
  private readonly addresses: AddressIds;
  private readonly timeWait: TimeWaitRule;
  private readonly lives: [Life, Life] = [newLife(), newLife()];

  constructor(flows: Flows, addresses: AddressIds, timeWait: TimeWaitRule) {
    this.flows = flows;
    this.addresses = addresses;
    this.timeWait = timeWait;
  }

  /** Fills the row at index `r` with a flow that was watched until `now` (microseconds since the epoch). */
  fill(rows: Float64Array, r: number, flow: number, now: number, evicted: boolean): void {
    const { flows, lives } = this;
    const { table } = flows;
    const f = flow * FLOW_WIDTH;
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
    // A clock that jumped back does not make the end earlier than the beginning.
    rows[r + column.closeEnded] = Math.max(verdict.endedAt, verdict.startedAt) - first;
    rows[r + column.resetBy] = verdict.resetBy;
    rows[r + column.resetEvidence] = verdict.resetEvidence;
    rows[r + column.resetKind] = Number.isNaN(verdict.resetEvidence)
      ? Number.NaN
      : RESET_KINDS.indexOf(resetKindOf(verdict.resetEvidence));
    rows[r + column.connState] = zeekConnState(flows, flow);
    const segments = flows.get(flow * 2, SEGMENTS) + flows.get(flow * 2 + 1, SEGMENTS);
    rows[r + column.completeness] = completeness(table.flow[f + COMPLETENESS]!, segments);
    rows[r + column.evicted] = evicted ? 1 : 0;
    rows[r + column.synTsval] = this.synTsval(flow * 2);
    for (let me = flow * 2; me < flow * 2 + 2; me++) {
      this.fillTimeWait(rows, r + (me & 1), me, now, evicted);
      this.fillEnd(rows, r + (me & 1), me, first);
      fillLife(rows, r + LIFE + (me & 1) * LIFE_WIDTH, lives[me & 1]!, first);
    }
  }

  /** The columns of one endpoint; `r` is the row's index, and one more for the server. */
  private fillEnd(rows: Float64Array, r: number, me: number, first: number): void {
    const { flows } = this;
    const { table, trails } = flows;
    const { state } = this.lives[me & 1]!;
    rows[r + column.address] = this.addresses.idOf(table.key, table.addressOf(me));
    rows[r + column.port] = table.portOf(me);
    const fin = factOf(table, me, SND_FIN);
    rows[r + column.fin] = fin === 0 ? Number.NaN : trails.atOf(fin) - first;
    rows[r + column.fins] = flows.get(me, FINS);
    rows[r + column.rsts] = flows.get(me, RSTS);
    rows[r + column.bytes] = table.endNumber[me * END_NUMBER_WIDTH + BYTES]!;
    rows[r + column.segments] = flows.get(me, SEGMENTS);
    rows[r + column.retransmissions] = flows.get(me, RETRANSMISSIONS);
    rows[r + column.duplicates] = flows.get(me, DUPLICATES);
    rows[r + column.state] = state === UNKNOWN ? Number.NaN : state;
  }

  /** Judges an endpoint's TIME_WAIT, which may end its life, and fills its columns; `r` as in fillEnd. */
  private fillTimeWait(rows: Float64Array, r: number, me: number, now: number, evicted: boolean): void {
    const life = this.lives[me & 1]!;
    const waits = !Number.isNaN(life.entered[TIME_WAIT]!);
    const stack = ((this.flows.get(me, BITS) & STACK_MASK) >>> STACK_SHIFT) - 1;
    const profile = this.timeWait.of(stack);
    const wait = waits ? judgeTimeWait(this.flows, me, life, now, profile.lengthUs, evicted) : undefined;
    rows[r + column.stack] = stack < 0 ? Number.NaN : stack;
    rows[r + column.waitProfile] = waits ? profile.name : Number.NaN;
    rows[r + column.waitProfileEvidence] = waits ? profile.evidence : Number.NaN;
    rows[r + column.waitEvidence] = wait?.evidence ?? Number.NaN;
    rows[r + column.atLeast] = wait?.atLeastUs ?? Number.NaN;
    rows[r + column.atMost] = wait?.atMostUs ?? Number.NaN;
    rows[r + column.expected] = wait?.expectedUs ?? Number.NaN;
    rows[r + column.endedBy] = wait?.endedBy ?? Number.NaN;
    rows[r + column.rearmed] = wait?.rearmed ?? Number.NaN;
  }

  /** TSval of the client's SYN, NaN where there is none. A SYN-ACK alone shows only that there was a SYN. */
  private synTsval(client: number): number {
    const { table, trails } = this.flows;
    const syn = factOf(table, client, SND_SYN);
    if (syn === 0 || (trails.flagsOf(syn) & (SYN | ACK)) !== SYN) return Number.NaN;
    return trails.tsValOf(syn) || Number.NaN;
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
}

/** When each state was entered, by which frame, and the evidence packed: the columns from `l` on. */
function fillLife(rows: Float64Array, l: number, life: Life, first: number): void {
  let evidence = 0;
  for (let state = STATES.length - 1; state >= 0; state--) {
    const entered = life.entered[state]!;
    rows[l + state] = entered - first;
    rows[l + STATES.length + state] = life.frame[state]!;
    evidence = evidence * 16 + (Number.isNaN(entered) ? PENDING : life.evidence[state]!);
  }
  rows[l + STATES.length * 2] = evidence;
}
