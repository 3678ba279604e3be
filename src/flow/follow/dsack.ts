import { FIN } from '../../decode/segment.ts';
import { isAfter, isAtOrAfter, seqAdd } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import {
  factOf,
  isPending,
  PENDING,
  RCV_ACK_OF_FIN,
  RCV_FIN,
  SEEN,
  SND_FIN,
  setFact,
} from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import {
  BASE,
  BYTES,
  DSACKS,
  END_NUMBER_WIDTH,
  FIN_END,
  HAS_FIN,
  HAS_SEQ,
  HAS_SYN,
  SND_NXT,
} from '../table/table-layout.ts';

// Segments that arrived twice, as their receiver reports them (D-SACK, RFC 2883): they were sent again though
// nothing of them was lost, as a tail-loss probe is (RFC 8985 7), or only their ACK was.

const RETRANSMITTED_FIN = code(MEANINGS, 'retransmitted FIN');
const RETRANSMITTED_DATA = code(MEANINGS, 'retransmitted data');
const SPURIOUS_FIN = code(MEANINGS, 'spurious retransmitted FIN');
const SPURIOUS_DATA = code(MEANINGS, 'spurious retransmitted data');

/** The current segment, which `me` sent, is a D-SACK. */
export function noteDsack(flows: Flows, me: number): void {
  const peer = me ^ 1;
  if (!isOfPeer(flows, peer)) return;
  flows.add(peer, DSACKS);
  if (!flows.has(peer, HAS_FIN)) return;
  const again = lastReported(flows, peer);
  if (again === 0) return;
  const { table, trails } = flows;
  trails.setMeaning(again, trails.meaningOf(again) === RETRANSMITTED_FIN ? SPURIOUS_FIN : SPURIOUS_DATA);
  if (isPending(table, me, RCV_FIN) && factOf(table, me, RCV_FIN) === again) finHadArrived(flows, me, again);
}

/** It reports what the peer has sent. A firewall that translates sequence numbers may forget those in SACKs. */
function isOfPeer(flows: Flows, peer: number): boolean {
  const { dsackLeft, dsackRight } = flows.segment;
  if (flows.has(peer, HAS_SEQ) && isAfter(dsackRight, flows.get(peer, SND_NXT))) return false;
  const isYoung = flows.table.endNumber[peer * END_NUMBER_WIDTH + BYTES]! < 2 ** 31;
  return !flows.has(peer, HAS_SYN) || !isYoung || isAtOrAfter(dsackLeft, flows.get(peer, BASE));
}

/** The last entry of what the peer sent again, and the current D-SACK covers; 0 if there is none. */
function lastReported({ table, trails, segment: s }: Flows, peer: number): number {
  let last = 0;
  for (let entry = trails.first(table, peer >> 1); entry !== 0; entry = trails.nextOf(entry)) {
    const meaning = trails.meaningOf(entry);
    if (meaning !== RETRANSMITTED_FIN && meaning !== RETRANSMITTED_DATA) continue;
    if (trails.sideOf(entry) !== (peer & 1) || !isAtOrAfter(trails.seqOf(entry), s.dsackLeft)) continue;
    const fin = (trails.flagsOf(entry) & FIN) !== 0 ? 1 : 0;
    if (!isAfter(seqAdd(trails.seqOf(entry), trails.lengthOf(entry) + fin), s.dsackRight)) last = entry;
  }
  return last;
}

/**
 * The peer's FIN had reached `me` before this entry, which was thought to have brought it: with what was sent
 * last before, or after a FIN of its own that crossed it. The ACK in the FIN came with it.
 */
function finHadArrived(flows: Flows, me: number, again: number): void {
  const { table, trails } = flows;
  const first = factOf(table, me ^ 1, SND_FIN);
  if (first === 0) return;
  let arrived = first;
  for (let entry = trails.nextOf(first); entry !== again && entry !== 0; entry = trails.nextOf(entry)) {
    const meaning = trails.meaningOf(entry);
    const isCrossing =
      entry === factOf(table, me, SND_FIN) && trails.ackOf(entry) !== flows.get(me ^ 1, FIN_END);
    if (isCrossing || meaning === RETRANSMITTED_FIN || meaning === RETRANSMITTED_DATA) arrived = entry;
  }
  const isPeers = trails.sideOf(arrived) !== (me & 1);
  if (factOf(table, me, RCV_ACK_OF_FIN) === again && isPeers) {
    setFact(table, me, RCV_ACK_OF_FIN, arrived, SEEN);
  }
  setFact(table, me, RCV_FIN, arrived, PENDING);
}
