import type { FileSigns } from '../table/file-signs.ts';

// What the segments of a whole file show of how it was captured.

/** Fewer flows or copies show nothing. */
const AT_LEAST = 5;
/** Nearly all: of flows 19 of 20. */
const ONE_WAY_SHARE = 19;
/** A considerable part: of segments one in ten. */
const COPIED_SHARE = 10;

/**
 * In how many directions: 1 where nearly all flows have one end only, which acknowledges data or SYNs of the other;
 * undefined where too few flows tell. Unanswered SYNs, of a scan or a flood, tell nothing.
 */
export function directionsOf({ oneWay, twoWay }: FileSigns): number | undefined {
  if (oneWay >= AT_LEAST && oneWay >= twoWay * ONE_WAY_SHARE) return 1;
  return twoWay > 0 ? 2 : undefined;
}

/** At how many places: 2 where a considerable part of its segments was captured twice. */
export function placesOf({ copies }: FileSigns, segments: number): number {
  return copies >= AT_LEAST && copies * COPIED_SHARE >= segments ? 2 : 1;
}
