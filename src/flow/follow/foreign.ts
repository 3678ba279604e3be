import { ACK, FIN, SYN } from '../../decode/segment.ts';
import { isAfter } from '../../decode/sequence.ts';
import { code } from '../format/word-table.ts';
import { MEANINGS } from '../format/words.ts';
import { evidenceOf, isAsking, SENT, SND_SYN } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { BASE, SND_NXT } from '../table/table-layout.ts';

// Segments that are not of this connection, though they have its 4-tuple: an old connection that was not
// captured answers a SYN (RFC 9293 3.5.1).

const CHALLENGE_ACK = code(MEANINGS, 'challenge ACK');

/** The current segment, which `me` sent, is not of this connection: its numbers are another one's. */
export function isForeign(flows: Flows, me: number): boolean {
  if (!answersOtherSyn(flows, me)) return false;
  flows.note(me, CHALLENGE_ACK);
  return true;
}

/**
 * The current RST, which `me` sent in SYN_SENT, answers such an ACK: it ends the old connection, not this
 * (3.10.7.3). One that answers a SYN-ACK of something else counts until the SYN is accepted after all.
 */
export function resetsForeign(flows: Flows, me: number): boolean {
  const { segment: s, table, trails } = flows;
  if ((s.flags & ACK) !== 0 || !isAsking(table, me) || s.seq === flows.get(me, SND_NXT)) return false;
  for (let entry = trails.first(table, me >> 1); entry !== 0; entry = trails.nextOf(entry)) {
    if ((trails.flagsOf(entry) & (SYN | ACK)) === (SYN | ACK) && trails.ackOf(entry) === s.seq) return false;
  }
  return true;
}

/** The peer's SYN was captured, and this is an ACK or a SYN-ACK of something else. */
function answersOtherSyn(flows: Flows, me: number): boolean {
  const peer = me ^ 1;
  const { segment: s, table } = flows;
  if ((s.flags & (ACK | FIN)) !== ACK || evidenceOf(table, peer, SND_SYN) !== SENT) return false;
  if ((s.flags & SYN) === 0 && (s.payloadLength > 0 || !isAsking(table, peer))) return false;
  return !isAfter(s.ack, flows.get(peer, BASE)) || isAfter(s.ack, flows.get(peer, SND_NXT));
}
