import { ACK, type Segment } from '../../decode/segment.ts';
import { seqAdd } from '../../decode/sequence.ts';
import { judgePlaces, keyOf, keyOfFlow, MAX_PLACES, type Place, type Translation } from './places.ts';
import { AGAIN, ALIKE, RecentSyns, UNLIKE } from './recent-syns.ts';
import type { FlowTable } from './table.ts';

/** Frames of a run after which, while none was translated, only one SYN in four is looked at. */
const BEGINNING = 1 << 16;
const SPARSE_BITS = 2;
/** Connections that are looked at, and translations that are kept, at most: the latest ones. */
const MAX_SEVERAL = 1 << 12;
const MAX_KEPT = 1 << 18;

/**
 * Finds the connections that were captured before and after a NAT: the SYN is there with other addresses, but with the
 * same ISN, TSval, window and options. SYNs and SYN-ACKs of all flows are looked at, so each lane comes to the same answer.
 */
export class Translations {
  private readonly syns = new RecentSyns();
  /** The tuples with which a SYN was captured, by its ISN, where it was with several. */
  private readonly several = new Map<number, Place[]>();
  /** What that means for the flows that are followed here, by tuple and ISN. */
  private readonly kept = new Map<string, Translation>();

  /** A segment with SYN was captured; `isOurs` if it is of a flow that is followed here. */
  see(s: Segment, isOurs: boolean): void {
    const isAnswer = (s.flags & ACK) !== 0;
    const isn = isAnswer ? seqAdd(s.ack, -1) : s.seq;
    if (s.frame > BEGINNING && this.several.size === 0 && !isProbe(isn)) return;
    if (isAnswer) this.seeSynAck(s, isn);
    // Nobody chooses 0 at random.
    else if (isn !== 0) this.seeSyn(s, isOurs);
  }

  /** What is known of a flow's translation; undefined where it was captured on one side only. */
  of(table: FlowTable, flow: number): Translation | undefined {
    return this.kept.size === 0 ? undefined : this.kept.get(keyOfFlow(table, flow));
  }

  /** A flow leaves the table. */
  forget(table: FlowTable, flow: number): void {
    this.kept.delete(keyOfFlow(table, flow));
  }

  private seeSyn(s: Segment, isOurs: boolean): void {
    const found = this.syns.compare(s);
    if (found === AGAIN) return;
    if (found === ALIKE) {
      this.join(s, isOurs);
      return;
    }
    if (found === UNLIKE) {
      if (this.several.get(s.seq)?.some(({ key }) => key === keyOfSyn(s))) return;
      this.takeBack(s.seq);
    }
    this.syns.keep(s, isOurs, found === UNLIKE);
  }

  private seeSynAck(s: Segment, isn: number): void {
    this.syns.answer(s, isn);
    if (this.several.size === 0) return;
    const places = this.several.get(isn);
    if (places === undefined) return;
    const ends = [s.dst0, s.dst1, s.dst2, s.dst3, s.src0, s.src1, s.src2, s.src3];
    const key = keyOf(ends, s.dstPort, s.srcPort, isn);
    const place = places.find((known) => known.key === key);
    if (place === undefined || place.answer !== undefined) return;
    place.answer = s.seq;
    this.judge(places);
  }

  /** A SYN that is remembered is there with other addresses. */
  private join(s: Segment, isOurs: boolean): void {
    const { several } = this;
    let places = several.get(s.seq);
    if (places === undefined) {
      const first = this.syns.placeOf(s.seq);
      if (first === undefined) return;
      places = [first];
      several.set(s.seq, places);
      if (several.size > MAX_SEVERAL) dropOldest(several);
    }
    const key = keyOfSyn(s);
    if (places.length > MAX_PLACES || places.some((known) => known.key === key)) return;
    places.push({
      key,
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

  /** An ISN is a constant. */
  private takeBack(isn: number): void {
    for (const { key } of this.several.get(isn) ?? []) this.kept.delete(key);
    this.several.delete(isn);
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

/** One ISN in four; the SYN-ACK's is the same. */
function isProbe(isn: number): boolean {
  return Math.imul(isn, 0x9e3779b1) >>> (32 - SPARSE_BITS) === 0;
}

function keyOfSyn(s: Segment): string {
  const ends = [s.src0, s.src1, s.src2, s.src3, s.dst0, s.dst1, s.dst2, s.dst3];
  return keyOf(ends, s.srcPort, s.dstPort, s.seq);
}

function dropOldest<K>(map: Map<K, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
