import type { Segment } from '../../decode/segment.ts';
import { keyOf, type Place } from './places.ts';

/** Both sides of a NAT see a SYN within this many microseconds. */
const SAME_SYN_US = 100_000;
/** Bits of a row: of two SYNs at the same row the later one is remembered. */
const ROW_BITS = 12;

/** Words of a SYN; its addresses are at FROM and TO, four words each. It may have been sent again since. */
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
/** With 64 bytes a cache line. */
const WIDTH = 16;

/** Marks of a SYN; its TTL is above them. */
const IN_USE = 1;
const OURS = 2;
const ANSWERED = 4;
const CONSTANT = 8;
const HAS_TIMESTAMP = 16;
const HAS_IP_ID = 32;
const TTL_SHIFT = 8;

/** How a SYN compares with the one of its ISN that is remembered, if there is one. */
export const UNHEARD = 0;
/** The same tuple: it was sent again, or captured twice. */
export const AGAIN = 1;
/** Another tuple, and all that a NAT keeps is the same, at the same time. */
export const ALIKE = 2;
/** Another tuple, and it is not the same SYN. */
export const UNLIKE = 3;

/** The latest SYNs of a capture, by their ISN. */
export class RecentSyns {
  private readonly words = new Uint32Array(WIDTH << ROW_BITS);

  compare(s: Segment): number {
    const { words } = this;
    const w = rowOf(s.seq);
    if (words[w + ISN] !== s.seq || (words[w + MARKS]! & IN_USE) === 0) return UNHEARD;
    const likeness = likenessOf(s);
    if (isSameTuple(words, w, s)) {
      words[w + LAST_LIKENESS] = likeness;
      words[w + LAST_TIME] = s.timeUs;
      return AGAIN;
    }
    const isNear = (at: number) => Math.abs((s.timeUs - words[at]!) | 0) < SAME_SYN_US;
    const isAlike =
      (words[w + LIKENESS] === likeness && isNear(w + TIME)) ||
      (words[w + LAST_LIKENESS] === likeness && isNear(w + LAST_TIME));
    return isAlike ? ALIKE : UNLIKE;
  }

  /** @param isConstant its ISN was there with other addresses, not as of one SYN: it tells nothing */
  keep(s: Segment, isOurs: boolean, isConstant: boolean): void {
    const { words } = this;
    const w = rowOf(s.seq);
    const likeness = likenessOf(s);
    words[w + ISN] = s.seq;
    words[w + LIKENESS] = likeness;
    words[w + TIME] = s.timeUs;
    words[w + LAST_LIKENESS] = likeness;
    words[w + LAST_TIME] = s.timeUs;
    words[w + FROM] = s.src0;
    words[w + FROM + 1] = s.src1;
    words[w + FROM + 2] = s.src2;
    words[w + FROM + 3] = s.src3;
    words[w + TO] = s.dst0;
    words[w + TO + 1] = s.dst1;
    words[w + TO + 2] = s.dst2;
    words[w + TO + 3] = s.dst3;
    words[w + PORTS] = (s.srcPort << 16) | s.dstPort;
    let marks = IN_USE | (s.ttl << TTL_SHIFT);
    if (isOurs) marks |= OURS;
    if (isConstant) marks |= CONSTANT;
    if (s.tsVal !== 0) marks |= HAS_TIMESTAMP;
    if (s.ipId !== 0) marks |= HAS_IP_ID;
    words[w + MARKS] = marks;
  }

  /** Notes the SYN-ACK that answers an ISN. It goes the way back: the last words of the addresses and its number are enough. */
  answer(s: Segment, isn: number): void {
    const { words } = this;
    const w = rowOf(isn);
    if (words[w + ISN] !== isn || words[w + PORTS] !== ((s.dstPort << 16) | s.srcPort) >>> 0) return;
    if (words[w + FROM + 3] !== s.dst3 || words[w + TO + 3] !== s.src3) return;
    words[w + ANSWER] = s.seq;
    words[w + MARKS]! |= ANSWERED;
  }

  /** The SYN that is remembered of an ISN; undefined where that is a constant. */
  placeOf(isn: number): Place | undefined {
    const { words } = this;
    const w = rowOf(isn);
    const marks = words[w + MARKS]!;
    if ((marks & CONSTANT) !== 0) return undefined;
    const ends = words.slice(w + FROM, w + TO + 4);
    const clientPort = words[w + PORTS]! >>> 16;
    const serverPort = words[w + PORTS]! & 0xffff;
    return {
      key: keyOf(ends, clientPort, serverPort, isn),
      words: ends,
      clientPort,
      serverPort,
      ttl: marks >>> TTL_SHIFT,
      hasTimestamp: (marks & HAS_TIMESTAMP) !== 0,
      hasIpId: (marks & HAS_IP_ID) !== 0,
      isOurs: (marks & OURS) !== 0,
      answer: (marks & ANSWERED) !== 0 ? words[w + ANSWER]! : undefined,
    };
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

function isSameTuple(words: Uint32Array, w: number, s: Segment): boolean {
  return (
    words[w + PORTS] === ((s.srcPort << 16) | s.dstPort) >>> 0 &&
    words[w + FROM + 3] === s.src3 &&
    words[w + TO + 3] === s.dst3 &&
    words[w + FROM] === s.src0 &&
    words[w + FROM + 1] === s.src1 &&
    words[w + FROM + 2] === s.src2 &&
    words[w + TO] === s.dst0 &&
    words[w + TO + 1] === s.dst1 &&
    words[w + TO + 2] === s.dst2
  );
}
