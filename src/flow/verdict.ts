import { seqDiff } from '../decode/sequence.ts';
import {
  type Fact,
  factOf,
  isSettled,
  RCV_ACK_OF_FIN,
  RCV_ACK_OF_SYN,
  RCV_RST,
  SND_FIN,
  SND_RST,
  SND_SYN,
} from './facts.ts';
import { type Flows, meaning } from './flows.ts';
import { type Life, orderOf } from './life.ts';
import { stateCode } from './machine.ts';
import {
  ACK_MAX,
  FIN_END,
  FLOW_WIDTH,
  HAS_ACK,
  HAS_FIN,
  RESET_EVIDENCE_MASK,
  RESET_EVIDENCE_SHIFT,
  SEGMENTS,
  STATUS,
} from './table-layout.ts';
import { BOTH, type CLOSE_KINDS } from './words.ts';

type CloseKind = (typeof CLOSE_KINDS)[number];

/** How a flow closed. Times are microseconds since the epoch, NaN where there is none. */
export interface Verdict {
  kind: CloseKind;
  /** CLIENT, SERVER, BOTH, or NaN. */
  closedFirst: number;
  startedAt: number;
  endedAt: number;
  /** CLIENT, SERVER or NaN. */
  resetBy: number;
  /** Index in RESET_EVIDENCE; also where an RST was taken back and ended nothing. */
  resetEvidence: number;
}

const FIN_WAIT_1 = stateCode('FIN_WAIT_1');
const REFUSING = meaning('RST refusing SYN');

/** Judges a flow once, when it is let go. `lives` are the client's and the server's. */
export function judgeClose(flows: Flows, flow: number, lives: readonly [Life, Life]): Verdict {
  const { table, trails } = flows;
  const client = flow * 2;
  const server = client + 1;
  const resetBy = earlierSender(flows, client, SND_RST);
  const finBy = earlierSender(flows, client, SND_FIN);
  const rst = resetBy < 0 ? 0 : factOf(table, resetBy, SND_RST);
  const fin = finBy < 0 ? 0 : factOf(table, finBy, SND_FIN);
  const first = fin !== 0 && (rst === 0 || trails.frameOf(fin) <= trails.frameOf(rst)) ? fin : rst;
  const kind = closeKind(flows, client, rst);
  const evidence = (table.flow[flow * FLOW_WIDTH + STATUS]! & RESET_EVIDENCE_MASK) >> RESET_EVIDENCE_SHIFT;
  const crossed = lives[0].entered[FIN_WAIT_1]! > 0 && lives[1].entered[FIN_WAIT_1]! > 0;
  let ended = 0;
  if (kind === 'fin') {
    ended = later(flows, endsItsClose(flows, client), endsItsClose(flows, server));
  } else if (kind === 'fin-reset' || kind === 'reset' || kind === 'refused') {
    ended = later(flows, rst, factOf(table, resetBy ^ 1, RCV_RST));
  }
  return {
    kind,
    closedFirst: first === 0 ? Number.NaN : crossed ? BOTH : (first === fin ? finBy : resetBy) & 1,
    startedAt: first === 0 ? Number.NaN : trails.atOf(first),
    endedAt: ended === 0 ? Number.NaN : trails.atOf(ended),
    resetBy: rst === 0 ? Number.NaN : resetBy & 1,
    resetEvidence: evidence === 0 && rst === 0 ? Number.NaN : evidence,
  };
}

function closeKind(flows: Flows, client: number, rst: number): CloseKind {
  const { table } = flows;
  const server = client + 1;
  const fins = Number(flows.has(client, HAS_FIN)) + Number(flows.has(server, HAS_FIN));
  if (fins === 2 && finIsAcked(flows, client) && finIsAcked(flows, server)) return 'fin';
  if (rst !== 0) {
    if (fins > 0) return 'fin-reset';
    return flows.trails.meaningOf(rst) === REFUSING ? 'refused' : 'reset';
  }
  if (fins === 2) return 'fin-unacked';
  if (fins === 1) return 'half';
  const asked = factOf(table, client, SND_SYN) !== 0 && !isSettled(table, client, RCV_ACK_OF_SYN);
  return asked && flows.get(server, SEGMENTS) === 0 ? 'unanswered' : 'open';
}

/** Its peer has acknowledged its FIN, whether or not that ACK arrived. */
function finIsAcked(flows: Flows, me: number): boolean {
  const peer = me ^ 1;
  return flows.has(peer, HAS_ACK) && seqDiff(flows.get(peer, ACK_MAX), flows.get(me, FIN_END)) >= 0;
}

/** The segment behind which an end that sent a FIN has no more to wait for: the ACK of it, or else an RST; 0 for none. */
function endsItsClose({ table }: Flows, me: number): number {
  return factOf(table, me, RCV_ACK_OF_FIN) || factOf(table, me, RCV_RST) || factOf(table, me, SND_RST);
}

/** Which end has the fact earlier; -1 for none. */
function earlierSender(flows: Flows, client: number, fact: Fact): number {
  const { table, trails } = flows;
  const server = client + 1;
  const ofServer = factOf(table, server, fact) !== 0;
  if (factOf(table, client, fact) === 0) return ofServer ? server : -1;
  if (!ofServer) return client;
  return orderOf(table, trails, client, fact) <= orderOf(table, trails, server, fact) ? client : server;
}

/** The later of two segments of the trail; 0 where one of them has not come, so the close goes on. */
function later(flows: Flows, a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return flows.trails.frameOf(a) >= flows.trails.frameOf(b) ? a : b;
}
