import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openForReading } from '../../../src/record/open-database.ts';
import { diagnose } from '../../../src/report/diagnose/diagnose.ts';
import { isAtLeast } from '../../../src/report/diagnose/frame/finding.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import { ROOT } from '../../terminal/finwait.ts';
import { CAPTURES, expectedOf, sysctlsOf } from './diagnosed.ts';
import { REDUCTIONS, reduced } from './reduced.ts';

// What was not captured accuses nobody: of a healthy capture nothing of warning or above is found, whatever is missing
// of it, and of one with a trouble no other trouble.

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

/** What else may be said where the capture lacks what tells them apart, with the reason. */
const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  // Where the silence began is not in the capture: the articles of these name the idle timeout.
  'idle-middlebox': ['half-open', 'peer-gone'],
  // That the server's program did not read is not shown without its ACKs; that its clients gave up is.
  'close-wait-leak': ['client-gave-up'],
  // Which of the SYNs had been sent on ports used before, or with older timestamps, was cut off.
  'opened-late': ['backlog-overflow'],
  'tw-recycle-nat': ['backlog-overflow'],
};

describe.each(among('causes'))('%s', (capture) => {
  const own = expectedOf(capture).findings.flatMap(({ code }) => [code, ...(NEIGHBOURS[code] ?? [])]);

  it.each(REDUCTIONS)('%s: no other finding of warning or above', async (_, keeps) => {
    const found = await serious(capture, keeps);
    expect(found.filter((one) => !own.some((code) => one.startsWith(`${code} `)))).toEqual([]);
  });
});
