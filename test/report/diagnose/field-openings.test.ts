import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openForReading } from '../../../src/record/open-database.ts';
import { diagnose } from '../../../src/report/diagnose/diagnose.ts';
import { isAtLeast } from '../../../src/report/diagnose/frame/finding.ts';
import { numbersText } from '../../../src/report/diagnose/frame/number-text.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import { EXAMPLES } from '../../examples.ts';
import { named } from './found.ts';

// What is said of openings in captures from the field: what must be, what more is a warning, and words that must not fall.

const NONE = /^$/;
const CASES: readonly [capture: string, must: readonly string[], numbers: RegExp, mustNot: RegExp][] = [
  [
    'field/c-ipvs-reuse.pcap.gz',
    ['warning opened-late 10.77.2.2:8080 140'],
    /opened after 1s 140.*used before 140.*late on fresh ports 0, of fresh ports 90, used before at least 5\.10 ms, used before at most 1 min 58 s/,
    /[Nn]othing has to be done|That is safe/,
  ],
  [
    'field/d-snat-race-client.pcap.gz',
    ['warning opened-late 10.77.2.2:8080 13'],
    /late 13, of 196.*opened after 1s 11, opened after 2s 2/,
    /path loses packets:/,
  ],
  [
    'field/j-syn-flood.pcap.gz',
    ['warning syn-flood 10.77.2.2:8080 4000'],
    /never completed 4,000, of 4,060, addresses 3,878.*others opened late 0, others unanswered 0/,
    NONE,
  ],
  [
    'field/k2snat-exhausted-client.pcap.gz',
    ['warning syn-unanswered 10.77.2.2:443 30'],
    /stayed open meanwhile 60/,
    /answered at other times|that was away/,
  ],
  ['field/s-icmp-reject.pcap.gz', ['warning syn-unanswered 10.77.2.2:6379 25'], /SYNs 49/, /[Nn]o answer/],
  [
    'wild/defer-accept.pcap',
    ['info backlog-overflow 127.0.0.1:80 12'],
    /mute 12/,
    /full queue of a listener/,
  ],
];

describe.each(CASES)('%s', (capture, must, numbers, mustNot) => {
  const path = join(EXAMPLES, capture);

  it.skipIf(!existsSync(path))('is found for what it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'finwait-'));
    try {
      const target = join(folder, 'x.sqlite');
      await analyze([path], { target, append: false, timeWait: undefined });
      const db = openForReading(target);
      const { findings } = diagnose(db);
      db.close();
      expect(findings.map(named)).toEqual(expect.arrayContaining([...must]));
      const serious = findings.filter(({ severity }) => isAtLeast(severity, 'warning')).map(named);
      expect(serious.filter((one) => !must.includes(one))).toEqual([]);
      const found = findings.find((finding) => must.includes(named(finding)))!;
      expect(numbersText(found.evidence.numbers, true)).toMatch(numbers);
      if (mustNot !== NONE) expect(JSON.stringify(findings)).not.toMatch(mustNot);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
