// Compares zeek_conn_state and zeek_history with Zeek's own conn.log results:
//   npx tsx scripts/compare/zeek.ts FOLDER [--diff]
// FOLDER holds the traces and expect.tsv, one connection a row. docs/zeek.md explains what differs.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FlowRow, withDatabase } from '../../test/lab/compare/database.ts';
import { cutTrace } from './cut.ts';
import { readTable } from './table.ts';

type Row = Record<string, string>;

const [folder, flag] = process.argv.slice(2);
if (!folder) throw new Error('usage: zeek.ts FOLDER [--diff]');
// Two rows have a history, but no conn_state to compare with.
const rows = readTable(readFileSync(join(folder, 'expect.tsv'), 'utf8')).filter(
  (row) => row.conn_state !== '',
);
const parts = mkdtempSync(join(tmpdir(), 'finwait-zeek-'));
let states = 0;
let histories = 0;

const isOf = (row: Row) => (f: FlowRow) =>
  f.client_ip === row.orig_h &&
  f.client_port === Number(row.orig_p) &&
  f.server_ip === row.resp_h &&
  f.server_port === Number(row.resp_p);

function judge(row: Row, flow: FlowRow | undefined): void {
  const sameState = flow?.zeek_conn_state === row.conn_state;
  const sameHistory = (flow?.zeek_history || '-') === (row.history || '-');
  states += Number(sameState);
  histories += Number(sameHistory);
  if (flag !== '--diff' || (sameState && sameHistory)) return;
  const ours = flow ? `${flow.zeek_conn_state} ${flow.zeek_history}` : 'no flow';
  console.log(
    `${row.trace} ${row.orig_h}:${row.orig_p} ${row.resp_h}:${row.resp_p}: zeek ${row.conn_state} ${row.history}, ours ${ours}`,
  );
}

const flowsOf = (path: string): Promise<FlowRow[]> =>
  withDatabase([path], (db) => db.prepare('SELECT * FROM flows ORDER BY first_us').all() as FlowRow[]);

try {
  for (const trace of new Set(rows.map((row) => row.trace!))) {
    const path = join(folder, trace);
    const flows = await flowsOf(path);
    const own = rows.filter((row) => row.trace === trace);
    for (const row of own) {
      const same = own.filter((other) => isOf(row)(asFlow(other)));
      if (same.length <= flows.filter(isOf(row)).length) {
        judge(row, flows.filter(isOf(row))[same.indexOf(row)]);
        continue;
      }
      // Zeek's timers have cut the connection in two: each part is judged by its own packets.
      const cuts = await cutTrace(
        path,
        asFlow(row),
        same.map((other) => Number(other.duration) || 0),
        parts,
      );
      judge(row, (await flowsOf(cuts[same.indexOf(row)]!)).find(isOf(row)));
    }
  }
} finally {
  rmSync(parts, { recursive: true, force: true });
}
const percent = (n: number) => `${((100 * n) / rows.length).toFixed(1)} % of ${rows.length}`;
console.log(`zeek: conn_state ${percent(states)}, history ${percent(histories)}`);

/** The addresses and ports of a row, as a flow has them. */
function asFlow(row: Row): FlowRow {
  return {
    client_ip: row.orig_h!,
    client_port: Number(row.orig_p),
    server_ip: row.resp_h!,
    server_port: Number(row.resp_p),
  } as FlowRow;
}
