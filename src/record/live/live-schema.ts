import { ROW_COLUMNS } from '../../flow/format/columns.ts';
import { code } from '../../flow/format/word-table.ts';
import { TIME_WAIT_ENDS } from '../../flow/format/words.ts';
import { KERNEL_TABLES } from '../schema/kernel-schema.ts';
import { CREATE_INDEXES, flowTable, ifMissing, NAMES, TABLES } from '../schema/schema.ts';
import { VIEW_NAMES, VIEWS } from '../schema/views.ts';

// While a live capture writes it, a database has its flows in `live_flows`, and `flow_data` is a view: a
// flow that is still open has no end of being watched there, and is shown as watched until the last
// commit. All other views work as ever. When the capture ends, the table takes the view's place.

const NOW = '(SELECT now_us FROM live)';
const CAPTURE_END = code(TIME_WAIT_ENDS, 'capture-end');

const LIVE = `CREATE TABLE live ( -- one row while a capture is running, or after it was killed
  now_us INTEGER NOT NULL -- time of the last commit, microseconds since the epoch
)`;

const LIVE_COUNTS = `CREATE TABLE live_counts ( -- ends by state while a capture is running, one row per commit
  at_us INTEGER PRIMARY KEY, -- time of the commit, microseconds since the epoch
  counts TEXT NOT NULL -- JSON: client SYN_SENT to UNKNOWN, then server
)`;

const FLOW_VIEW = `CREATE VIEW flow_data AS SELECT id, ${ROW_COLUMNS.map(({ name }) => shown(name)).join(', ')},
  zeek_history, segments, changed FROM live_flows`;

/** A TIME_WAIT that is not known to have ended lasts as long as its flow is watched. */
function shown(name: string): string {
  if (name === 'observed') return `coalesce(observed, ${NOW} - first) AS observed`;
  const end = /^(client|server)_time_wait_at_least$/.exec(name)?.[1];
  if (end === undefined) return name;
  const isOpen = `observed IS NULL AND ${end}_time_wait_ended_by = ${CAPTURE_END}`;
  return `CASE WHEN ${isOpen} THEN ${NOW} - first - ${end}_time_wait ELSE ${name} END AS ${name}`;
}

/** Tables and views that are there only while a live capture writes. */
export const LIVE_RELATIONS = [LIVE, LIVE_COUNTS, FLOW_VIEW, flowTable('live_flows')];

const LIVE_VIEWS = [LIVE, `INSERT INTO live VALUES (0)`, LIVE_COUNTS, FLOW_VIEW, ...VIEWS];
const DROP_VIEWS = VIEW_NAMES.map((name) => `DROP VIEW IF EXISTS ${name}`);

const script = (statements: readonly string[]) => statements.map((statement) => `${statement};\n`).join('');

/** Makes an empty database for a live capture. */
export const CREATE_LIVE_SCHEMA = script([...NAMES, ...TABLES, flowTable('live_flows'), ...LIVE_VIEWS]);

/** Makes a finished database ready for a live capture that adds to it. Its timeline is rebuilt at the end. */
export const TO_LIVE = script([
  ...DROP_VIEWS,
  // One that was written before there were such tables has none.
  ...KERNEL_TABLES.map(ifMissing),
  'DELETE FROM timeline',
  'ALTER TABLE flow_data RENAME TO live_flows',
  ...LIVE_VIEWS,
]);

/** Makes a database whose live capture has ended, or was killed, one as any other, but for its timeline. */
export const FROM_LIVE = script([
  `UPDATE live_flows SET (observed, client_time_wait_at_least, server_time_wait_at_least) =
     (SELECT observed, client_time_wait_at_least, server_time_wait_at_least FROM flow_data
      WHERE flow_data.id = live_flows.id)
   WHERE observed IS NULL`,
  ...DROP_VIEWS,
  'DROP VIEW flow_data',
  'DROP TABLE live',
  'DROP TABLE live_counts',
  'ALTER TABLE live_flows RENAME TO flow_data',
  ...VIEWS,
  ...CREATE_INDEXES,
]);
