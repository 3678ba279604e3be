import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openForReading } from '../../../src/record/files/open-database.ts';
import { diagnose } from '../../../src/report/diagnose/diagnose.ts';
import { isAtLeast } from '../../../src/report/diagnose/frame/finding.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import { ROOT } from '../../terminal/finwait.ts';
import { CAPTURES, expectedOf, sysctlsOf } from './diagnosed.ts';
import { REDUCTIONS, reduced } from './reduced.ts';

// What was not captured accuses nobody: of a healthy capture nothing of warning or above is found, whatever is missing
// of it.

const folder = mkdtempSync(join(tmpdir(), 'finwait-reduced-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is found of warning or above in what a reduction leaves. */
async function serious(capture: string, keeps: (typeof REDUCTIONS)[number][1]): Promise<string[]> {
  const path = join(folder, 'reduced.pcap');
  const target = join(folder, 'reduced.sqlite');
  writeFileSync(path, await reduced(join(ROOT, 'captures', capture), keeps));
  await analyze([path], { target, append: false, timeWait: undefined });
  const db = openForReading(target);
  try {
    const { findings } = diagnose(db, { sysctls: sysctlsOf(expectedOf(capture)), least: 'warning' });
    return findings
      .filter(({ severity }) => isAtLeast(severity, 'warning'))
      .map(({ code, subject, count }) => `${code} ${subject} ${count}`);
  } finally {
    db.close();
  }
}

const among = (room: string) => CAPTURES.filter((path) => path.startsWith(`${room}/`));

describe.each(among('healthy'))('%s', (capture) => {
  it.each(REDUCTIONS)('%s: nothing of warning or above', async (_, keeps) => {
    expect(await serious(capture, keeps)).toEqual([]);
  });
});
