import { spawnSync } from 'node:child_process';
import Sqlite from 'better-sqlite3';
import { RULES } from '../../src/report/diagnose/rules.ts';
import { queryNames } from '../../src/report/named-query.ts';
import { Random } from '../generate/random.ts';
import { type BenchOptions, MAIN, makeCapture, makeDatabase, type Report } from './input.ts';
import { asJson, asTable, type Case, isOver, measure } from './results.ts';

// How soon a large database answers: whole processes, from start to exit.

/** Limits of what is asked again and again, and of what looks at every flow. */
const PROMPT_MS = 300;
const THOROUGH_MS = 3000;
/** Of all rules together; the aim is 2 s. */
const DIAGNOSE_MS = 6000;

/** Measures every question, and what no answer can be faster than. */
export async function questions(options: BenchOptions): Promise<Report> {
  const database = await makeDatabase(await makeCapture(options));
  const cases = [...bareCases(database), ...questionCases(database, options)];
  const results = await measure(
    cases.filter(({ name }) => options.only.test(name)),
    options.runs,
  );
  const { flows, seed, runs } = options;
  const settings = { flows, seed, runs };
  return {
    text: asTable(results, settings),
    json: asJson(results, settings),
    isMet: !results.some(isOver),
  };
}

/** What a question is compared with: an empty program, ours doing nothing, one scan in C. */
function bareCases(database: string): Case[] {
  const node = (name: string, ...words: string[]): Case => ({
    name,
    program: process.execPath,
    words,
    limitMs: null,
  });
  const bare = [node('node -e 0', '-e', '0'), node('--version', MAIN, '--version')];
  if (spawnSync('sqlite3', ['--version']).error !== undefined) return bare;
  const sql = 'SELECT count(*) FROM flow_data WHERE close_kind = 2';
  return [...bare, { name: 'sqlite3: scan', program: 'sqlite3', words: [database, sql], limitMs: null }];
}

function questionCases(database: string, { flows, seed }: BenchOptions): Case[] {
  const ask = (limitMs: number | null, command: string, ...words: string[]): Case => ({
    name: [command, ...words].join(' '),
    program: process.execPath,
    words: [MAIN, command, database, ...words],
    limitMs,
  });
  const { ends, seconds } = sampleOf(database, Math.ceil(flows / 2));
  const random = `+${new Random(seed).between(0, seconds).toFixed(3)}`;
  return [
    ...['start', `+${(seconds / 2).toFixed(3)}`, random, 'end'].map((at) =>
      ask(PROMPT_MS, 'states', '--at', at),
    ),
    ask(PROMPT_MS, 'states', '--at', random, '--netstat', '--ip', '10.1.0.7'),
    ask(null, 'states', '--every', '1s'),
    ...FILTERS.map((filter) => ask(PROMPT_MS, 'flows', ...filter)),
    ask(null, 'flows', '--kind', 'reset', '--format', 'csv'),
    ask(PROMPT_MS, 'show', `${Math.ceil(flows / 2)}`),
    ask(PROMPT_MS, 'show', ends),
    ask(THOROUGH_MS, 'report'),
    ...queryNames().map((name) => ask(THOROUGH_MS, 'query', name)),
    ask(DIAGNOSE_MS, 'diagnose', '--brief'),
    // By itself a rule costs the start of the program and a look at each flow besides.
    ...RULES.map(({ code }) => ask(null, 'diagnose', '--brief', '--only', code)),
  ];
}

const FILTERS = [
  ['--kind', 'reset'],
  ['--kind', 'half', '--port', 'server:443'],
  ['--closed-first', 'both'],
  ['--state', 'CLOSE_WAIT'],
  ['--state', 'server:LAST_ACK', '--ip', '10.1.0.0/24'],
  ['--ip', '10.1.0.7'],
  ['--ip', '192.0.2.1'],
  ['--longer-than', 'FIN_WAIT_2=1s', '--sort', 'FIN_WAIT_2'],
  ['--reset-kind', 'data-after-close'],
  ['--since', '+1', '--until', '+2'],
];

/** The ends of a flow as `show` takes them, and how long the capture is. */
function sampleOf(database: string, flow: number): { ends: string; seconds: number } {
  const db = new Sqlite(database, { readonly: true });
  try {
    const ends = db
      .prepare<[number], string>(
        "SELECT client_ip || ':' || client_port || '-' || server_ip || ':' || server_port FROM flows WHERE id = ?",
      )
      .pluck()
      .get(flow);
    const us = db.prepare<[], number>('SELECT max(last_us) - min(first_us) FROM captures').pluck().get();
    if (ends === undefined || us === undefined) throw new Error(`${database}: no flow ${flow}`);
    return { ends, seconds: us / 1e6 };
  } finally {
    db.close();
  }
}
