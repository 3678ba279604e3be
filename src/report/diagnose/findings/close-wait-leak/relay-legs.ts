import type { CaseGroup } from '../../frame/cases.ts';

// A relay passes a FIN on and waits: then both of its connections stand half-closed, and each CLOSE_WAIT of one leg
// has a twin on the other, entered as soon as the relay had read the FIN.

/** A relay passes on what it reads within this many microseconds. */
const WITHIN_US = 20_000;
/** Twins are nearer to each other than this part of the time from one to the next: else it may be chance. */
const NEARER = 20;
const SEVERAL = 3;
/** Of each leg this part has a twin. */
const NEARLY_ALL = 0.8;
/** Groups that are compared with each other: those with most cases. */
const MAX_GROUPS = 50;

/** Two legs of a relay. */
export interface Legs {
  /** Where the FIN came in, and where the relay passed it on. */
  from: CaseGroup;
  to: CaseGroup;
  twins: number;
  /** Between the entries of twins, microseconds. */
  shortestUs: number;
  longestUs: number;
}

/** The pairs among groups of standing CLOSE_WAITs, which have the measure `entered`. */
export function relayLegs(groups: readonly CaseGroup[]): Legs[] {
  const sides = groups.slice(0, MAX_GROUPS).map((group) => ({
    group,
    entered: (JSON.parse(group.text('entered')) as number[]).sort((a, b) => a - b),
  }));
  const legs: Legs[] = [];
  const taken = new Set<CaseGroup>();
  for (const from of sides) {
    for (const to of sides) {
      if (from === to || taken.has(from.group) || taken.has(to.group)) continue;
      const gaps = twinGaps(from.entered, to.entered);
      if (gaps === undefined) continue;
      legs.push({
        from: from.group,
        to: to.group,
        twins: gaps.length,
        shortestUs: gaps[0]!,
        longestUs: gaps.at(-1)!,
      });
      taken.add(from.group).add(to.group);
    }
  }
  return legs;
}

/** How long after each of `from` its twin followed, the shortest first; undefined if they are no twins. */
function twinGaps(from: readonly number[], to: readonly number[]): number[] | undefined {
  const gaps: number[] = [];
  let next = 0;
  for (const at of from) {
    while (next < to.length && to[next]! < at) next++;
    if (next === to.length || to[next]! - at > WITHIN_US) continue;
    gaps.push(to[next++]! - at);
  }
  if (gaps.length < SEVERAL || gaps.length < NEARLY_ALL * Math.max(from.length, to.length)) return undefined;
  gaps.sort((a, b) => a - b);
  const spaces = from.slice(1).map((at, i) => at - from[i]!);
  spaces.sort((a, b) => a - b);
  const middle = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)]!;
  return middle(gaps) * NEARER <= middle(spaces) ? gaps : undefined;
}
