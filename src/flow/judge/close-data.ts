import { columnIndex } from '../format/columns.ts';
import { isAlert } from '../table/data-word.ts';
import { evidenceOf, factOf, INFERRED, SND_FIN } from '../table/facts.ts';
import type { Flows } from '../table/flows.ts';
import {
  ACKED_UNSEEN,
  ACTIVE_AT,
  DATA_LENGTH,
  END_NUMBER_WIDTH,
  EXCHANGES,
  FLOW_WIDTH,
  LATE_DATA,
  SEGMENTS,
  SPOKE_LAST,
  TURN_AFTER,
  TURN_LENGTH,
} from '../table/table-layout.ts';

// How long a connection was idle before its close, and what data the close met (follow/data.ts): together they tell
// a race for an idle connection from the rest of a stream.

const IDLE_BEFORE_CLOSE = columnIndex('idle_before_close');
const LATE = columnIndex('late_data');
const LATE_IS_ALERT = columnIndex('late_data_is_alert');
const EXCHANGED = columnIndex('exchanges');
const LAST_BY = columnIndex('last_data_by');
const LAST_AFTER = columnIndex('last_data_after');
const LAST_LENGTH = columnIndex('last_data_length');

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

/** Writes how many exchanges there were before the close, and whose turn was the last (follow/data.ts). */
export function fillTurns(flows: Flows, flow: number, rows: Float64Array, r: number): void {
  const { table } = flows;
  const f = flow * FLOW_WIDTH;
  const side = flows.has(flow * 2, SPOKE_LAST) ? 0 : 1;
  const me = flow * 2 + side;
  // Of an end that was not captured nothing shows its data.
  if (flows.get(me, SEGMENTS) > 0 && flows.get(me ^ 1, SEGMENTS) === 0) return;
  rows[r + EXCHANGED] = table.flow[f + EXCHANGES]!;
  // Behind the last that was captured of its peer there may be data that it has acknowledged.
  if (!flows.has(me, SPOKE_LAST) || flows.has(me ^ 1, ACKED_UNSEEN)) return;
  rows[r + LAST_BY] = side;
  if (flows.get(me ^ 1, DATA_LENGTH) !== 0) rows[r + LAST_AFTER] = table.flow[f + TURN_AFTER]!;
  rows[r + LAST_LENGTH] = table.flow[f + TURN_LENGTH]!;
}
