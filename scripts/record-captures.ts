import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { contradictions, type Expectation, expectationOf } from './lab/expect.ts';
import { missingForLab, openLab } from './lab/lab.ts';
import type { Place } from './lab/network.ts';
import { Player } from './lab/play.ts';
import { Cleanup, run, seconds } from './lab/run.ts';
import type { Scenario } from './lab/scenario.ts';
import { SCENARIOS } from './lab/scenarios.ts';
import type { Truth } from './lab/watch.ts';

// Records captures/ anew: `npx tsx scripts/record-captures.ts [NAME...]`, as root on Linux. Each
// scenario is played by real kernels in network namespaces, and kept only if it shows its phenomenon.

const CAPTURES = fileURLToPath(new URL('../captures/', import.meta.url));
const SUBNET = 9;
const TRIES = 3;

const names = process.argv.slice(2);
const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
const missing = missingForLab();
if (unknown.length > 0) fail(2, `no such scenario: ${unknown.join(', ')}`);
if (missing.length > 0) fail(4, `recording needs ${missing.join(', ')}`);

for (const scenario of SCENARIOS) {
  if (names.length === 0 || names.includes(scenario.name)) await recordWithRetries(scenario);
}
writeTable();

async function recordWithRetries(scenario: Scenario): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const wrong = await record(scenario);
    process.stderr.write(`${scenario.name}: ${wrong.length === 0 ? 'recorded' : wrong.join('; ')}\n`);
    if (wrong.length === 0) return;
    if (attempt === TRIES) fail(1, `${scenario.name}: not in ${TRIES} tries`);
  }
}

/** Plays a scenario once. Keeps its captures if the returned list of contradictions is empty. */
async function record(scenario: Scenario): Promise<string[]> {
  const places: Place[] = scenario.at === 'both' ? ['client', 'server'] : [scenario.at];
  const folder = mkdtempSync(join(tmpdir(), 'finwait-record-'));
  const cleanup = new Cleanup();
  cleanup.defer(() => rmSync(folder, { recursive: true }));
  try {
    const lab = await openLab({ subnet: SUBNET, ...scenario.network });
    cleanup.defer(() => lab.close());
    const { any = false } = scenario;
    const options = { any, nanoseconds: scenario.format === 'pcapng-ns' };
    const raw = (place: Place): string => join(folder, `${place}.pcap`);
    const captures = await Promise.all(places.map((place) => lab.capture(place, raw(place), options)));
    const watch = lab.watch(0.05);
    await new Player(lab).play(scenario.steps);
    await seconds(0.2);
    const frames = await Promise.all(captures.map((capture) => capture.stop()));
    const truth = await watch.stop();
    const wrong = contradictions(scenario, truth);
    if (wrong.length === 0) {
      for (const [i, place] of places.entries()) keep(scenario, place, raw(place), frames[i] ?? 0, truth);
    }
    return wrong;
  } finally {
    cleanup.run();
  }
}

/** Writes a capture in its format, and the expectation beside it. */
function keep(scenario: Scenario, at: Place, raw: string, frames: number, truth: Truth): void {
  const { format = 'pcap' } = scenario;
  const name = scenario.at === 'both' ? `${scenario.name}-${at}` : scenario.name;
  const file = `${name}.${{ pcap: 'pcap', 'pcap+gzip': 'pcap.gz', 'pcapng-ns': 'pcapng' }[format]}`;
  const path = join(CAPTURES, file);
  if (format === 'pcapng-ns') run('editcap', ['-F', 'pcapng', raw, path]);
  else if (format === 'pcap+gzip') writeFileSync(path, gzipSync(readFileSync(raw), { level: 9 }));
  else copyFileSync(raw, path);
  const expectation = expectationOf(scenario, truth, { file, at, frames });
  writeFileSync(join(CAPTURES, `${name}.expect.json`), readableJson(expectation));
}

/** JSON with a line for each innermost object, so that a path reads as a table. */
function readableJson(value: object): string {
  const spread = JSON.stringify(value, null, 2);
  return `${spread.replaceAll(/\{[^{}[\]]*\}/g, (inner) => inner.replaceAll(/\s+/g, ' '))}\n`;
}

/** Writes the table of captures/README.md, in the scenarios' order, from the expectations. */
function writeTable(): void {
  const order = SCENARIOS.map(({ name }) => name);
  const rank = ({ file }: Expectation): number => order.findIndex((name) => file.startsWith(name));
  const rows = readdirSync(CAPTURES)
    .filter((file) => file.endsWith('.expect.json'))
    .map((file): Expectation => JSON.parse(readFileSync(join(CAPTURES, file), 'utf8')))
    .sort((a, b) => rank(a) - rank(b) || a.file.localeCompare(b.file))
    .map(({ file, phenomenon, see, flows, frames, captured_at, kernel }) =>
      [`[${file}](${file})`, phenomenon, see, flows.length, frames, captured_at, kernel].join(' | '),
    );
  const head = ['file', 'phenomenon', 'what to see', 'flows', 'frames', 'captured at', 'kernel'];
  const table = [head.join(' | '), head.map(() => '---').join(' | '), ...rows].map((row) => `| ${row} |`);
  const readme = join(CAPTURES, 'README.md');
  const [before, after] = readFileSync(readme, 'utf8').split(/<!-- table -->.*<!-- \/table -->/s);
  const marked = ['<!-- table -->', ...table, '<!-- /table -->'].join('\n');
  writeFileSync(readme, `${before}${marked}${after}`);
}

function fail(code: number, why: string): never {
  process.stderr.write(`record-captures: ${why}\n`);
  process.exit(code);
}
