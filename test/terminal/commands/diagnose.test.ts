import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPLAINED_STATES } from '../../../src/report/diagnose/articles.ts';
import { THRESHOLDS } from '../../../src/report/diagnose/frame/thresholds.ts';
import { RULES } from '../../../src/report/diagnose/rules.ts';
import { finwait, ROOT } from '../finwait.ts';

let folder: string;
const LEAK = 'close-wait-leak.pcap.sqlite';
const HEALTHY = 'graceful-client-first.pcap.sqlite';
const EXHAUSTED = 'port-exhaustion.pcap.gz.sqlite';
const run = (...words: string[]) => finwait(words, { cwd: folder, env: { TZ: 'UTC' } });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finwait-diagnose-'));
  for (const capture of [
    'close-wait-leak.pcap',
    'graceful-client-first.pcap',
    'causes/port-exhaustion.pcap.gz',
  ])
    run('analyze', '--quiet', join(ROOT, 'captures', capture));
  writeFileSync(join(folder, 'client.sysctl'), 'net.ipv4.ip_local_port_range = 40000\t40199\n');
  writeFileSync(join(folder, 'none.sysctl'), 'vm.swappiness = 60\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a database with a leak', () => {
  it('tells who has it, what shows it, what to do and what not, and the SQL if asked', () => {
    const { code, stdout, stderr } = run('diagnose', LEAK, '--sql');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const parts = [
      '1 finding in 3 flows: 1 warning\n',
      'warning   10.9.2.2:8080  close-wait-leak: ',
      'WARNING  10.9.2.2:8080  close-wait-leak\n',
      'Cause (possible: ',
      'What to do\n    1. ',
      'What not to do\n    - No sysctl ends a CLOSE_WAIT',
      'Seen ',
      'flow 1 10.9.1.2:40001 -> 10.9.2.2:8080: frames client FIN 8',
      '\n    SELECT * FROM (\n',
      `finwait show ${LEAK} 1\n`,
      'finwait explain close-wait-leak\n',
    ];
    expect(parts.map((part) => stdout.indexOf(part))).toEqual(
      parts.map((part) => stdout.indexOf(part)).toSorted((a, b) => a - b),
    );
    expect(parts.filter((part) => !stdout.includes(part))).toEqual([]);
  });

  it('fits 80 columns', () => {
    expect(
      run('diagnose', LEAK)
        .stdout.split('\n')
        .filter((line) => [...line].length > 80),
    ).toEqual([]);
  });

  it('is a list alone with --brief', () => {
    const { stdout } = run('diagnose', LEAK, '--brief');
    expect(stdout).toMatch(
      /^1 finding in 3 flows: 1 warning\n\nwarning {3}10\.9\.2\.2:8080 {2}close-wait-leak: [^W]*$/,
    );
  });

  it.each([
    ['info', 1],
    ['warning', 1],
    ['critical', 0],
  ])('--fail-on %s ends with %d', (severity, code) => {
    expect(run('diagnose', LEAK, '--fail-on', severity).code).toBe(code);
  });

  it('is JSON for programs', () => {
    const { flows, findings } = JSON.parse(run('diagnose', LEAK, '-f', 'json').stdout) as {
      flows: number;
      findings: { code: string; evidence: { numbers: Record<string, number>; flows: unknown[] } }[];
    };
    expect({ flows, codes: findings.map(({ code }) => code) }).toEqual({
      flows: 3,
      codes: ['close-wait-leak'],
    });
    expect(findings[0]?.evidence.numbers).toMatchObject({ standing: 3, closed_by_the_program: 0 });
    expect(findings[0]?.evidence.flows[0]).toMatchObject({
      id: 1,
      frames: [
        { frame: 8, endpoint: 'client', meaning: 'FIN', capture: expect.stringMatching(/leak.pcap$/) },
        { frame: 16, endpoint: 'server', meaning: 'ACK of FIN' },
      ],
    });
  });

  it('is Markdown for an issue', () => {
    const { stdout } = run('diagnose', LEAK, '-f', 'md');
    expect(stdout).toContain('| warning | close-wait-leak | 10.9.2.2:8080 | 3 |');
    expect(stdout).toMatch(/^## warning: close-wait-leak, 10\.9\.2\.2:8080\n/m);
    expect(stdout).toMatch(/^```sql\nSELECT [\s\S]*;\n```\n/m);
  });

  it('is not looked for with --only of another finding, nor beyond its threshold', () => {
    expect(run('diagnose', LEAK, '--only', 'port-exhaustion').stdout).toMatch(/^Nothing found in 3 flows/);
    expect(run('diagnose', LEAK, '--threshold', 'close-wait-count=4').stdout).toMatch(/^Nothing found/);
  });
});

it('of a healthy database one line says what was looked at, and notes follow', () => {
  expect(run('diagnose', HEALTHY, '--fail-on', 'info')).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^Nothing found in 1 flow from \S+ to\s\S+, by \d+ rules\.\n\nnote {6}10\.9\.1\.2 {2}time-wait-harmless: /,
    ),
    stderr: '',
  });
});

describe('--sysctl', () => {
  it('lets it speak of the ports that the host has, for all hosts or for one', () => {
    for (const file of ['client.sysctl', '10.9.1.2=client.sysctl']) {
      const { stdout } = run('diagnose', EXHAUSTED, '--sysctl', file);
      expect(stdout).toContain('CRITICAL  10.9.1.2 -> 10.9.2.2:9001  port-exhaustion');
      expect(stdout.replace(/\s+/g, ' ')).toContain("200 ports (40000 to 40199, this host's)");
    }
    expect(run('diagnose', EXHAUSTED, '--sysctl', '10.9.2.2=client.sysctl').stdout).not.toContain('port-exh');
  });
});

it('--thresholds lists them all, and why, without a database', () => {
  const { code, stdout } = run('diagnose', '--thresholds');
  expect(code).toBe(0);
  const missing = THRESHOLDS.filter((one) => !stdout.includes(`${one.name} = ${one.default} ${one.unit}\n`));
  expect(missing).toEqual([]);
});

describe('refusals', () => {
  it.each([
    ['no database', [], 2, /which database/],
    ['a database that is none', ['client.sysctl'], 3, /^finwait: client.sysctl: not a finwait database/],
    ['a finding that is none', [LEAK, '--only', 'gremlins'], 2, /Findings are .*close-wait-leak/],
    ['a threshold that is none', [LEAK, '--threshold', 'patience=3'], 2, /the names are .*close-wait-age/],
    [
      'an endless threshold',
      [LEAK, '--threshold', 'close-trouble-count=Infinity'],
      2,
      /is a number \(connections\)/,
    ],
    ['a blank threshold', [LEAK, '--threshold', 'opening-count= '], 2, /is a number \(connections\)/],
    ['a threshold without a number', [LEAK, '--threshold', 'close-wait-age=soon'], 2, /is a number \(s\)/],
    [
      'settings of a network',
      [LEAK, '--sysctl', '10.9.0.0/16=client.sysctl'],
      2,
      /of one host, not of a network/,
    ],
    ['a missing file', [LEAK, '--sysctl', 'no.sysctl'], 2, /^finwait: no.sysctl: no such file\n/],
    [
      'a file without settings',
      [LEAK, '--sysctl', 'none.sysctl'],
      2,
      /^finwait: none.sysctl: no line such as/,
    ],
    [
      'a severity that is none',
      [LEAK, '--fail-on', 'fatal'],
      2,
      /Allowed choices are note, info, warning, critical/,
    ],
  ])('%s', (_, words, code, message) => {
    expect(run('diagnose', ...words)).toEqual({ code, stdout: '', stderr: expect.stringMatching(message) });
  });
});

describe('explain', () => {
  it('lists the findings and the states', () => {
    const [findings, states] = run('explain').stdout.trimEnd().split('\n\n');
    const codes = findings?.split('\n').map((line) => line.split('  ')[0]);
    expect(codes).toEqual(['Findings', ...RULES.map(({ code }) => code)]);
    expect(states?.split(/\s+/)).toEqual(['States', ...EXPLAINED_STATES]);
  });

  it('prints the article of one, or of a state in any spelling', () => {
    const { code, stdout } = run('explain', 'time-wait-pile-up');
    expect(code).toBe(0);
    expect(stdout).toContain('tcp_fin_timeout does **not** shorten TIME_WAIT');
    expect(run('explain', 'fin_wait2').stdout).toMatch(/^# FIN_WAIT_2: /);
  });

  it.each([
    ['gremlins', 'finwait explain lists them'],
    ['leak', 'did you mean close-wait-leak?'],
    ['tiem-wait', 'did you mean TIME_WAIT?'],
  ])('of %s it knows nothing, but what is like it', (name, hint) => {
    expect(run('explain', name)).toEqual({
      code: 2,
      stdout: '',
      stderr: `finwait: no finding or state ${name}; ${hint}\n`,
    });
  });
});

describe('analyze', () => {
  const summary = (capture: string) => run('analyze', join(ROOT, 'captures', capture)).stdout;

  it('ends with the worst findings', () => {
    expect(summary('close-wait-leak.pcap').split('\n').slice(-4)).toEqual([
      'Findings',
      '  warning   10.9.2.2:8080  close-wait-leak: missing close() in the server',
      `  finwait diagnose ${LEAK}`,
      '',
    ]);
  });

  it('says that TIME_WAITs are harmless where they are', () => {
    expect(summary('graceful-client-first.pcap')).toMatch(
      /\n {2}note .* time-wait-harmless: 1 TIME_WAIT at once, /,
    );
  });

  it('does not mention them where there is none', () => {
    expect(summary('refused.pcap')).not.toContain('Findings');
  });
});
