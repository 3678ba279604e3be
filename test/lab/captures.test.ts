import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Expectation, statesOf } from './scenarios/expect.ts';
import { SCENARIOS } from './scenarios/scenarios.ts';

// The recorded captures are what the scenarios say they are, whoever recorded them last.

const folder = fileURLToPath(new URL('../../captures/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
const readme = readFileSync(join(folder, 'README.md'), 'utf8');

const recordings = SCENARIOS.flatMap((scenario) =>
  scenario.at === 'both'
    ? (['client', 'server'] as const).map((at) => ({ name: `${scenario.name}-${at}`, at, scenario }))
    : [{ name: scenario.name, at: scenario.at, scenario }],
);

/** Packet records of a little-endian pcap file. */
function countRecords(pcap: Buffer): number {
  let records = 0;
  for (let at = 24; at < pcap.length; at += 16 + pcap.readUInt32LE(at + 8)) records++;
  return records;
}

/** Enhanced Packet Blocks of a little-endian pcapng file. */
function countPacketBlocks(pcapng: Buffer): number {
  let blocks = 0;
  for (let at = 0; at < pcapng.length; at += pcapng.readUInt32LE(at + 4)) {
    if (pcapng.readUInt32LE(at) === 6) blocks++;
  }
  return blocks;
}

const least = (count: number | [number, number]) => (typeof count === 'number' ? count : count[0]);

/** The same with its keys in one order. */
const sorted = (way: object) => Object.fromEntries(Object.entries(way).sort());

it('there is nothing else in captures/', () => {
  const named = files.map((file) => file.replace(/\.(expect\.json|pcap|pcap\.gz|pcapng)$/, ''));
  const known = ['README.md', 'causes', 'healthy', ...recordings.map(({ name }) => name)];
  expect([...new Set(named)].sort()).toEqual(known.sort());
});

describe.each(recordings)('$name', ({ name, at, scenario }) => {
  const expectation: Expectation = JSON.parse(readFileSync(join(folder, `${name}.expect.json`), 'utf8'));
  const bytes = readFileSync(join(folder, expectation.file));

  it('has all its frames and is small', () => {
    const counted = expectation.file.endsWith('.pcapng')
      ? countPacketBlocks(bytes)
      : countRecords(expectation.file.endsWith('.gz') ? gunzipSync(bytes) : bytes);
    expect(counted).toBe(expectation.frames);
    expect(bytes.length).toBeLessThan(name.includes('/') ? 300_000 : 20_000);
  });

  it('was recorded from kernels that did what the scenario defines', () => {
    expect(expectation.captured_at).toBe(at);
    const { flows, crowd } = expectation;
    // A way that none has to go need not be among those that were gone.
    const gone = new Set(crowd?.map(({ count: _, ...way }) => JSON.stringify(sorted(way))));
    const ways = scenario.crowd?.map(({ count, ...way }) => ({ count, way: JSON.stringify(sorted(way)) }));
    const defined = ways?.filter(({ count, way }) => gone.has(way) || least(count) > 0).map(({ way }) => way);
    expect([...gone]).toEqual(defined ?? []);
    expect(flows.map(({ client_path }) => statesOf(client_path))).toEqual(
      scenario.flows.map((f) => f.client),
    );
    expect(flows.map(({ server_path }) => statesOf(server_path))).toEqual(
      scenario.flows.map((f) => f.server),
    );
    expect(flows.map(({ close_kind, closed_first }) => ({ close_kind, closed_first }))).toEqual(
      scenario.flows.map(({ close_kind, closed_first }) => ({ close_kind, closed_first })),
    );
  });

  it('expects the findings that the scenario defines', () => {
    expect(expectation.findings).toEqual(scenario.findings);
    if (name.startsWith('healthy/')) expect(scenario.findings).toEqual([]);
    if (name.startsWith('causes/')) expect(scenario.findings).not.toEqual([]);
  });

  it('stands in the README with its present texts', () => {
    const { phenomenon, see } = scenario;
    expect(readme).toContain(`(${expectation.file}) | ${phenomenon} | ${see} | `);
  });
});
