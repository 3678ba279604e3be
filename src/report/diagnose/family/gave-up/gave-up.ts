import type { Database } from 'better-sqlite3';
import { code } from '../../../../flow/format/word-table.ts';
import { ENDPOINTS } from '../../../../flow/format/words.ts';
import { type CaseGroup, groupCases } from '../../frame/cases.ts';
import { connectionsOf } from '../../frame/connections.ts';
import { areSeveral } from '../../frame/frequent.ts';
import type { Context } from '../../frame/rule.ts';
import { areOfTimers, type Spread, spreadOf } from '../../frame/spread.ts';
import { type Service, serviceList, serviceOf } from '../../frame/subjects.ts';
import { ASKED_AGAIN, GAVE_UP, MAY_HAVE_GIVEN_UP } from './gave-up-cases.ts';

/** Clients of a service that gave up before its answer. */
export interface GaveUp {
  group: CaseGroup;
  /** How long they had waited since their request. */
  waited: Spread;
  /** The server still worked on most of them, or holds them in CLOSE_WAIT: close-wait-leak tells of these sockets. */
  isAtWork: boolean;
}

/** Fewer such waits on connections in use may be chance. */
const SEVERAL = 5;

/** By service, those with most first. */
export function gaveUp(db: Database, { once }: Context): GaveUp[] {
  if (!areSeveral(db, MAY_HAVE_GIVEN_UP, 1)) return [];
  return groupCases(db, GAVE_UP, { answering: serviceList(once(answering)) }).map((group) => ({
    group,
    waited: spreadOf(waitsOf(group)),
    isAtWork: 2 * group.number('at_work') > group.count,
  }));
}

/**
 * The services whose clients had asked on a connection in use and gave up as by timers, and which do
 * answer: before on the same connections or later on them, or the last word of more of the others is theirs.
 */
export function answering(db: Database): Service[] {
  if (!areSeveral(db, MAY_HAVE_GIVEN_UP, SEVERAL)) return [];
  const groups = groupCases(db, { ...ASKED_AGAIN, having: `count >= ${SEVERAL}` }, {}).filter((group) =>
    areOfTimers(waitsOf(group)),
  );
  const services = groups.map(serviceOf);
  const answered = connectionsOf(db, services, `last_data_by = ${code(ENDPOINTS, 'server')}`);
  return services.filter((_, i) => {
    const { count, number } = groups[i]!;
    return 2 * number('proofs') > count || answered[i]! > count;
  });
}

function waitsOf(group: CaseGroup): number[] {
  return JSON.parse(group.text('waits')) as number[];
}
