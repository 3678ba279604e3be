import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/report/diagnose/diagnose.ts';
import { opened, temporaryFolder } from '../../record/database.ts';
import { lacks } from '../../record/program.ts';
import { analyzed, CAPTURES, rowsInShell } from './diagnosed.ts';

describe.skipIf(lacks('sqlite3')).each(CAPTURES)('%s', (capture) => {
  it('shows with each finding SQL that gives the rows it counts, in the plain sqlite3 shell', async () => {
    const path = join(temporaryFolder(), 'capture.sqlite');
    await analyzed(capture, path);
    const { findings } = diagnose(opened(path));
    const rows = findings.map((finding) => [finding.code, finding.subject, rowsInShell(path, finding)]);
    expect(rows).toEqual(findings.map(({ code, subject, count }) => [code, subject, count]));
  });
});
