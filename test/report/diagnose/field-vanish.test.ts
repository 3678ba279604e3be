import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openForReading } from '../../../src/record/open-database.ts';
import { diagnose } from '../../../src/report/diagnose/diagnose.ts';
import type { Finding } from '../../../src/report/diagnose/frame/finding.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import { EXAMPLES } from '../../examples.ts';
import { named } from './found.ts';

// Peers, paths and boxes that vanish or forget, reproduced between real kernels. They lie beside the repository;
// where they do not, nothing is tested.

const FIELD = join(EXAMPLES, 'field');
const folder = mkdtempSync(join(tmpdir(), 'finwait-vanish-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What must be said of captures that are read together, and what must not be. */
interface Row {
  files: string[];
  /** `severity code subject count` of all findings of warning or above. */
  said: string[];
  /** In the title, the cause or the remedies of the first of them. */
  tells?: RegExp[];
  /** In no finding at all. */
  never?: RegExp[];
  numbers?: Record<string, number>;
}

const ROWS: Row[] = [
  {
    files: ['l-host-gone'],
    said: ['warning peer-gone 10.77.2.2 12'],
    tells: [/the host, or the route to it/, /TCP_USER_TIMEOUT/, /HTTP\/2 PING/],
    never: [/idle-middlebox/],
    numbers: { with_data: 12, new_connections_unanswered: 4, new_connections_opened: 0 },
  },
  {
    files: ['x-rollout'],
    said: ['warning peer-gone 10.77.2.3 15'],
    tells: [/pod/],
    never: [/idle-middlebox/],
    numbers: { with_data: 15 },
  },
  {
    files: ['z-keepalive-fail'],
    said: ['warning peer-gone 10.77.2.2 8'],
    never: [/idle-middlebox/],
    numbers: { with_keep_alives: 8 },
  },
  {
    files: ['m-lb-idle-reset-client'],
    said: ['warning idle-middlebox 10.77.1.2 -> 10.77.2.2:8080 15'],
    tells: [/a timer of 10 s/, /10\.00\d-10\.0\d\d s \(n = 15\)/],
    never: [/commonplace/],
  },
  {
    files: ['m-lb-idle-reset-server'],
    said: ['warning idle-middlebox 10.77.1.2 -> 10.77.2.2:8080 15'],
    tells: [/a timer of 10 s/, /10\.00\d-10\.0\d\d s \(n = 15\)/],
    never: [/commonplace/],
  },
  {
    files: ['m-lb-idle-reset-client', 'm-lb-idle-reset-server'],
    said: ['warning idle-middlebox 10.77.1.2 -> 10.77.2.2:8080 15'],
    tells: [/in the name of the other/, /between the ends/],
    numbers: { in_both_names: 15 },
  },
  {
    files: ['a2k8s-invalid-client'],
    said: ['warning half-open 10.77.1.2 -> 10.96.0.10:80 7'],
    tells: [
      /10\.77\.2\.2:8080/,
      /lived on after "its" RST/,
      /nf_conntrack_tcp_be_liberal/,
      /ct state invalid drop/,
    ],
    never: [/host went down/],
  },
  {
    files: ['a2k8s-invalid-server'],
    said: ['warning half-open 10.77.1.2 -> 10.77.2.2:8080 7'],
    tells: [/far out of the window/, /lived on after "its" RST/, /nf_conntrack_tcp_be_liberal/],
    never: [/host went down/],
  },
  {
    files: ['nr-late-capture'],
    said: ['warning half-open 10.77.2.2:5432 8'],
    tells: [
      /does not come from the server itself/,
      /Its TTL is 64, that of the server's other segments 63/,
      /idle timeout/,
    ],
    never: [/had begun after others were refused/],
  },
  { files: ['ff-fin-tlp-client'], said: [], never: [/last-ack-lost/] },
];

describe.skipIf(!existsSync(FIELD))('of peers, paths and boxes that vanish or forget', () => {
  it.each(ROWS.map((row) => [row.files.join(' and '), row] as const))('%s', async (name, row) => {
    const { files, said, tells = [], never = [], numbers = {} } = row;
    const target = join(folder, `${name}.sqlite`);
    const paths = files.map((file) => join(FIELD, `${file}.pcap.gz`));
    await analyze(paths, { target, append: false, timeWait: undefined });
    const db = openForReading(target);
    const { findings } = diagnose(db);
    db.close();
    const serious = findings.filter(({ severity }) => severity === 'warning' || severity === 'critical');
    expect(serious.map(named)).toEqual(said);
    for (const pattern of tells) expect(textOf(serious[0]!)).toMatch(pattern);
    for (const pattern of never) expect(findings.map(textOf).join('\n')).not.toMatch(pattern);
    expect(serious[0]?.evidence.numbers ?? {}).toMatchObject(numbers);
  });
});

function textOf({ code, title, cause, remedies }: Finding): string {
  return [code, title, cause, ...remedies].join('\n');
}
