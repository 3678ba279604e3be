import type { Database } from 'better-sqlite3';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import type { Context } from '../../frame/rule.ts';
import { FORGOTTEN } from './idle-cases.ts';

// A middlebox forgets each connection on its own, after its idle timeout; a host that goes down forgets all at
// one instant. So it is a middlebox if the silences are alike, or if connections that began after others had been
// forgotten were forgotten, too.

/** Silences are alike if their 75th percentile is at most this many times their 10th percentile. */
const ALIKE = 1.5;

/** Connections of a service that were forgotten while they were silent. */
export interface Forgotten {
  group: CaseGroup;
  /** Silences, microseconds, the shortest first. */
  silences: number[];
  isMiddlebox: boolean;
}

/** The services that have several of them. */
export function forgotten(db: Database, { thresholds }: Context): Forgotten[] {
  const groups = groupCases(
    db,
    { ...FORGOTTEN, having: 'count >= :several' },
    { several: thresholds['forgotten-count'] },
  );
  return groups.map((group) => {
    const silences = (JSON.parse(group.text('silences')) as number[]).sort((a, b) => a - b);
    const wentOn = group.number('last_heard_us') > group.sinceUs;
    return { group, silences, isMiddlebox: wentOn || areAlike(silences) };
  });
}

/** @param silences the shortest first */
export function areAlike(silences: readonly number[]): boolean {
  const at = (share: number) => silences[Math.round((silences.length - 1) * share)]!;
  return at(0.75) <= ALIKE * at(0.1);
}
