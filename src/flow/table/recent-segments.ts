import { type Segment, SYN } from '../../decode/segment.ts';

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

/** A copy with the same IP identification and TTL comes within this many microseconds. */
const SAME_TTL_US = 100_000;
/** One with a timestamp besides: no other segment has both. */
const TIMESTAMP_US = 10_000_000;
/** One with another TTL: what is sent again goes the same way as before. */
const OTHER_TTL_US = 1_000_000;
/** The shortest retransmission timeout in use: neither is a SYN repeated sooner. */
const SHORTEST_TIMEOUT_US = 200_000;

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
 * probes are those of all flows: what they show is the same for each lane.
 */
export class RecentSegments {
  /** All segments are to be remembered: the capture has copies, or has only begun. */
  isUsed = true;
  /** Two words a segment: its digest with the TTL in the lowest byte, and the lower half of its time. */
  private readonly words = new Uint32Array(2 << PLACE_BITS);
  private probes = 0;
  /** Probes that came again, and those of them with the same TTL: there is no router between the two places. */
  private copiedProbes = 0;
  private copiedWithTtl = 0;
  /** The numbers of SYNs that are probes have none of these bits. */
  private sparseBits = 0;
  /** TTL or hop limit of the segment that isCopy has found. */
  private foundTtl = 0;

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
    if (this.isCopy(s, digest)) {
      this.copiedProbes++;
      if (this.foundTtl === s.ttl) this.copiedWithTtl++;
    } else {
      if (!isOurs || !this.isUsed) this.keep(s, digest);
      this.probes++;
    }
    if (this.probes >= PROBES) {
      this.probes >>>= 1;
      this.copiedProbes >>>= 1;
      this.copiedWithTtl >>>= 1;
    }
    this.isUsed = this.copiedProbes > 0 || s.frame < BEGINNING;
    this.sparseBits = this.isUsed ? 0 : SPARSE - 1;
  }

  /** Remembers a segment. */
  keep(s: Segment, digest: number): void {
    const ends = endsOf(s);
    const w = placeOf(ends, digest);
    this.words[w] = ((digest ^ ends) & DIGEST_MASK) | s.ttl;
    this.words[w + 1] = s.timeUs;
  }

  /**
   * The segment is a copy of one that is remembered. A retransmission has a new IP identification, or else a new
   * timestamp as soon as the sender's clock has ticked. One that has neither, nor another TTL, is a copy where
   * copies are like that: both places are on the same link.
   */
  isCopy(s: Segment, digest: number): boolean {
    const ends = endsOf(s);
    const w = placeOf(ends, digest);
    if (((this.words[w]! ^ digest ^ ends) & DIGEST_MASK) !== 0) return false;
    const age = Math.abs((s.timeUs - this.words[w + 1]!) | 0);
    this.foundTtl = this.words[w]! & ~DIGEST_MASK;
    const hasOtherTtl = this.foundTtl !== s.ttl;
    // No SYN is sent again in the same microsecond: the file holds the same record twice.
    if (age === 0 && (s.flags & SYN) !== 0) return true;
    if (s.ipId === 0 && !hasOtherTtl && this.copiedWithTtl * 4 <= this.probes)
      return s.flags === SYN && age < SHORTEST_TIMEOUT_US;
    if (s.hasTimestamps) return age < TIMESTAMP_US;
    return age < (hasOtherTtl ? OTHER_TTL_US : s.ipId !== 0 ? SAME_TTL_US : SHORTEST_TIMEOUT_US);
  }
}

/** A hash of both ends, the same in both directions (laneOf), and in each run. */
function endsOf(s: Segment): number {
  const addresses = s.src0 ^ s.src1 ^ s.src2 ^ s.src3 ^ s.dst0 ^ s.dst1 ^ s.dst2 ^ s.dst3;
  return Math.imul(addresses ^ s.srcPort ^ s.dstPort, 0x9e3779b1);
}

function placeOf(ends: number, digest: number): number {
  const lane = (ends >>> 24) & ((1 << LANE_BITS) - 1);
  const place = Math.imul(digest ^ (ends >>> 7), 0x85ebca6b) >>> (32 - PLACE_BITS + LANE_BITS);
  return ((lane << (PLACE_BITS - LANE_BITS)) | place) << 1;
}
