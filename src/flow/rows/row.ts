import { ACK, SYN } from '../../decode/segment.ts';
import { completeness } from '../follow/completeness.ts';
import { notedError } from '../follow/icmp.ts';
import { closedWindowUs } from '../follow/receive-window.ts';
import { zeekConnState } from '../follow/zeek.ts';
import { columnIndex, ROW_COLUMNS, ROW_WIDTH } from '../format/columns.ts';
import { code } from '../format/word-table.ts';
import { CLIENT, SERVER, STATES } from '../format/words.ts';
import { captureNear } from '../judge/capture-near.ts';
import { classifyClose } from '../judge/close-kind.ts';
import type { TimeWaitRule } from '../judge/profile.ts';
import { stateTimesOf } from '../judge/state-row.ts';
import { fillStateTimes } from '../judge/state-times.ts';
import { judgeTimeWait } from '../judge/time-wait-end.ts';
import {
  evidenceOf,
  factOf,
  isSettled,
  MID_STREAM,
  RCV_ACK_OF_SYN,
  SND_FIN,
  SND_SYN,
} from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import type { Translation } from '../table/places.ts';
import {
  BASE,
  BYTES,
  COMPLETENESS_MASK,
  COMPLETENESS_SHIFT,
  DSACKS,
  DUPLICATES,
  END_NUMBER_WIDTH,
  FILE,
  FINS,
  FIRST_AT,
  FIRST_FRAME,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  HAS_SYN,
  LAST_AT,
  LAST_FRAME,
  MISSED,
  RETRANSMISSIONS,
  ROLE_SHIFT,
  RSTS,
  SEGMENTS,
  STATUS,
} from '../table/table-layout.ts';
import type { AddressIds } from './address-ids.ts';

const ESTABLISHED = code(STATES, 'ESTABLISHED');

/** Indexes in a row; of columns that both ends have, the client's: the server's is `+ 1`. */
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
  stack: columnIndex('client_stack'),
  synTsval: columnIndex('client_syn_tsval'),
  lastFrame: columnIndex('last_frame'),
  isn: columnIndex('client_isn'),
  ttl: columnIndex('client_ttl'),
  missed: columnIndex('client_missed'),
  dsacks: columnIndex('client_dsacks'),
  zeroWindow: columnIndex('client_zero_window'),
  icmp: columnIndex('icmp'),
  icmpType: columnIndex('icmp_type'),
  icmpCode: columnIndex('icmp_code'),
  icmpFrom: columnIndex('icmp_from'),
  captureNear: columnIndex('capture_near'),
  translatedAddress: columnIndex('client_translated_address'),
  translatedPort: columnIndex('client_translated_port'),
  carried: columnIndex('carried'),
};

/** Columns of times since the first segment. */
const OFFSETS = Uint8Array.from(ROW_COLUMNS.flatMap(({ kind }, i) => (kind === 'offset' ? [i] : [])));

/** A row of NULLs. */
const NULLS = new Float64Array(ROW_WIDTH).fill(Number.NaN);

/** Makes the row of a flow: runs figure 5 for both ends, classifies the close, and copies the counts. */
export class RowMaker {
  private readonly flows: Flows;
  private readonly addresses: AddressIds;
  private readonly timeWait: TimeWaitRule;

  constructor(flows: Flows, addresses: AddressIds, timeWait: TimeWaitRule) {
    this.flows = flows;
    this.addresses = addresses;
    this.timeWait = timeWait;
  }

  /** Fills the row at index `r` with a flow that was watched until `now` (microseconds since the epoch). */
  fill(rows: Float64Array, r: number, flow: number, now: number, evicted: boolean): void {
    const { flows } = this;
    const { flow: columns, flowTime } = flows.table;
    const f = flow * FLOW_WIDTH;
    const client = flow * 2;
    const server = client + 1;
    const first = flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT]!;
    const last = flowTime[flow * FLOW_TIME_WIDTH + LAST_AT]!;
    rows.set(NULLS, r);
    rows[r + column.captureId] = columns[f + FILE]!;
    rows[r + column.roleEvidence] = (columns[f + STATUS]! >>> ROLE_SHIFT) & 15;
    rows[r + column.first] = first;
    rows[r + column.last] = last - first;
    rows[r + column.observed] = Math.max(now, last) - first;
    rows[r + column.firstFrame] = columns[f + FIRST_FRAME]!;
    rows[r + column.lastFrame] = columns[f + LAST_FRAME]!;
    rows[r + column.carried] = 0;
    rows[r + column.captureNear] = captureNear(flows, client);
    rows[r + column.connState] = zeekConnState(flows, flow);
    const segments = flows.get(client, SEGMENTS) + flows.get(server, SEGMENTS);
    const seen = (columns[f + STATUS]! >>> COMPLETENESS_SHIFT) & COMPLETENESS_MASK;
    rows[r + column.completeness] = completeness(seen, segments);
    rows[r + column.evicted] = evicted ? 1 : 0;
    this.fillSynTsval(rows, r, client);
    this.fillIcmp(rows, r, flow, first);
    this.fillEnd(rows, r, client, first, now);
    this.fillEnd(rows, r, server, first, now);
    this.fillOpened(rows, r, client);
    classifyClose(flows, flow, rows, r, first);
    this.fillTimeWait(rows, r, client, first, now, evicted);
    this.fillTimeWait(rows, r, server, first, now, evicted);
    if (flows.jumps.hasGoneBack) clampTimes(rows, r);
  }

  /** Adds the ends that have other addresses or ports on the other side of a NAT. */
  fillTranslation(rows: Float64Array, r: number, { other, isTranslated }: Translation): void {
    if (other === undefined) return;
    for (const side of [CLIENT, SERVER]) {
      if (!isTranslated[side]) continue;
      rows[r + side + column.translatedAddress] = this.addresses.idOf(other.words, 4 * side);
      rows[r + side + column.translatedPort] = side === CLIENT ? other.clientPort : other.serverPort;
    }
  }

  /** The columns of one endpoint, and its state times. */
  private fillEnd(rows: Float64Array, r: number, me: number, first: number, now: number): void {
    const { flows } = this;
    const { table } = flows;
    const side = me & 1;
    const end = r + side;
    rows[end + column.address] = this.addresses.idOf(table.key, table.addressOf(me));
    rows[end + column.port] = table.portOf(me);
    const times = stateTimesOf(r, side);
    const state = fillStateTimes(flows, me, rows, times, first, now);
    if (!Number.isNaN(rows[times + state]!)) rows[end + column.state] = state;
    const fin = factOf(table, me, SND_FIN);
    if (fin !== 0) rows[end + column.fin] = flows.trails.atOf(fin) - first;
    rows[end + column.fins] = flows.get(me, FINS);
    rows[end + column.rsts] = flows.get(me, RSTS);
    rows[end + column.bytes] = table.endNumber[me * END_NUMBER_WIDTH + BYTES]!;
    rows[end + column.segments] = flows.get(me, SEGMENTS);
    rows[end + column.retransmissions] = flows.get(me, RETRANSMISSIONS);
    rows[end + column.duplicates] = flows.get(me, DUPLICATES);
    rows[end + column.missed] = table.flow[(me >> 1) * FLOW_WIDTH + MISSED + side]!;
    if (flows.has(me, HAS_SYN)) rows[end + column.isn] = flows.get(me, BASE);
    if (flows.get(me ^ 1, SEGMENTS) > 0) rows[end + column.dsacks] = flows.get(me, DSACKS);
    if (flows.get(me, SEGMENTS) > 0) {
      rows[end + column.ttl] = flows.ttlOf(me);
      rows[end + column.zeroWindow] = closedWindowUs(flows, me);
    }
  }

  private fillTimeWait(
    rows: Float64Array,
    r: number,
    me: number,
    first: number,
    now: number,
    evicted: boolean,
  ): void {
    const stack = this.flows.stackOf(me);
    if (stack >= 0) rows[r + (me & 1) + column.stack] = stack;
    judgeTimeWait(this.flows, me, rows, r, first, now - first, evicted, this.timeWait.of(stack));
  }

  private fillIcmp(rows: Float64Array, r: number, flow: number, first: number): void {
    const error = notedError(this.flows, flow);
    if (error === undefined) return;
    rows[r + column.icmp] = error.at - first;
    rows[r + column.icmpType] = error.type;
    rows[r + column.icmpCode] = error.code;
    if (error.sender !== 0)
      rows[r + column.icmpFrom] = this.addresses.idOf(this.flows.senders.words, 4 * error.sender);
  }

  /** TSval of the client's SYN, if that was captured. */
  private fillSynTsval(rows: Float64Array, r: number, client: number): void {
    const { table, trails } = this.flows;
    const syn = factOf(table, client, SND_SYN);
    if (syn === 0 || (trails.flagsOf(syn) & (SYN | ACK)) !== SYN) return;
    const tsVal = trails.tsValOf(syn);
    if (tsVal !== 0) rows[r + column.synTsval] = tsVal;
  }

  /** When the later end reached ESTABLISHED, if the handshake was captured. */
  private fillOpened(rows: Float64Array, r: number, client: number): void {
    if (!this.hasOpened(client) || !this.hasOpened(client + 1)) return;
    rows[r + column.opened] = Math.max(
      rows[stateTimesOf(r, CLIENT) + ESTABLISHED]!,
      rows[stateTimesOf(r, SERVER) + ESTABLISHED]!,
    );
  }

  private hasOpened(me: number): boolean {
    const { table } = this.flows;
    return isSettled(table, me, RCV_ACK_OF_SYN) && evidenceOf(table, me, RCV_ACK_OF_SYN) !== MID_STREAM;
  }
}

/** Nothing is before the first segment: where the clock went back, it counts as at the same time. */
function clampTimes(rows: Float64Array, r: number): void {
  for (let i = 0; i < OFFSETS.length; i++) {
    if (rows[r + OFFSETS[i]!]! < 0) rows[r + OFFSETS[i]!] = 0;
  }
}
