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

/** Lowers what is certain to likely, and says why, where it rests on what was not captured. */
export function weigher(db: Database): (finding: Finding) => Finding {
  let lacking: Lacking | undefined;
  return (finding) => {
    if (finding.confidence !== 'certain') return finding;
    lacking ??= lackingOf(db);
    const gap = (lacking.ofFlows ? gapOfFlows(db, finding) : undefined) ?? lacking.ofCaptures;
    if (gap === undefined) return finding;
    return { ...finding, confidence: 'likely', confidenceReason: `${finding.confidenceReason}; ${gap}` };
  };
}

/** What the whole database lacks: of most nothing, and then no finding's connections have to be read once more. */
interface Lacking {
  ofFlows: boolean;
  ofCaptures: string | undefined;
}

function lackingOf(db: Database): Lacking {
  const isSo = (table: string, condition: string) =>
    db.prepare(`SELECT 1 FROM ${table} WHERE ${condition} LIMIT 1`).get() !== undefined;
  return {
    ofFlows: isSo('flow_data AS f', OF_FLOWS.map(([condition]) => condition).join(' OR ')),
    ofCaptures: OF_CAPTURES.find(([condition]) => isSo('captures', condition))?.[1],
  };
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
