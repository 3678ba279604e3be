import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder, writeDatabase, writeManyFlows } from '../../record/database.ts';
import { FIN_FLOW, LEAK_FLOW } from '../../record/flows.ts';
import { canMount } from '../../record/program.ts';
import { MAIN, ROOT } from '../finwait.ts';
import { captured, LiveRun, LOST_UNKNOWN } from '../live-run.ts';

const FULL = 'finwait: standard output: the disk is full; not all of it was written\n';

/** Runs a shell's line in a folder; `finwait` is the program. */
function shell(cwd: string, line: string) {
  const script = `finwait() { '${process.execPath}' '${MAIN}' "$@"; }\n${line}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

function folderWithDatabase(): string {
  const folder = temporaryFolder();
  writeDatabase(join(folder, 'web.sqlite'), [FIN_FLOW, LEAK_FLOW]);
  return folder;
}

describe('a full disk at standard output is one line and exit code 3', () => {
  it.each([
    '--help',
    '--version',
    'analyze --help',
    `analyze --db new.sqlite '${ROOT}/captures/close-wait-leak.pcap'`,
    `analyze --no-db '${ROOT}/captures/close-wait-leak.pcap'`,
    'report web.sqlite',
    'flows web.sqlite',
    'flows web.sqlite -f csv',
    'show web.sqlite 1',
    'states web.sqlite',
    'query web.sqlite "SELECT * FROM flows"',
    'query --list',
    'query --show close-kinds',
    'diagnose web.sqlite --fail-on info',
    'explain',
    'explain aborts',
    'devices',
    'completion bash',
  ])('%s', (words) => {
    expect(shell(folderWithDatabase(), `finwait ${words} > /dev/full`)).toEqual({
      code: 3,
      stdout: '',
      stderr: FULL,
    });
  });

  it('analyze: the database is whole all the same', () => {
    const cwd = temporaryFolder();
    const capture = `'${ROOT}/captures/close-wait-leak.pcap'`;
    expect(shell(cwd, `finwait analyze --db new.sqlite ${capture} > /dev/full`).code).toBe(3);
    expect(readdirSync(cwd)).toEqual(['new.sqlite']);
    expect(shell(cwd, 'finwait query new.sqlite "SELECT count(*) AS n FROM flows"').stdout).toBe('n\n3\n');
  });

  it('live: it ends in order, and what came before is in the database', async () => {
    const full = openSync('/dev/full', 'w');
    const run = new LiveRun(['-', '--db', 'live.sqlite'], { stdio: ['pipe', full, 'pipe'] });
    closeSync(full);
    // The stream goes on: what ends it is the first line that cannot be written.
    run.send(captured('close-wait-leak.pcap'));
    const { code, stderr } = await run.end();
    expect(stderr).toBe(
      `${FULL}${LOST_UNKNOWN}finwait: 3 flows in live.sqlite; finwait report live.sqlite sums them up\n`,
    );
    expect({ code, files: readdirSync(run.folder) }).toEqual({ code: 3, files: ['live.sqlite'] });
  });
});

it('a full disk at standard error does not spoil the answer', () => {
  const cwd = folderWithDatabase();
  const { code, stdout } = shell(cwd, 'finwait flows web.sqlite -n 1 2> /dev/full');
  expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 0, lines: 3 });
});

describe.skipIf(!canMount())('a disk that fills up amid a write (needs root, to mount a small tmpfs)', () => {
  const mounted: string[] = [];
  afterEach(() => {
    for (const folder of mounted.splice(0)) execFileSync('umount', [folder]);
  });

  it.each(['flows web.sqlite -n 0 -f csv', 'query web.sqlite "SELECT * FROM flows"'])(
    '%s: not all of it was written, and that is said',
    (words) => {
      const cwd = temporaryFolder();
      writeManyFlows(join(cwd, 'web.sqlite'), FIN_FLOW, 1000);
      const small = temporaryFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', small]);
      mounted.push(small);
      const whole = shell(cwd, `finwait ${words}`).stdout;
      const outcome = shell(cwd, `finwait ${words} > '${small}/rows'`);
      expect(outcome).toEqual({ code: 3, stdout: '', stderr: FULL });
      // What there was room for is there, in order.
      expect(statSync(join(small, 'rows')).size).toBe(16 * 1024);
      expect(whole.startsWith(readFileSync(join(small, 'rows'), 'utf8'))).toBe(true);
    },
  );
});

it('a reader that leaves is no error', () => {
  const cwd = temporaryFolder();
  writeManyFlows(join(cwd, 'web.sqlite'), FIN_FLOW, 10_000);
  const line = 'set -o pipefail; finwait flows web.sqlite -n 0 -f jsonl | head -n 1 > first';
  expect(shell(cwd, line)).toEqual({ code: 0, stdout: '', stderr: '' });
});
