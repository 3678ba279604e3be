import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, writeDatabase } from '../../record/database.ts';
import { FIN_FLOW } from '../../record/flows.ts';
import { finwait, MAIN } from '../finwait.ts';

// A query that never ends can be ended. Standard output closes when the last process that holds it has
// ended: 'close' says that neither the program nor the process that ran the query is left.

/** Gives one row, so long that it is written at once, and then none, for ever. */
const ENDLESS = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
  SELECT printf('%0100000d', i) AS row FROM n WHERE i = 1 OR i < 0`;

function folderWithDatabase(): string {
  const folder = temporaryFolder();
  writeDatabase(join(folder, 'web.sqlite'), [FIN_FLOW]);
  return folder;
}

/** Starts an endless query; it is running when this resolves. */
async function endlessQuery(...options: string[]): Promise<ChildProcess> {
  const words = [MAIN, 'query', 'web.sqlite', ENDLESS, '--format', 'csv', ...options];
  const child = spawn(process.execPath, words, { cwd: folderWithDatabase(), detached: true });
  await once(child.stdout, 'data');
  child.stdout.resume();
  return child;
}

async function outcomeOf(child: ChildProcess) {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends an endless query with exit code %d', (signal, code) => {
  it('sent to the program alone', async () => {
    const child = await endlessQuery();
    child.kill(signal);
    expect(await outcomeOf(child)).toEqual({ code, stderr: '' });
  });

  it('sent to the whole group, as a terminal does', async () => {
    const child = await endlessQuery();
    process.kill(-child.pid!, signal);
    expect(await outcomeOf(child)).toEqual({ code, stderr: '' });
  });
});

it('ends with a program that is killed and can say nothing', async () => {
  const child = await endlessQuery();
  child.kill('SIGKILL');
  expect(await outcomeOf(child)).toEqual({ code: null, stderr: '' });
});

describe('--timeout', () => {
  it('ends an endless query, and says so', async () => {
    const child = await endlessQuery('--timeout', '500ms');
    const stderr = 'finwait: the query was stopped after 500 ms (--timeout)\n';
    expect(await outcomeOf(child)).toEqual({ code: 130, stderr });
  });

  it.each(['1h', '1000d'])('of %s keeps nobody waiting when the query is done', (timeout) => {
    const words = ['query', 'web.sqlite', 'SELECT 1 AS n', '--timeout', timeout];
    expect(finwait(words, { cwd: folderWithDatabase() })).toEqual({
      code: 0,
      stdout: 'n\n1\n',
      stderr: '',
    });
  });
});
