import type { Segment } from '../../decode/segment.ts';

/** Hosts remembered, a power of two: of two at the same place the later one is. */
const HOSTS = 1 << 12;

/** When each host sent its last segment. One that is not remembered counts as never seen. */
export class Hosts {
  /** A tag and a time each, side by side: most often they are not in the cache. */
  private readonly places = new Float64Array(2 * HOSTS);

  /** A segment was captured. */
  saw(s: Segment): void {
    const tag = hash(s.src0, s.src1, s.src2, s.src3);
    const at = (tag & (HOSTS - 1)) << 1;
    this.places[at] = tag;
    this.places[at + 1] = s.timeUs;
  }

  /** When the host whose four 32-bit words are at `at` in `words` sent its last segment; microseconds since the epoch, 0 if unknown. */
  lastSeen(words: Uint32Array, at: number): number {
    const tag = hash(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
    const slot = (tag & (HOSTS - 1)) << 1;
    return this.places[slot] === tag ? this.places[slot + 1]! : 0;
  }
}

/** Most addresses differ in their last word only. */
function hash(a: number, b: number, c: number, d: number): number {
  const h = Math.imul(d ^ Math.imul(a ^ b ^ c, 0x85ebca6b), 0x9e3779b1);
  return (h ^ (h >>> 16)) >>> 0;
}
