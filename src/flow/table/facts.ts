import { code } from '../format/word-table.ts';
import { EVIDENCE } from '../format/words.ts';
import type { FlowTable } from './table.ts';
import { BITS, END_WIDTH, EVIDENCE_OF, FACTS, HAS_SYN, SENT_NON_SYN } from './table-layout.ts';

// What is known to have happened at an endpoint: eight facts, which are the events of RFC 9293
// figure 5. Each points at the entry of the trail that shows it, with the evidence for it. A
// received segment is first pending (evidence `none`): the endpoint's own acknowledgment or its next
// act decides. The tracker sets, settles and takes back facts as evidence comes in; figure 5 is run
// over them when the answer is wanted (machine.ts), so a judgment may be late, but need not be wrong.

export const SND_SYN = 0;
export const RCV_SYN = 1;
export const RCV_ACK_OF_SYN = 2;
export const SND_FIN = 3;
export const RCV_ACK_OF_FIN = 4;
export const RCV_FIN = 5;
export const SND_RST = 6;
export const RCV_RST = 7;
export const FACT_COUNT = 8;

/** One of the facts above. */
export type Fact = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Codes of the evidence words. */
export const PENDING = code(EVIDENCE, 'none');
export const SENT = code(EVIDENCE, 'sent');
export const ACKED = code(EVIDENCE, 'acked');
export const SEEN = code(EVIDENCE, 'seen');
export const IMPLIED = code(EVIDENCE, 'implied');
export const INFERRED = code(EVIDENCE, 'inferred');
export const MID_STREAM = code(EVIDENCE, 'mid-stream');
export const TIMER = code(EVIDENCE, 'timer');
export const RST_SENT = code(EVIDENCE, 'rst-sent');
export const RST_RECEIVED = code(EVIDENCE, 'rst-received');
export const GAVE_UP = code(EVIDENCE, 'gave-up');
export const FILTERED = code(EVIDENCE, 'filtered');
export const HOLE = code(EVIDENCE, 'hole');
export const REOPENED = code(EVIDENCE, 'reopened');

/** The entry of the trail that shows the fact, 0 if it has not happened. */
export function factOf(table: FlowTable, me: number, fact: Fact): number {
  return table.end[me * END_WIDTH + FACTS + fact]!;
}

/** Code of the evidence for a fact. */
export function evidenceOf(table: FlowTable, me: number, fact: Fact): number {
  return (table.end[me * END_WIDTH + EVIDENCE_OF]! >>> (fact * 4)) & 15;
}

/** Codes of the evidence for all facts, 4 bits each. */
export function evidencesOf(table: FlowTable, me: number): number {
  return table.end[me * END_WIDTH + EVIDENCE_OF]!;
}

/** The fact has happened and is not pending. */
export function isSettled(table: FlowTable, me: number, fact: Fact): boolean {
  return evidenceOf(table, me, fact) !== PENDING;
}

/** The fact waits for evidence. */
export function isPending(table: FlowTable, me: number, fact: Fact): boolean {
  return factOf(table, me, fact) !== 0 && evidenceOf(table, me, fact) === PENDING;
}

/** States that a fact happened at an entry of the trail, in place of any earlier one. */
export function setFact(table: FlowTable, me: number, fact: Fact, entry: number, evidence: number): void {
  table.end[me * END_WIDTH + FACTS + fact] = entry;
  settle(table, me, fact, evidence);
}

/** Gives a fact its evidence; its entry stays. */
export function settle(table: FlowTable, me: number, fact: Fact, evidence: number): void {
  const column = me * END_WIDTH + EVIDENCE_OF;
  table.end[column] = (table.end[column]! & ~(15 << (fact * 4))) | (evidence << (fact * 4));
}

/** Takes a fact back. */
export function clearFact(table: FlowTable, me: number, fact: Fact): void {
  setFact(table, me, fact, 0, PENDING);
}

/** It has sent a SYN, which its peer has not accepted so far: SYN_SENT, or refused. */
export function isAsking(table: FlowTable, me: number): boolean {
  const { end } = table;
  if (factOf(table, me, SND_SYN) === 0 || (end[me * END_WIDTH + BITS]! & SENT_NON_SYN) !== 0) return false;
  return (end[(me ^ 1) * END_WIDTH + BITS]! & (HAS_SYN | SENT_NON_SYN)) === 0;
}

/** Nothing but late segments can follow in a flow: both FINs are acknowledged, or an RST has ended it. */
export function isOver(table: FlowTable, flow: number): boolean {
  const client = flow * 2;
  const server = client + 1;
  return (
    (isSettled(table, client, RCV_ACK_OF_FIN) && isSettled(table, server, RCV_ACK_OF_FIN)) ||
    factOf(table, client, SND_RST) !== 0 ||
    factOf(table, server, SND_RST) !== 0 ||
    factOf(table, client, RCV_RST) !== 0 ||
    factOf(table, server, RCV_RST) !== 0
  );
}
