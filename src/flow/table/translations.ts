import { ACK, type Segment } from '../../decode/segment.ts';
import { seqAdd } from '../../decode/sequence.ts';
import { judgePlaces, MOST_PLACES, type Place, type Translation } from './places.ts';
import type { FlowTable } from './table.ts';
import { BASE, BITS, CLIENT_IS_LOW, END_WIDTH, FLOW_WIDTH, HAS_SYN, KEY, STATUS } from './table-layout.ts';

// A connection that was captured before and after a NAT: its SYN is there with other addresses, but with the same
// ISN, TSval, window and options. SYNs and SYN-ACKs of all flows are looked at, so each lane comes to the same answer.

/** Both sides of a NAT see a SYN within this many microseconds. */
const SAME_SYN_US = 100_000;
/** Bits of a place: of two SYNs at the same place the later one is remembered. */
const ROW_BITS = 13;
/** Connections that are looked at and translations that are kept at most, the latest ones. */
const MAX_GROUPS = 1 << 12;
const MAX_KEPT = 1 << 18;

/** Words of a remembered SYN; its addresses are at FROM and TO, four words each. It may have been sent again since. */
const ISN = 0;
const LIKENESS = 1;
const TIME = 2;
const LAST_LIKENESS = 3;
const LAST_TIME = 4;
const FROM = 5;
const TO = 9;
const PORTS = 13;
const MARKS = 14;
const ANSWER = 15;
const WIDTH = 16;

/** Marks of a remembered SYN; its TTL is above them. */
const IN_USE = 1;
const OURS = 2;
const ANSWERED = 4;
/** Its ISN was there with other addresses, too, but not as of one SYN: it is a constant and tells nothing. */
const CONSTANT = 8;
const HAS_TIMESTAMP = 16;
const HAS_IP_ID = 32;
const TTL_SHIFT = 8;

/** Finds the connections that were captured on both sides of a NAT, from the SYNs of all flows. */
export class Translations {
  /** The latest SYNs, by their ISN. */
  private readonly rows = new Uint32Array(WIDTH << ROW_BITS);
  /** The tuples with which a SYN was captured, by its ISN, where it was with more than one. */
  private readonly groups = new Map<number, Place[]>();
  /** What that means for the flows that are followed here, by tuple and ISN. */
  private readonly kept = new Map<string, Translation>();

  /** A segment with SYN was captured; `isOurs` if it is of a flow that is followed here. */
  see(s: Segment, isOurs: boolean): void {
    if ((s.flags & ACK) !== 0) this.seeSynAck(s);
    else if (s.seq !== 0) this.seeSyn(s, isOurs);
  }

  /** What is known of a flow's translation; undefined where it was captured on one side only. */
  of(table: FlowTable, flow: number): Translation | undefined {
    return this.kept.size === 0 ? undefined : this.kept.get(keyOfFlow(table, flow));
  }

  /** The flow leaves the table. */
  forget(table: FlowTable, flow: number): void {
    if (this.kept.size > 0) this.kept.delete(keyOfFlow(table, flow));
  }

  private seeSyn(s: Segment, isOurs: boolean): void {
    const { rows } = this;
    const w = rowOf(s.seq);
    const likeness = likenessOf(s);
    let marks = marksOf(s, isOurs);
    if ((rows[w + MARKS]! & IN_USE) !== 0 && rows[w + ISN] === s.seq) {
      if (isSameTuple(rows, w, s)) {
        rows[w + LAST_LIKENESS] = likeness;
        rows[w + LAST_TIME] = s.timeUs;
        return;
      }
      if (isAlike(rows, w, likeness, s.timeUs)) {
        if ((rows[w + MARKS]! & CONSTANT) === 0) this.join(w, s, isOurs);
        return;
      }
      if (this.isKnown(s)) return;
      marks |= CONSTANT;
      this.takeBack(s.seq);
    }
    rows[w + ISN] = s.seq;
    rows[w + LIKENESS] = likeness;
    rows[w + TIME] = s.timeUs;
    rows[w + LAST_LIKENESS] = likeness;
    rows[w + LAST_TIME] = s.timeUs;
    rows[w + FROM] = s.src0;
    rows[w + FROM + 1] = s.src1;
    rows[w + FROM + 2] = s.src2;
    rows[w + FROM + 3] = s.src3;
    rows[w + TO] = s.dst0;
    rows[w + TO + 1] = s.dst1;
    rows[w + TO + 2] = s.dst2;
    rows[w + TO + 3] = s.dst3;
    rows[w + PORTS] = (s.srcPort << 16) | s.dstPort;
    rows[w + MARKS] = marks;
  }

  private seeSynAck(s: Segment): void {
    const { rows } = this;
    const isn = seqAdd(s.ack, -1);
    const w = rowOf(isn);
    if (rows[w + ISN] === isn && isAnswer(rows, w, s)) {
      rows[w + ANSWER] = s.seq;
      rows[w + MARKS]! |= ANSWERED;
    }
    const places = this.groups.get(isn);
    if (places === undefined) return;
    const key = keyOf(
      [s.dst0, s.dst1, s.dst2, s.dst3, s.src0, s.src1, s.src2, s.src3],
      s.dstPort,
      s.srcPort,
      isn,
    );
    const place = places.find((known) => known.key === key);
    if (place === undefined || place.answer !== undefined) return;
    place.answer = s.seq;
    this.judge(places);
  }

  /** The SYN that is remembered at `w` is there with other addresses. */
  private join(w: number, s: Segment, isOurs: boolean): void {
    const { groups, rows } = this;
    let places = groups.get(s.seq);
    if (places === undefined) {
      places = [placeOf(rows, w)];
      groups.set(s.seq, places);
      if (groups.size > MAX_GROUPS) dropOldest(groups);
    }
    if (places.length > MOST_PLACES || this.isKnown(s)) return;
    places.push({
      key: keyOfSyn(s),
      words: Uint32Array.of(s.src0, s.src1, s.src2, s.src3, s.dst0, s.dst1, s.dst2, s.dst3),
      clientPort: s.srcPort,
      serverPort: s.dstPort,
      ttl: s.ttl,
      hasTimestamp: s.tsVal !== 0,
      hasIpId: s.ipId !== 0,
      isOurs,
      answer: undefined,
    });
    this.judge(places);
  }

  /** Its tuple is one of those that this SYN was captured with. */
  private isKnown(s: Segment): boolean {
    const places = this.groups.get(s.seq);
    if (places === undefined) return false;
    const key = keyOfSyn(s);
    return places.some((known) => known.key === key);
  }

  /** An ISN is a constant. */
  private takeBack(isn: number): void {
    for (const { key } of this.groups.get(isn) ?? []) this.kept.delete(key);
    this.groups.delete(isn);
  }

  private judge(places: readonly Place[]): void {
    const { kept } = this;
    judgePlaces(places, ({ key, isOurs }, translation) => {
      if (!isOurs) return;
      if (translation === undefined) kept.delete(key);
      else kept.set(key, translation);
    });
    while (kept.size > MAX_KEPT) dropOldest(kept);
  }
}

function rowOf(isn: number): number {
  return (Math.imul(isn, 0x9e3779b1) >>> (32 - ROW_BITS)) * WIDTH;
}

/** A digest of what a NAT keeps of a SYN beside its ISN. */
function likenessOf(s: Segment): number {
  let h = Math.imul((s.window << 16) | s.mss, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ s.optionLayout, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ s.tsVal, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15) ^ ((s.ipId << 16) | ((s.windowScale + 1) << 8) | s.flags), 0x27d4eb2f);
  return (h ^ (h >>> 15) ^ s.payloadLength) >>> 0;
}

function marksOf(s: Segment, isOurs: boolean): number {
  const of = (is: boolean, mark: number) => (is ? mark : 0);
  const told = of(s.tsVal !== 0, HAS_TIMESTAMP) | of(s.ipId !== 0, HAS_IP_ID);
  return IN_USE | of(isOurs, OURS) | told | (s.ttl << TTL_SHIFT);
}

/** A SYN is like the one at `w`, the first of that tuple or the last. */
function isAlike(rows: Uint32Array, w: number, likeness: number, timeUs: number): boolean {
  const isNear = (at: number) => Math.abs((timeUs - rows[at]!) | 0) < SAME_SYN_US;
  return (
    (rows[w + LIKENESS] === likeness && isNear(w + TIME)) ||
    (rows[w + LAST_LIKENESS] === likeness && isNear(w + LAST_TIME))
  );
}

function isSameTuple(rows: Uint32Array, w: number, s: Segment): boolean {
  return (
    rows[w + PORTS] === ((s.srcPort << 16) | s.dstPort) >>> 0 &&
    rows[w + FROM + 3] === s.src3 &&
    rows[w + TO + 3] === s.dst3 &&
    rows[w + FROM] === s.src0 &&
    rows[w + FROM + 1] === s.src1 &&
    rows[w + FROM + 2] === s.src2 &&
    rows[w + TO] === s.dst0 &&
    rows[w + TO + 1] === s.dst1 &&
    rows[w + TO + 2] === s.dst2
  );
}

/** A SYN-ACK goes the way back; the last words of the addresses and its number are enough. */
function isAnswer(rows: Uint32Array, w: number, s: Segment): boolean {
  return (
    rows[w + PORTS] === ((s.dstPort << 16) | s.srcPort) >>> 0 &&
    rows[w + FROM + 3] === s.dst3 &&
    rows[w + TO + 3] === s.src3
  );
}

function placeOf(rows: Uint32Array, w: number): Place {
  const words = rows.slice(w + FROM, w + TO + 4);
  const clientPort = rows[w + PORTS]! >>> 16;
  const serverPort = rows[w + PORTS]! & 0xffff;
  const marks = rows[w + MARKS]!;
  return {
    key: keyOf(words, clientPort, serverPort, rows[w + ISN]!),
    words,
    clientPort,
    serverPort,
    ttl: marks >>> TTL_SHIFT,
    hasTimestamp: (marks & HAS_TIMESTAMP) !== 0,
    hasIpId: (marks & HAS_IP_ID) !== 0,
    isOurs: (marks & OURS) !== 0,
    answer: (marks & ANSWERED) !== 0 ? rows[w + ANSWER]! : undefined,
  };
}

/** @param words the client's address and the server's */
function keyOf(words: ArrayLike<number>, clientPort: number, serverPort: number, isn: number): string {
  const [a, b, c, d] = [words[0], words[1], words[2], words[3]];
  return `${a} ${b} ${c} ${d} ${words[4]} ${words[5]} ${words[6]} ${words[7]} ${clientPort} ${serverPort} ${isn}`;
}

function keyOfSyn(s: Segment): string {
  return keyOf([s.src0, s.src1, s.src2, s.src3, s.dst0, s.dst1, s.dst2, s.dst3], s.srcPort, s.dstPort, s.seq);
}

/** The same of a flow; the empty key, which no SYN has, if its client's SYN is unknown. */
function keyOfFlow(table: FlowTable, flow: number): string {
  const client = flow * 2;
  if ((table.end[client * END_WIDTH + BITS]! & HAS_SYN) === 0) return '';
  const k = flow * FLOW_WIDTH + KEY;
  const [low, high] = [table.key.subarray(k, k + 4), table.key.subarray(k + 4, k + 8)];
  const isLow = (table.flow[flow * FLOW_WIDTH + STATUS]! & CLIENT_IS_LOW) !== 0;
  const words = isLow ? [...low, ...high] : [...high, ...low];
  return keyOf(words, table.portOf(client), table.portOf(client + 1), table.end[client * END_WIDTH + BASE]!);
}

function dropOldest<K>(map: Map<K, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
