import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForReading } from '../../../src/record/open-database.ts';
import { diagnose } from '../../../src/report/diagnose/diagnose.ts';
import { type Finding, isAtLeast } from '../../../src/report/diagnose/frame/finding.ts';
import { lacks } from '../../record/program.ts';
import { analyzed, CAPTURES, expectedOf, rowsInShell, sysctlsOf } from './diagnosed.ts';

const named = ({ code, subject }: { code: string; subject: string }) => `${code} ${subject}`;

describe.each(CAPTURES)('%s', (capture) => {
  const expected = expectedOf(capture);
  let path: string;
  let db: Database.Database;
  let findings: Finding[];
  beforeAll(async () => {
    path = join(mkdtempSync(join(tmpdir(), 'finwait-')), 'capture.sqlite');
    await analyzed(capture, path);
    db = openForReading(path);
    ({ findings } = diagnose(db, { sysctls: sysctlsOf(expected) }));
  });
  afterAll(() => {
    db.close();
    rmSync(dirname(path), { recursive: true });
  });

  it('yields what it was recorded for, and nothing else of warning or above', () => {
    const wanted = expected.findings.map(named);
    const found = findings.map(named);
    expect(found).toEqual(expect.arrayContaining(wanted));
    const serious = findings.filter(({ severity }) => isAtLeast(severity, 'warning')).map(named);
    expect(serious.filter((one) => !wanted.includes(one))).toEqual([]);
  });

  it('finds the same of warning or above where rules that only inform are not asked', () => {
    const serious = (some: readonly Finding[]) =>
      some.filter(({ severity }) => isAtLeast(severity, 'warning'));
    const least = diagnose(db, { sysctls: sysctlsOf(expected), least: 'warning' });
    expect(serious(least.findings)).toEqual(serious(findings));
  });

  it.skipIf(lacks('sqlite3'))(
    'shows with each finding SQL that gives the rows it counts, in the plain sqlite3 shell',
    () => {
      const rows = findings.map((finding) => [named(finding), rowsInShell(path, finding)]);
      expect(rows).toEqual(findings.map((finding) => [named(finding), finding.count]));
    },
  );

  it('has for each finding words, numbers, and flows with their frames', () => {
    for (const { title, cause, remedies, notToDo, confidenceReason, evidence, ...finding } of findings) {
      const texts = [title, cause, confidenceReason, ...remedies, ...notToDo];
      expect(texts.filter((text) => text.trim() === '' || /undefined|NaN|null/.test(text))).toEqual([]);
      expect([remedies.length > 0, notToDo.length > 0]).toEqual([true, true]);
      expect(Object.entries(evidence.numbers).filter(([, value]) => !Number.isFinite(value))).toEqual([]);
      expect([1, 2, 3]).toContain(evidence.flows.length);
      expect(evidence.flows.filter(({ frames }) => frames.length === 0)).toEqual([]);
      expect(finding.sinceUs).toBeLessThanOrEqual(finding.untilUs);
    }
  });
});
