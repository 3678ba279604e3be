import { isAtOrAfter } from '../../decode/sequence.ts';
import { resetKindOf } from '../follow/reset-kind.ts';
import { columnIndex } from '../format/columns.ts';
import { code } from '../format/word-table.ts';
import { BOTH, CLIENT, CLOSE_KINDS, MEANINGS, SERVER, STATES } from '../format/words.ts';
import {
  evidenceOf,
  type Fact,
  factOf,
  INFERRED,
  isAsking,
  RCV_ACK_OF_FIN,
  RCV_RST,
  SND_FIN,
  SND_RST,
} from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { DATA_ONLY } from '../table/segment-kinds.ts';
import { FIN_END, HAS_ACK, HAS_FIN, RCV_NXT, SEGMENTS } from '../table/table-layout.ts';
import { fillIdle, fillLateData, fillTurns } from './close-data.ts';
import { filterOf, isCloseInDoubt } from './doubt.ts';
import { stateTimesOf } from './state-row.ts';
import { orderOf } from './state-times.ts';

const CLOSE_KIND = columnIndex('close_kind');
const CLOSED_FIRST = columnIndex('closed_first');
const CLOSE_STARTED = columnIndex('close_started');
const CLOSE_ENDED = columnIndex('close_ended');
const RESET_BY = columnIndex('reset_by');
const RESET_KIND = columnIndex('reset_kind');
const RESET_EVIDENCE = columnIndex('reset_evidence');

const KIND_FIN = code(CLOSE_KINDS, 'fin');
const KIND_FIN_UNACKED = code(CLOSE_KINDS, 'fin-unacked');
const KIND_HALF = code(CLOSE_KINDS, 'half');
const KIND_RESET = code(CLOSE_KINDS, 'reset');
const KIND_FIN_RESET = code(CLOSE_KINDS, 'fin-reset');
const KIND_REFUSED = code(CLOSE_KINDS, 'refused');
const KIND_UNANSWERED = code(CLOSE_KINDS, 'unanswered');
const KIND_OPEN = code(CLOSE_KINDS, 'open');

const CLOSED = code(STATES, 'CLOSED');
const FIN_WAIT_1 = code(STATES, 'FIN_WAIT_1');
const RST_REFUSING_SYN = code(MEANINGS, 'RST refusing SYN');

/**
 * Classifies the close once, when the flow's row is made, and writes it into that row, at index `r`. Both
 * ends' state times must be there already, and the columns of the close be NaN.
 */
export function classifyClose(
  flows: Flows,
  flow: number,
  rows: Float64Array,
  r: number,
  first: number,
): void {
  const { table, trails } = flows;
  const client = flow * 2;
  const resetBy = earlierResetter(flows, client);
  const finBy = earlierSender(flows, client, SND_FIN);
  const rst = resetBy < 0 ? 0 : firstRstOf(flows, resetBy);
  const fin = finBy < 0 ? 0 : factOf(table, finBy, SND_FIN);
  const kind = closeKind(flows, client, rst);
  rows[r + CLOSE_KIND] = kind;
  fillTurns(flows, flow, rows, r);
  // Also of an RST that was taken back and has ended nothing.
  const evidence = flows.resetEvidenceOf(flow);
  if (rst !== 0) rows[r + RESET_BY] = resetBy & 1;
  if (rst !== 0 || evidence !== 0) {
    rows[r + RESET_EVIDENCE] = evidence;
    rows[r + RESET_KIND] = resetKindOf(evidence);
  }
  if (rst === 0 && fin === 0) return;
  const finFirst = fin !== 0 && (rst === 0 || trails.frameOf(fin) <= trails.frameOf(rst));
  const startedAt = trails.atOf(finFirst ? fin : rst) - first;
  rows[r + CLOSE_STARTED] = startedAt;
  // The other end may have closed before the capture began, or by a FIN that the filter left out.
  if (!isCloseInDoubt(flows, flow) && filterOf(flows, flow) !== DATA_ONLY) {
    const closer = finFirst ? finBy : resetBy;
    if (!haveCrossed(rows, r)) rows[r + CLOSED_FIRST] = closer & 1;
    // Of a FIN that was not captured nothing shows when it was sent.
    else if (!isInferred(flows, client) && !isInferred(flows, client + 1)) rows[r + CLOSED_FIRST] = BOTH;
    fillIdle(flows, closer, finFirst ? fin : rst, rows, r);
  }
  fillLateData(flows, flow, rows, r);
  const ended = endOfClose(flows, client, kind, resetBy);
  if (ended === 0) return;
  // Neither a clock that jumped back nor an RST that was still under way makes the end earlier than what it ends.
  const closedAt = kind === KIND_FIN ? startedAt : rows[stateTimesOf(r, (resetBy & 1) ^ 1) + CLOSED]!;
  rows[r + CLOSE_ENDED] = Math.max(trails.atOf(ended) - first, startedAt, closedAt);
}

function closeKind(flows: Flows, client: number, rst: number): number {
  const { table } = flows;
  const server = client + 1;
  const fins = Number(flows.has(client, HAS_FIN)) + Number(flows.has(server, HAS_FIN));
  if (fins === 2 && finIsAcked(flows, client) && finIsAcked(flows, server)) return KIND_FIN;
  if (rst !== 0) {
    if (fins > 0) return KIND_FIN_RESET;
    return flows.trails.meaningOf(rst) === RST_REFUSING_SYN ? KIND_REFUSED : KIND_RESET;
  }
  if (fins === 2) return KIND_FIN_UNACKED;
  if (fins === 1) return KIND_HALF;
  return isAsking(table, client) && flows.get(server, SEGMENTS) === 0 ? KIND_UNANSWERED : KIND_OPEN;
}

/** The peer has acknowledged this end's FIN, whether or not that ACK arrived. */
function finIsAcked(flows: Flows, me: number): boolean {
  const peer = me ^ 1;
  return flows.has(peer, HAS_ACK) && isAtOrAfter(flows.get(peer, RCV_NXT), flows.get(me, FIN_END));
}

/** Its FIN was never captured. */
function isInferred({ table }: Flows, me: number): boolean {
  return evidenceOf(table, me, SND_FIN) === INFERRED;
}

/** Each end sent its FIN before it received the other's. */
function haveCrossed(rows: Float64Array, r: number): boolean {
  const client = rows[stateTimesOf(r, CLIENT) + FIN_WAIT_1]!;
  return !Number.isNaN(client + rows[stateTimesOf(r, SERVER) + FIN_WAIT_1]!);
}

/** The entry after which neither end waits for anything; 0 while the close goes on. */
function endOfClose(flows: Flows, client: number, kind: number, resetBy: number): number {
  if (kind === KIND_FIN) return later(flows, endsItsClose(flows, client), endsItsClose(flows, client + 1));
  if (resetBy < 0) return 0;
  return later(flows, endsByRst(flows, client), endsByRst(flows, client + 1));
}

/** The RST that ended an endpoint, be it its own or the peer's; 0 for none. */
function endsByRst(flows: Flows, me: number): number {
  return earlier(flows, factOf(flows.table, me, SND_RST), factOf(flows.table, me, RCV_RST));
}

/** The first RST of an endpoint that counts: one that it went on after counts if the peer accepted it. */
function firstRstOf(flows: Flows, me: number): number {
  return earlier(flows, factOf(flows.table, me, SND_RST), factOf(flows.table, me ^ 1, RCV_RST));
}

/** The end whose RST came first; -1 for none. */
function earlierResetter(flows: Flows, client: number): number {
  const ofClient = firstRstOf(flows, client);
  const ofServer = firstRstOf(flows, client + 1);
  if (ofClient === 0) return ofServer === 0 ? -1 : client + 1;
  return earlier(flows, ofClient, ofServer) === ofClient ? client : client + 1;
}

/** The entry after which an end that sent a FIN waits for nothing more: the ACK of it, or else an RST; 0 for none. */
function endsItsClose({ table }: Flows, me: number): number {
  return factOf(table, me, RCV_ACK_OF_FIN) || factOf(table, me, RCV_RST) || factOf(table, me, SND_RST);
}

/** The end that has the fact earlier; -1 for none. */
function earlierSender(flows: Flows, client: number, fact: Fact): number {
  const { table, trails } = flows;
  const server = client + 1;
  const ofServer = factOf(table, server, fact) !== 0;
  if (factOf(table, client, fact) === 0) return ofServer ? server : -1;
  if (!ofServer) return client;
  return orderOf(table, trails, client, fact) <= orderOf(table, trails, server, fact) ? client : server;
}

/** The earlier of two entries of the trail, either of which may be missing. */
function earlier(flows: Flows, a: number, b: number): number {
  if (a === 0 || b === 0) return a || b;
  return flows.trails.frameOf(a) <= flows.trails.frameOf(b) ? a : b;
}

/** The later of two entries of the trail; 0 if one of them is missing, so that the close goes on. */
function later(flows: Flows, a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return flows.trails.frameOf(a) >= flows.trails.frameOf(b) ? a : b;
}
