import type { Database } from 'better-sqlite3';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import { areSeveral } from '../../frame/frequent.ts';
import { type Spread, spreadOf } from '../../frame/spread.ts';
import { GAVE_UP, MAY_HAVE_GIVEN_UP } from './gave-up-cases.ts';

/** Clients of a service that gave up before its answer. */
export interface GaveUp {
  group: CaseGroup;
  /** How long they had waited since their request. */
  waited: Spread;
  /** The server still worked on most of them, or holds them in CLOSE_WAIT: close-wait-leak tells of these sockets. */
  isAtWork: boolean;
}

/** By service, those with most first. */
export function gaveUp(db: Database): GaveUp[] {
  if (!areSeveral(db, MAY_HAVE_GIVEN_UP, 1)) return [];
  return groupCases(db, GAVE_UP, {}).map((group) => ({
    group,
    waited: spreadOf(JSON.parse(group.text('waits')) as number[]),
    isAtWork: 2 * group.number('at_work') > group.count,
  }));
}
