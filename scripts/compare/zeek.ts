// Compares zeek_conn_state and zeek_history with Zeek's own conn.log results:
//   npx tsx scripts/compare/zeek.ts FOLDER [--diff]
// FOLDER holds the traces and expect.tsv, one connection a row.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FlowRow, withDatabase } from './database.ts';
import { readTable } from './table.ts';

const [folder, flag] = process.argv.slice(2);
if (!folder) throw new Error('usage: zeek.ts FOLDER [--diff]');
const rows = readTable(readFileSync(join(folder, 'expect.tsv'), 'utf8')).filter(
  (row) => row.conn_state !== '',
);
let states = 0;
let histories = 0;
for (const trace of new Set(rows.map((row) => row.trace!))) {
  const flows = await withDatabase(
    [join(folder, trace)],
    (db) => db.prepare('SELECT * FROM flows ORDER BY first_us').all() as FlowRow[],
  );
  const free = new Set(flows);
  for (const row of rows.filter((row) => row.trace === trace)) {
    const sameTuple = (f: FlowRow) =>
      f.client_ip === row.orig_h &&
      f.client_port === Number(row.orig_p) &&
      f.server_ip === row.resp_h &&
      f.server_port === Number(row.resp_p);
    const candidates = [...free].filter(sameTuple);
    // Zeek cuts some connections in two; the half that ended like ours is the one to compare with.
    const flow = candidates.find((f) => f.zeek_conn_state === row.conn_state) ?? candidates[0];
    if (flow && flow.zeek_conn_state === row.conn_state) free.delete(flow);
    const sameState = flow?.zeek_conn_state === row.conn_state;
    const sameHistory = flow !== undefined && flow.zeek_history === row.history;
    states += Number(sameState);
    histories += Number(sameHistory);
    if (flag === '--diff' && !(sameState && sameHistory)) {
      const ours = flow ? `${flow.zeek_conn_state} ${flow.zeek_history}` : 'no flow';
      console.log(
        `${trace} ${row.orig_h}:${row.orig_p} ${row.resp_h}:${row.resp_p}: zeek ${row.conn_state} ${row.history}, ours ${ours}`,
      );
    }
  }
}
const percent = (n: number) => `${((100 * n) / rows.length).toFixed(1)} % of ${rows.length}`;
console.log(`zeek: conn_state ${percent(states)}, history ${percent(histories)}`);
