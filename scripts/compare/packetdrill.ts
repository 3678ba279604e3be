// Compares the path of one kernel endpoint against scripted peers with the kernel's transitions:
//   npx tsx scripts/compare/packetdrill.ts FOLDER [--diff]
// FOLDER holds the captures and expect.tsv, one run a row.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { type EndpointPath, type FlowRow, readPaths, withDatabase } from '../../test/lab/compare/database.ts';
import { readTable } from './table.ts';

const NAMES: Record<string, string> = {
  SYN_RECV: 'SYN_RECEIVED',
  FIN_WAIT1: 'FIN_WAIT_1',
  FIN_WAIT2: 'FIN_WAIT_2',
  CLOSE: 'CLOSED',
};

type Row = Record<string, string>;

/**
 * The kernel's states as they may be seen, one or more ways: a socket that leaves FIN_WAIT_2 or
 * CLOSING without an RST lives on as a mini-socket, in TIME_WAIT or still in FIN_WAIT_2.
 */
function kernelPaths(row: Row): string[] {
  const states = row.kernel_state_path!.split('>').map((name) => NAMES[name] ?? name);
  if (states[0] === 'LISTEN' || states[0] === 'CLOSED') states.shift();
  const path = states.filter((state, i) => state !== states[i - 1]);
  const before = path.at(-2);
  const mini = path.at(-1) === 'CLOSED' && (before === 'FIN_WAIT_2' || before === 'CLOSING');
  if (!mini || row.rst_events!.includes('RECV_RST_ACCEPTED')) return [path.join(' ')];
  const kept = path.slice(0, -1).join(' ');
  const waiting = `${kept} TIME_WAIT`;
  return [kept, `${kept} CLOSED`, waiting, `${waiting} CLOSED`];
}

const matches = (p: EndpointPath, row: Row): boolean =>
  p.ip === row.local_ip &&
  p.port === Number(row.local_port) &&
  p.peerIp === row.remote_ip &&
  p.peerPort === Number(row.remote_port);

const [folder, flag] = process.argv.slice(2);
if (!folder) throw new Error('usage: packetdrill.ts FOLDER [--diff]');
const rows = readTable(readFileSync(join(folder, 'expect.tsv'), 'utf8'));
let paths = 0;
let closers = 0;
/** Rows in which the kernel's events tell who closed first. */
let told = 0;
/** The endpoints and flows of each capture; several rows may speak of one. */
const captures = new Map<string, { all: EndpointPath[]; flows: FlowRow[] }>();
for (const { pcap } of rows) {
  if (captures.has(pcap!)) continue;
  const read = (db: Database) => ({
    all: readPaths(db),
    flows: db.prepare('SELECT * FROM flows').all() as FlowRow[],
  });
  captures.set(pcap!, await withDatabase([join(folder, pcap!)], read));
}
for (const row of rows) {
  const { all, flows } = captures.get(row.pcap!)!;
  const ours = all.filter((p) => matches(p, row));
  const expected = kernelPaths(row);
  const path = (p: EndpointPath) => p.states.map(({ state }) => state).join(' ');
  const found = ours.find((p) => expected.includes(path(p))) ?? ours[0];
  const samePath = found !== undefined && expected.includes(path(found));
  const flow = flows.find((f) => f.id === found?.flow);
  const side = found?.side;
  const first =
    flow?.closed_first === 'both' || !flow?.closed_first
      ? (flow?.closed_first ?? '')
      : flow.closed_first === side
        ? 'local'
        : 'remote';
  const said = row.first_closer_by_kernel_state!.replace('(RST)', '');
  const sameFirst = said === '' || first === said;
  paths += Number(samePath);
  if (said !== '') {
    told++;
    closers += Number(sameFirst);
  }
  if (flag === '--diff' && !(samePath && sameFirst)) {
    console.log(`${row.pcap} flow ${found?.flow ?? 'none'} ${side ?? ''}`);
    if (!samePath)
      console.log(
        `  kernel ${expected[0]}\n  ours   ${found?.states.map((s) => `${s.state}(${s.evidence})`).join(' ')}`,
      );
    if (!sameFirst) console.log(`  closed first: kernel ${row.first_closer_by_kernel_state}, ours ${first}`);
  }
}
const percent = (n: number, of: number) => `${((100 * n) / of).toFixed(1)} % of ${of}`;
console.log(`packetdrill: path ${percent(paths, rows.length)}, closed first ${percent(closers, told)}`);
