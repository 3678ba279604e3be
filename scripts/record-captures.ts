import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Lab, missingForLab, openLab } from '../test/lab/lab.ts';
import type { Place, Side } from '../test/lab/network/network.ts';
import { Cleanup, run, seconds } from '../test/lab/run.ts';
import { contradictions, type Expectation, expectationOf } from '../test/lab/scenarios/expect.ts';
import { Player } from '../test/lab/scenarios/play.ts';
import type { Scenario } from '../test/lab/scenarios/scenario.ts';
import { SCENARIOS } from '../test/lab/scenarios/scenarios.ts';
import type { Truth } from '../test/lab/truth/watch.ts';

// Records captures/ again: `npx tsx scripts/record-captures.ts [NAME...]`, as root on Linux. Each
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
writeTables();

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
    const { any = false, filter = '' } = scenario;
    const options = { any, filter, nanoseconds: scenario.format === 'pcapng-ns' };
    const raw = (place: Place): string => join(folder, `${place}.pcap`);
    const watch = lab.watch(scenario.crowd === undefined ? 0.05 : 0.25);
    const player = new Player(lab);
    await player.play(scenario.before ?? []);
    const captures = await Promise.all(places.map((place) => lab.capture(place, raw(place), options)));
    await player.play(scenario.steps);
    await seconds(0.2);
    const frames = await Promise.all(captures.map((capture) => capture.stop()));
    const truth = await watch.stop();
    const wrong = contradictions(scenario, truth);
    if (wrong.length === 0) {
      const measured = measuredIn(lab, scenario, player);
      for (const [i, place] of places.entries()) {
        keep(scenario, raw(place), { at: place, frames: frames[i] ?? 0, measured }, truth);
      }
    }
    return wrong;
  } finally {
    cleanup.run();
  }
}

type Recorded = Omit<Parameters<typeof expectationOf>[2], 'file'>;

/** What a reader of the capture cannot see: other kernel settings than the default, and the end of ports. */
function measuredIn({ network }: Lab, scenario: Scenario, { exhausted_us }: Player): Recorded['measured'] {
  const settings = Object.entries(scenario.network?.sysctls ?? {});
  const sysctl = settings.map(([side, values]) => [network.addresses[side as Side].v4, values] as const);
  return {
    ...(sysctl.length === 0 ? {} : { sysctl: Object.fromEntries(sysctl) }),
    ...(exhausted_us === undefined ? {} : { exhausted_us }),
  };
}

/** Writes a capture in its format, and the expectation beside it. */
function keep(scenario: Scenario, raw: string, recorded: Recorded, truth: Truth): void {
  const { format = 'pcap' } = scenario;
  const { at } = recorded;
  const name = scenario.at === 'both' ? `${scenario.name}-${at}` : scenario.name;
  const file = `${name}.${{ pcap: 'pcap', 'pcap+gzip': 'pcap.gz', 'pcapng-ns': 'pcapng' }[format]}`;
  const path = join(CAPTURES, file);
  mkdirSync(dirname(path), { recursive: true });
  if (format === 'pcapng-ns') run('editcap', ['-F', 'pcapng', raw, path]);
  else if (format === 'pcap+gzip') writeFileSync(path, gzipSync(readFileSync(raw), { level: 9 }));
  else copyFileSync(raw, path);
  const expectation = expectationOf(scenario, truth, { file, ...recorded });
  writeFileSync(join(CAPTURES, `${name}.expect.json`), readableJson(expectation));
}

/** JSON with a line for each innermost object, so that a path reads as a table. */
function readableJson(value: object): string {
  const spread = JSON.stringify(value, null, 2);
  return `${spread.replaceAll(/\{[^{}[\]]*\}/g, (inner) => inner.replaceAll(/\s+/g, ' '))}\n`;
}

/** Writes the tables of captures/README.md, one a folder, in the scenarios' order, from the expectations. */
function writeTables(): void {
  const order = SCENARIOS.map(({ name }) => name);
  const rank = ({ file }: Expectation): number => order.findIndex((name) => file.startsWith(name));
  const expectations = readdirSync(CAPTURES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.expect.json'))
    .map((file): Expectation => JSON.parse(readFileSync(join(CAPTURES, file), 'utf8')))
    .sort((a, b) => rank(a) - rank(b) || a.file.localeCompare(b.file));
  const readme = join(CAPTURES, 'README.md');
  const text = readFileSync(readme, 'utf8').replaceAll(
    /<!-- table (\S+) -->.*?<!-- \/table -->/gs,
    (_, folder: string) => {
      const table = tableOf(expectations.filter(({ file }) => dirname(file) === folder));
      return [`<!-- table ${folder} -->`, ...table, '<!-- /table -->'].join('\n');
    },
  );
  writeFileSync(readme, text);
}

function tableOf(expectations: readonly Expectation[]): string[] {
  const rows = expectations.map(({ file, phenomenon, see, findings, flows, crowd = [], ...rest }) => [
    `[${file}](${file})`,
    phenomenon,
    see,
    [...new Set(findings.map(({ code }) => code))].join(', ') || '-',
    flows.length + crowd.reduce((sum, { count }) => sum + count, 0),
    rest.frames,
    rest.captured_at,
    rest.kernel,
  ]);
  const head = ['file', 'phenomenon', 'what to see', 'finding', 'flows', 'frames', 'captured at', 'kernel'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

function fail(code: number, why: string): never {
  process.stderr.write(`record-captures: ${why}\n`);
  process.exit(code);
}
