import type { Segment } from '../../decode/segment.ts';

/** A clock that goes back by more than this has jumped: queues and interfaces are merged with less disorder. */
const BACK_US = 1_000_000;
/** One that goes ahead by more than this has jumped, too: a day. */
const AHEAD_US = 86_400_000_000;
/** From this step back on it is looked whether the capture repeats itself. */
const DISORDER_US = 10_000;
/** How often that is done at most. */
const MAX_WATCHED = 4096;
/** Samples of one microsecond that a segment is compared with at most. */
const MAX_COMPARED = 64;
/** Samples kept at most; of more every second one is given up. */
const SAMPLES = 1 << 13;

/**
 * Whether a capture repeats itself: it was appended to itself, given under two names, or rotated files overlap. Samples
 * of its segments are kept; where time goes back and then one of them comes again, at the same microsecond, all that
 * follows was there before, until time is where it was or a sample does not come. Also counts the clock's jumps: from
 * one segment to the next by more than a second back, or by more than a day ahead.
 */
export class Repeats {
  /** Jumps of the clock so far. */
  jumps = 0;
  private readonly times = new Float64Array(SAMPLES);
  private readonly prints = new Int32Array(SAMPLES);
  private samples = 0;
  /** A segment whose frame number has none of these bits is a sample. */
  private spaceBits = 0;
  /** Time of the segment before, microseconds since the epoch; one far ahead has to be confirmed by a second. */
  private head = 0;
  private doubted = 0;
  private watched = 0;
  /** Until when what comes may be a repeat, 0 if it is none; and the sample that comes next if so. */
  private until = 0;
  private next = 0;
  private isRepeating = false;

  /**
   * A segment was captured, of any flow; its frame is the running number over all files. True if it was captured
   * before, in the same file or another.
   */
  sees(s: Segment): boolean {
    const step = s.timeUs - this.head;
    const isUsual = step >= 0 && step <= AHEAD_US && this.until === 0;
    if (!isUsual || (s.frame & this.spaceBits) === 0) return this.looksAt(s, step);
    this.head = s.timeUs;
    return false;
  }

  private looksAt(s: Segment, step: number): boolean {
    if (step >= 0 && step <= AHEAD_US) this.head = s.timeUs;
    else this.jump(s.timeUs, step);
    if (this.until !== 0) return this.compare(s);
    if ((s.frame & this.spaceBits) === 0) this.take(s);
    return false;
  }

  private jump(timeUs: number, step: number): void {
    if (step > 0) {
      if (this.head !== 0 && Math.abs(timeUs - this.doubted) > AHEAD_US) {
        this.jumps++;
        this.doubted = timeUs;
        return;
      }
    } else if (step > -DISORDER_US) {
      return;
    } else {
      if (step < -BACK_US) this.jumps++;
      if (this.watched++ < MAX_WATCHED) this.watch(timeUs);
    }
    this.head = timeUs;
  }

  private watch(from: number): void {
    this.until = Math.max(this.until, this.head);
    this.isRepeating = false;
    for (this.next = 0; this.next < this.samples && this.times[this.next]! < from; ) this.next++;
  }

  private compare({ timeUs, seq, ack, srcPort, dstPort, ipId }: Segment): boolean {
    if (timeUs > this.until) {
      this.until = 0;
      this.isRepeating = false;
      return false;
    }
    while (this.next < this.samples && this.times[this.next]! < timeUs - DISORDER_US) {
      this.next++;
      this.isRepeating = false;
    }
    const print = printOf(seq, ack, srcPort, dstPort, ipId);
    const from = this.firstAt(timeUs);
    const end = Math.min(from + MAX_COMPARED, this.samples);
    for (let i = from; i < end && this.times[i] === timeUs; i++) {
      if (this.prints[i] !== print) continue;
      this.isRepeating = true;
      if (i === this.next) this.next++;
      break;
    }
    return this.isRepeating;
  }

  /** The first sample from `next` on that is not earlier than this. */
  private firstAt(timeUs: number): number {
    let low = this.next;
    let high = this.samples;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.times[middle]! < timeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private take({ timeUs, seq, ack, srcPort, dstPort, ipId }: Segment): void {
    if (this.samples === SAMPLES) {
      this.samples /= 2;
      for (let i = 0; i < this.samples; i++) {
        this.times[i] = this.times[2 * i]!;
        this.prints[i] = this.prints[2 * i]!;
      }
      this.spaceBits = this.spaceBits * 2 + 1;
    }
    this.times[this.samples] = timeUs;
    this.prints[this.samples++] = printOf(seq, ack, srcPort, dstPort, ipId);
  }
}

function printOf(seq: number, ack: number, srcPort: number, dstPort: number, ipId: number): number {
  return Math.imul(seq ^ Math.imul(ack, 0x85ebca6b) ^ (srcPort << 16) ^ dstPort ^ (ipId << 8), 0x9e3779b1);
}
