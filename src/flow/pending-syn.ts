import { newSegment, type Segment, SYN } from '../decode/segment.ts';
import { seqAdd } from '../decode/sequence.ts';
import { code } from './format/word-table.ts';
import { MEANINGS } from './format/words.ts';
import type { Flows } from './table/flows.ts';
import { PENDING_SYN, PENDING_SYN_ISN, SEGMENTS } from './table/table-layout.ts';

// A SYN on an open flow, which is not answered yet: a challenge ACK (RFC 5961 4) is no answer. It is in the old flow's
// trail until a SYN-ACK shows that it has begun a new one.

const SYN_ON_OPEN_FLOW = code(MEANINGS, 'SYN on an open flow');

/** Notes the current segment, a SYN, which `me` sent on an open flow, perhaps not for the first time. */
export function notePendingSyn(flows: Flows, me: number): void {
  const { seq } = flows.segment;
  const entry = flows.note(me, SYN_ON_OPEN_FLOW);
  if (!hasPendingSyn(flows, me) || flows.get(me, PENDING_SYN_ISN) !== seq) {
    // Those before start no flow of their own any more.
    let before = flows.get(me, SEGMENTS);
    for (let syn = firstOf(flows, me); syn !== 0; syn = nextOf(flows, me, syn)) before++;
    flows.set(me, SEGMENTS, before);
    flows.set(me, PENDING_SYN, entry);
  }
  flows.set(me, PENDING_SYN_ISN, seq);
}

/** One that `me` sent waits for its answer. */
export function hasPendingSyn(flows: Flows, me: number): boolean {
  return flows.get(me, PENDING_SYN) !== 0;
}

/** The current segment acknowledges the one that `me` sent. */
export function answersPendingSyn(flows: Flows, me: number, s: Segment): boolean {
  return hasPendingSyn(flows, me) && s.ack === seqAdd(flows.get(me, PENDING_SYN_ISN), 1);
}

/** When `me` sent it first, microseconds since the epoch. */
export function pendingSynAt(flows: Flows, me: number): number {
  return flows.trails.atOf(flows.get(me, PENDING_SYN));
}

/** Takes it from the flow, each time that `me` sent it, the first first: at least one. */
export function takePendingSyns(flows: Flows, me: number): Segment[] {
  const syns: Segment[] = [];
  for (let entry = firstOf(flows, me); entry !== 0; entry = nextOf(flows, me, entry))
    syns.push(synOf(flows, entry));
  flows.set(me, PENDING_SYN, 0);
  return syns;
}

/** Its first entry in the trail, 0 if there is none. */
function firstOf(flows: Flows, me: number): number {
  const entry = flows.get(me, PENDING_SYN);
  return entry === 0 || isPending(flows, me, entry) ? entry : nextOf(flows, me, entry);
}

/** Its next one after an entry, 0 for none. */
function nextOf(flows: Flows, me: number, entry: number): number {
  let next = flows.trails.nextOf(entry);
  while (next !== 0 && !isPending(flows, me, next)) next = flows.trails.nextOf(next);
  return next;
}

function isPending(flows: Flows, me: number, entry: number): boolean {
  const { trails } = flows;
  return (
    trails.meaningOf(entry) === SYN_ON_OPEN_FLOW && trails.seqOf(entry) === flows.get(me, PENDING_SYN_ISN)
  );
}

function synOf({ trails }: Flows, entry: number): Segment {
  const s = newSegment();
  s.flags = SYN;
  s.seq = trails.seqOf(entry);
  s.payloadLength = trails.lengthOf(entry);
  // The trail does not keep the window; it was certainly open.
  s.window = 0xffff;
  s.timeUs = trails.atOf(entry);
  s.frame = trails.frameOf(entry);
  s.tsVal = trails.tsValOf(entry);
  return s;
}
