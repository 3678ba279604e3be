import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXAMPLES } from './examples.ts';
import { lacks } from './record/program.ts';

// The comparisons of docs/comparisons.md, held to the shares that were reached.

const root = join(import.meta.dirname, '..');
const tsx = join(root, 'node_modules', '.bin', 'tsx');

/** What a comparison prints last, as numbers of per cent. */
function shares(script: string, ...files: string[]): { line: string; percent: number[]; misses: string[] } {
  const out = execFileSync(tsx, [join(root, 'scripts', 'compare', `${script}.ts`), ...files, '--diff'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = out.trimEnd().split('\n');
  const line = lines.find((text) => / % of /.test(text)) ?? '';
  const percent = [...line.matchAll(/([\d.]+) % of/g)].map((match) => Number(match[1]));
  return { line, percent, misses: lines.filter((text) => text !== line) };
}

describe.skipIf(!existsSync(EXAMPLES))('on the examples (skipped where they are absent)', () => {
  test.each([
    ['kernel', [99.5, 97]],
    ['packetdrill', [97, 99]],
    ['zeek', [97, 90]],
  ])('%s: at least %j per cent', { timeout: 300_000 }, (name, goals) => {
    const { percent, line, misses } = shares(name, join(EXAMPLES, name));
    expect(percent).toHaveLength(goals.length);
    for (const [i, goal] of goals.entries()) {
      expect(percent[i], [line, ...misses].join('\n')).toBeGreaterThanOrEqual(goal);
    }
  });
});

test.skipIf(lacks('tshark'))(
  'wireshark_completeness of every recorded capture is what tshark says',
  { timeout: 300_000 },
  () => {
    const folder = join(root, 'captures');
    const captures = readdirSync(folder).filter((name) => name.includes('.pcap'));
    const { misses } = shares('wireshark', ...captures.map((name) => join(folder, name)));
    // docs/comparisons.md says why this one differs.
    expect(misses.filter((miss) => !miss.includes('syn-on-established'))).toEqual([]);
  },
);
