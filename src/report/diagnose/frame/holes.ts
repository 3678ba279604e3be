import type { Database } from 'better-sqlite3';
import { code } from '../../../flow/format/word-table.ts';
import { ENDPOINTS, EVIDENCE, STATES } from '../../../flow/format/words.ts';
import type { Finding } from './finding.ts';

// What rests on a segment that was acknowledged and never captured is hardly ever wrong, but nothing proves it.

const INFERRED = code(EVIDENCE, 'inferred');
const CLOSING = STATES.slice(code(STATES, 'FIN_WAIT_1'), code(STATES, 'UNKNOWN'));

/** A condition on flow_data: a state of a close is inferred. */
const IS_INFERRED = ENDPOINTS.flatMap((end) =>
  CLOSING.map((state) => `((f.${end}_evidence >> ${4 * code(STATES, state)}) & 15) = ${INFERRED}`),
).join(' OR ');

/** The findings; one that is certain, but rests on FINs that were not captured, is likely. */
export function weighHoles(db: Database, findings: readonly Finding[]): Finding[] {
  // An inferred FIN counts as missed.
  const hasHoles =
    db.prepare('SELECT 1 FROM captures WHERE missed IS NULL OR missed > 0').get() !== undefined;
  return hasHoles ? findings.map((finding) => weighed(db, finding)) : [...findings];
}

function weighed(db: Database, finding: Finding): Finding {
  if (finding.confidence !== 'certain') return finding;
  const cases = finding.evidence.sql.replace(/;\s*$/, '');
  const inferred = Number(
    db
      .prepare(
        `SELECT count(*) FROM (${cases}) AS c JOIN flow_data AS f ON f.id = c.flow_id WHERE ${IS_INFERRED}`,
      )
      .pluck()
      .get(),
  );
  if (inferred === 0) return finding;
  const confidenceReason = `${finding.confidenceReason}; of ${inferred} a FIN was not captured`;
  return { ...finding, confidence: 'likely', confidenceReason };
}
