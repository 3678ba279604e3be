// Style, types and tests, one after the other; ends with one line: N passed, N failed, N skipped.
// A failure of style or types counts as one. Arguments are handed on to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (...parts) => join(root, 'node_modules', ...parts);

const total = { passed: 0, failed: 0, skipped: 0 };
if (!succeeds(bin('@biomejs', 'biome', 'bin', 'biome'), ['check', '.'])) total.failed++;
if (!succeeds(bin('typescript', 'bin', 'tsc'), ['--noEmit'])) total.failed++;
countTests(process.argv.slice(2));

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;

function succeeds(script, args) {
  return spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' }).status === 0;
}

function countTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'finwait-test-'));
  const file = join(folder, 'results.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const passed = succeeds(bin('vitest', 'vitest.mjs'), ['run', ...reporters, ...args]);
    const before = total.failed;
    for (const { status, assertionResults } of JSON.parse(readFileSync(file, 'utf8')).testResults) {
      for (const test of assertionResults) {
        if (test.status === 'passed') total.passed++;
        else if (test.status === 'failed') total.failed++;
        else total.skipped++;
      }
      // A file that cannot even be loaded has no tests to fail.
      if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) total.failed++;
    }
    if (!passed && total.failed === before) total.failed++;
  } catch (error) {
    console.error(`the tests left no results: ${error.message}`);
    total.failed++;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
