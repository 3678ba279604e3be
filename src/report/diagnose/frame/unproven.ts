import type { Database } from 'better-sqlite3';
import { code } from '../../../flow/format/word-table.ts';
import { ENDPOINTS, EVIDENCE, STATES } from '../../../flow/format/words.ts';
import { counted } from '../../units.ts';
import type { Finding } from './finding.ts';

// What rests on something that was not captured may hardly ever be wrong, but nothing proves it.

const INFERRED = code(EVIDENCE, 'inferred');
const CLOSING = STATES.slice(code(STATES, 'FIN_WAIT_1'), code(STATES, 'UNKNOWN'));

/** What may not have been captured of a connection: conditions on flow_data, and what is said of those that meet it. */
const OF_FLOWS: readonly (readonly [condition: string, said: string])[] = [
  [
    ENDPOINTS.flatMap((end) =>
      CLOSING.map((state) => `((f.${end}_evidence >> ${4 * code(STATES, state)}) & 15) = ${INFERRED}`),
    ).join(' OR '),
    'a FIN was not captured',
  ],
  [
    ENDPOINTS.map((end) => `f.${end}_state = ${code(STATES, 'UNKNOWN')}`).join(' OR '),
    'the state of an end is not known',
  ],
  [ENDPOINTS.map((end) => `f.${end}_missed > 0`).join(' OR '), 'segments were not captured'],
];

/** The same of a whole capture: columns of captures. */
const OF_CAPTURES: readonly (readonly [condition: string, said: string])[] = [
  ['directions = 1', 'one direction alone was captured'],
  ['filtered > 0', 'a filter left segments out'],
];

/** The finding; if it is certain, but rests on what was not captured, it is likely, and says so. */
export function weighed(db: Database, finding: Finding): Finding {
  if (finding.confidence !== 'certain') return finding;
  const gap = gapOfFlows(db, finding) ?? gapOfCaptures(db);
  if (gap === undefined) return finding;
  return { ...finding, confidence: 'likely', confidenceReason: `${finding.confidenceReason}; ${gap}` };
}

/** `of 3 connections a FIN was not captured` */
function gapOfFlows(db: Database, finding: Finding): string | undefined {
  const cases = finding.evidence.sql.replace(/;\s*$/, '');
  const counts = OF_FLOWS.map(([condition]) => `count(*) FILTER (WHERE ${condition})`);
  const found = db
    .prepare<[], number[]>(
      `SELECT ${counts.join(', ')} FROM (${cases}) AS c JOIN flow_data AS f ON f.id = c.flow_id`,
    )
    .raw()
    .get()!;
  const first = found.findIndex((count) => count > 0);
  return first < 0 ? undefined : `of ${counted(found[first]!, 'connection')} ${OF_FLOWS[first]![1]}`;
}

function gapOfCaptures(db: Database): string | undefined {
  return OF_CAPTURES.find(
    ([condition]) => db.prepare(`SELECT 1 FROM captures WHERE ${condition}`).get() !== undefined,
  )?.[1];
}
