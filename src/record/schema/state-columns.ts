import { code } from '../../flow/format/word-table.ts';
import { type Endpoint, STATES, type StateName } from '../../flow/format/words.ts';

// SQL over flow_data, whose times are microseconds after the flow's first segment.

/** When an end entered a state; NULL if it never did. */
export function enteredColumn(end: Endpoint, state: StateName): string {
  return `${end}_${state.toLowerCase()}`;
}

/** When an end left a state that it was in, which is when it entered the next one; NULL if it never did. */
export function leftColumn(end: Endpoint, state: StateName): string {
  const later = STATES.slice(code(STATES, state) + 1).map((next) => enteredColumn(end, next));
  return later.length > 1 ? `coalesce(${later.join(', ')})` : (later[0] ?? 'NULL');
}

/**
 * When an end is known to have left a state that it was in; NULL if it never did, or where its next state is UNKNOWN,
 * which does not show when this one ended.
 */
export function endedColumn(end: Endpoint, state: StateName): string {
  const later = STATES.slice(code(STATES, state) + 1, code(STATES, 'UNKNOWN'));
  const closed = `CASE WHEN ${enteredColumn(end, 'UNKNOWN')} IS NULL THEN ${enteredColumn(end, 'CLOSED')} END`;
  return later.length === 0
    ? closed
    : `coalesce(${[...later.map((next) => enteredColumn(end, next)), closed].join(', ')})`;
}
