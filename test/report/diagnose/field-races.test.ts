import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openForReading } from '../../../src/record/open-database.ts';
import { diagnose } from '../../../src/report/diagnose/diagnose.ts';
import type { Finding } from '../../../src/report/diagnose/frame/finding.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import { EXAMPLES } from '../../examples.ts';
import { named } from './found.ts';

// Races for idle connections, and clients that give up: what must be said of captures from elsewhere.

const CODES = ['keep-alive-race', 'client-gave-up', 'aborts', 'time-wait-refused'];

async function findingsOf(file: string): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'finwait-'));
  try {
    const target = join(folder, 'capture.sqlite');
    await analyze([join(EXAMPLES, file)], { target, append: false, timeWait: undefined });
    const db = openForReading(target);
    const { findings } = diagnose(db);
    db.close();
    return findings;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A file; the findings of these codes, all of them; what is said in words; what must not be. */
type Row = readonly [file: string, findings: readonly string[], said: RegExp, never: RegExp];

const ROWS: readonly Row[] = [
  [
    'field/nn-nginx-node.pcap.gz',
    ['warning keep-alive-race 10.77.2.2:8080 29'],
    /1\.998-2\.012 s.*29 crossed/s,
    /(?<!not: )keep connections/i,
  ],
  [
    'field/hh-race-crossing-client.pcap.gz',
    ['warning keep-alive-race 10.77.2.2:8080 25'],
    /0\.998-1\.004 s.*25 crossed/s,
    /stale/,
  ],
  [
    'field/hh-race-crossing-server.pcap.gz',
    ['warning keep-alive-race 10.77.2.2:8080 25'],
    /1\.000-1\.004 s.*25 crossed/s,
    /stale/,
  ],
  [
    'field/b-keepalive-race.pcap.gz',
    ['warning keep-alive-race 10.77.2.2:8080 8'],
    /1\.990-2\.001 s.*2 crossed.*6 were sent after/s,
    /stale/,
  ],
  [
    'field/v-stale-pool.pcap.gz',
    ['warning keep-alive-race 10.77.2.2:8080 10'],
    /276 ms to 316 ms.*stale/s,
    /crossed/,
  ],
  ['field/f-tls-notify.pcap.gz', [], /^$/, /./],
  [
    'field/oo-stream-cancel-server.pcap.gz',
    ['info aborts 10.77.1.2 -> 10.77.2.2:8080 40'],
    /meets the rest of the answer/,
    /keep-alive timeout/,
  ],
  [
    'field/i-haproxy-check.pcap.gz',
    [
      'info aborts 10.77.1.2 -> 10.77.2.2:3306 60',
      'info aborts 10.77.1.2 -> 10.77.2.2:8080 60',
      'info aborts 10.77.1.2 -> 10.77.2.2:8080 59',
    ],
    /unused connections.*unused connections.*after they got an answer/s,
    /after they got an answer.*after they got an answer/s,
  ],
  [
    'field/q-client-timeout-client.pcap.gz',
    ['warning client-gave-up 10.77.2.2:8080 23', 'info client-gave-up 10.77.2.2:9090 12'],
    /1\.002-1\.012 s.*1\.002-1\.030 s/s,
    /idle timeout/,
  ],
  ['wild/nmap-syn-scan-rst.pcap', ['info aborts 10.0.0.1 5'], /a half-open scan/, /between the ends/],
  ['wild/windows-ldap-rst-then-crossing-fin.pcap', [], /^$/, /./],
];

describe('races and those who gave up', () => {
  it.skipIf(!existsSync(EXAMPLES)).each(ROWS)('%s', async (file, wanted, said, never) => {
    const findings = (await findingsOf(file)).filter(({ code }) => CODES.includes(code));
    expect(findings.map(named)).toEqual(wanted);
    const words = findings.map(({ title, cause }) => `${title}\n${cause}`).join('\n');
    expect(words).toMatch(said);
    expect(words).not.toMatch(never);
  });

  it.skipIf(!existsSync(EXAMPLES))(
    'of sockets that two findings tell of, the leak is the warning, and names the other',
    async () => {
      const findings = await findingsOf('field/q-client-timeout-client.pcap.gz');
      const leak = findings.find(({ code }) => code === 'close-wait-leak');
      expect(leak).toMatchObject({ severity: 'warning', count: 12 });
      expect(leak?.cause).toContain('12 clients gave up after 1.002-1.030 s');
    },
  );
});
