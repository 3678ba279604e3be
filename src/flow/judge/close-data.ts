import { columnIndex } from '../format/columns.ts';
import { isAlert } from '../table/data-word.ts';
import { evidenceOf, factOf, INFERRED, SND_FIN } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import { ACTIVE_AT, END_NUMBER_WIDTH, FLOW_WIDTH, LATE_DATA } from '../table/table-layout.ts';

// How long a connection was idle before its close, and what data the close met (follow/data.ts): together they tell
// a race for an idle connection from the rest of a stream.

const IDLE_BEFORE_CLOSE = columnIndex('idle_before_close');
const LATE = columnIndex('late_data');
const LATE_IS_ALERT = columnIndex('late_data_is_alert');

/**
 * Writes how long `closer` had neither sent nor acknowledged data when it closed the flow.
 * @param close the entry of its FIN or RST
 */
export function fillIdle(flows: Flows, closer: number, close: number, rows: Float64Array, r: number): void {
  const { table, trails } = flows;
  if (!flows.hasSentData(closer) && !flows.hasSentData(closer ^ 1)) return;
  // When a FIN was sent that was not captured is not known.
  if (evidenceOf(table, closer, SND_FIN) === INFERRED) return;
  const activeAt = table.endNumber[closer * END_NUMBER_WIDTH + ACTIVE_AT]!;
  rows[r + IDLE_BEFORE_CLOSE] = Math.max(trails.atOf(close) - activeAt, 0);
}

/** Writes when, beside the flow's first FIN, the first data came that it does not acknowledge, if any did. */
export function fillLateData(flows: Flows, flow: number, rows: Float64Array, r: number): void {
  const { table, trails } = flows;
  const data = table.flow[flow * FLOW_WIDTH + LATE_DATA]!;
  if (data === 0) return;
  const fin = factOf(table, flow * 2 + (trails.sideOf(data) ^ 1), SND_FIN);
  rows[r + LATE] = trails.atOf(data) - trails.atOf(fin);
  if (trails.firstByteOf(data) >= 0) rows[r + LATE_IS_ALERT] = Number(isAlert(trails.dataOf(data)));
}
