import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openForReading } from '../../../src/record/open-database.ts';
import { diagnose } from '../../../src/report/diagnose/diagnose.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import { EXAMPLES } from '../../examples.ts';

// What is said of captures beside the repository in which states stand, or nothing is wrong.

const folder = mkdtempSync(join(tmpdir(), 'finwait-standing-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  [
    'field/e-proxy-pair.pcap.gz',
    ['warning close-wait-leak 10.77.1.2 -> 10.77.2.2:4143'],
    /relay waits half-closed: each CLOSE_WAIT here has a twin on 127\.0\.0\.1 -> 127\.0\.0\.1:9090/,
  ],
  [
    'field/cut-start-nginx.pcap.gz',
    ['info server-holds-time-wait 10.50.2.2:80', 'note time-wait-harmless 10.50.1.2'],
    /7 TIME_WAITs at once/,
  ],
  ['field/f-tls-notify.pcap.gz', [], /^$/],
])('%s', (capture, must, said) => {
  const path = join(EXAMPLES, capture);

  it.skipIf(!existsSync(path))('is found for what it is, and nothing else', async () => {
    const target = join(folder, 'one.sqlite');
    await analyze([path], { target, append: false, timeWait: undefined });
    const db = openForReading(target);
    try {
      const { findings } = diagnose(db);
      const named = findings.map(({ severity, code, subject }) => `${severity} ${code} ${subject}`);
      expect(named.filter((one) => !one.startsWith('note') || must.length > 0)).toEqual(must);
      if (must.length > 0) expect(findings.map(({ title }) => title).join('\n')).toMatch(said);
    } finally {
      db.close();
    }
  });
});
