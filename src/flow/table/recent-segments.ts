import { type Segment, SYN } from '../../decode/segment.ts';
import { laneOf } from './lane-of.ts';

/** Bits of a place: of two segments at the same place the later one is remembered. */
const PLACE_BITS = 16;
/** Bits of a place that are the flow's lane, up to four: what is forgotten must not depend on how many there are. */
const LANE_BITS = 2;
const DIGEST_MASK = ~0xff;
/** Frames at the beginning of a run that are all probes. */
const BEGINNING = 8192;
/** Probes after which those before count half. */
const PROBES = 4096;
/** Where there are no copies, one SYN in so many is a probe, a power of two. */
const SPARSE = 16;
/** A capture has copies where more than one probe in so many comes again: with copies of all, one in two does. */
const COPIED_SHARE = 4;
/** Fewer that only look like copies may be chance. */
const COPIES = 4;

/** A copy with the same IP identification and TTL comes within this many microseconds. */
const SAME_TTL_US = 100_000;
/** One with a timestamp besides: no other segment has both. */
const TIMESTAMP_US = 10_000_000;
/** One with another TTL: what is sent again goes the same way as before. */
const OTHER_TTL_US = 1_000_000;
/** The shortest retransmission timeout in use: neither is a SYN repeated sooner. */
const SHORTEST_TIMEOUT_US = 200_000;

/** How a segment looks beside one that is remembered. */
const DIFFERENT = 0;
/** Like its copy, or like itself sent again: a copy where the capture has copies. */
const ALIKE = 1;
/** As only a copy does. */
const COPY = 2;

/**
 * A digest of the fields that a router does not change. The SACK blocks are among them: duplicate ACKs within
 * a millisecond may differ in nothing else.
 */
export function digestOf(s: Segment): number {
  let h = Math.imul(s.seq ^ 0x9e3779b1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ s.ack, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ s.tsVal ^ s.sackDigest, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15) ^ ((s.ipId << 16) | s.window), 0x165667b1);
  h = Math.imul(h ^ (h >>> 13) ^ ((s.payloadLength << 8) | s.flags), 0x9e3779b1);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The latest segments, by their digests: what a copy from another place is recognized by, which comes half a
 * round trip later, with other segments between, or before its original by another clock. Few captures have
 * copies, so after the beginning only probes are remembered, which are SYNs, until one of them comes twice. The
 * probes are those of all flows: what they show is the same for each lane. A segment may be forgotten at any time: then
 * its copy counts as a retransmission.
 */
export class RecentSegments {
  /** All segments are to be remembered: the capture has copies, or has only begun. */
  isUsed = true;
  /** Two words a segment: its digest with the TTL in the lowest byte, and the lower half of its time. */
  private readonly words = new Uint32Array(2 << PLACE_BITS);
  private probes = 0;
  /** Probes that came again, with the same TTL (no router is between the two places) and with another. */
  private readonly alike = new Uint32Array(2);
  /** Those of them that are COPY. */
  private readonly copies = new Uint32Array(2);
  /** The numbers of SYNs that are probes have none of these bits. */
  private sparseBits = 0;
  /** The segment that look() has found has another TTL: 1, else 0. */
  private otherTtl = 0;

  /**
   * Takes note of a segment if it is a probe; one that `isOurs` is kept by whoever follows it, once all are. Its
   * frame is the running number over all files.
   */
  see(s: Segment, isOurs: boolean): void {
    if (((s.flags & SYN) !== 0 && (s.seq & this.sparseBits) === 0) || s.frame < BEGINNING)
      this.probe(s, isOurs);
  }

  private probe(s: Segment, isOurs: boolean): void {
    const digest = digestOf(s);
    const looks = this.look(s, digest);
    if (looks !== DIFFERENT) {
      this.alike[this.otherTtl]!++;
      if (looks === COPY) this.copies[this.otherTtl]!++;
    } else {
      if (!isOurs || !this.isUsed) this.keep(s, digest);
      this.probes++;
    }
    if (this.probes >= PROBES) this.halve();
    this.isUsed = this.hasAny(0) || this.hasAny(1) || s.frame < BEGINNING;
    this.sparseBits = this.isUsed ? 0 : SPARSE - 1;
  }

  /** What came before counts half. */
  private halve(): void {
    this.probes >>>= 1;
    for (const counts of [this.alike, this.copies]) for (const kind of [0, 1]) counts[kind]! >>>= 1;
  }

  /** There was a copy of the kind: of the same TTL (0), or of another (1). */
  private hasAny(otherTtl: number): boolean {
    return this.copies[otherTtl]! > 0 || this.hasCopies(otherTtl);
  }

  /** Whether what looks like a copy of the kind is one. */
  private hasCopies(otherTtl: number): boolean {
    const alike = this.alike[otherTtl]!;
    return (this.copies[otherTtl]! > 0 || alike >= COPIES) && alike * COPIED_SHARE > this.probes;
  }

  /** Remembers a segment. */
  keep(s: Segment, digest: number): void {
    const mark = markOf(s, digest);
    const w = placeOf(s, mark);
    this.words[w] = (mark & DIGEST_MASK) | s.ttl;
    this.words[w + 1] = s.timeUs;
  }

  /** The segment is a copy of one that is remembered. */
  isCopy(s: Segment, digest: number): boolean {
    const looks = this.look(s, digest);
    return looks === COPY || (looks === ALIKE && this.hasCopies(this.otherTtl));
  }

  /**
   * A retransmission has a new IP identification, or else a new timestamp as soon as the sender's clock has ticked.
   * Of segments that have neither it shows only how many come twice.
   */
  private look(s: Segment, digest: number): number {
    const mark = markOf(s, digest);
    const w = placeOf(s, mark);
    if (((this.words[w]! ^ mark) & DIGEST_MASK) !== 0) return DIFFERENT;
    const age = Math.abs((s.timeUs - this.words[w + 1]!) | 0);
    this.otherTtl = Number((this.words[w]! & ~DIGEST_MASK) !== s.ttl);
    // No SYN is sent again in the same microsecond: the file holds the same record twice.
    if (age === 0 && (s.flags & SYN) !== 0) return COPY;
    if (s.flags === SYN && s.ipId === 0 && age < SHORTEST_TIMEOUT_US) return COPY;
    if (age >= this.longestAge(s)) return DIFFERENT;
    return s.ipId !== 0 || (this.otherTtl === 1 && s.hasTimestamps) ? COPY : ALIKE;
  }

  /** Copies come sooner than this, microseconds. */
  private longestAge(s: Segment): number {
    if (s.hasTimestamps) return TIMESTAMP_US;
    if (this.otherTtl === 1) return OTHER_TTL_US;
    return s.ipId !== 0 ? SAME_TTL_US : SHORTEST_TIMEOUT_US;
  }
}

/** A hash of a segment's digest and of its flow and direction: constants of a scan's segments say nothing. */
function markOf(s: Segment, digest: number): number {
  let h = Math.imul(digest ^ s.src3, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ s.dst3, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ ((s.srcPort << 16) | s.dstPort), 0x27d4eb2f);
  if (s.ipVersion === 6) {
    h = Math.imul(h ^ (h >>> 15) ^ s.src0 ^ Math.imul(s.dst0, 0x9e3779b1), 0x165667b1);
    h = Math.imul(h ^ (h >>> 13) ^ s.src1 ^ Math.imul(s.dst1, 0x9e3779b1), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 15) ^ s.src2 ^ Math.imul(s.dst2, 0x9e3779b1), 0xc2b2ae35);
  }
  return (h ^ (h >>> 16)) >>> 0;
}

/** Where a segment is remembered: in the part of its lane (laneOf). */
function placeOf(s: Segment, mark: number): number {
  const lane = laneOf(s, 1 << LANE_BITS);
  const place = Math.imul(mark, 0x85ebca6b) >>> (32 - PLACE_BITS + LANE_BITS);
  return ((lane << (PLACE_BITS - LANE_BITS)) | place) << 1;
}
