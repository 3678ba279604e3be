import { expect, it } from 'vitest';
import type { Diagnosis } from '../../../src/report/diagnose/diagnose.ts';
import { diagnosisMarkdown } from '../../../src/report/diagnose/diagnosis-markdown.ts';
import { diagnosisText } from '../../../src/report/diagnose/diagnosis-text.ts';
import { byWeight, type Finding } from '../../../src/report/diagnose/frame/finding.ts';
import { numberName } from '../../../src/report/diagnose/frame/number-text.ts';
import { RULES } from '../../../src/report/diagnose/rules.ts';
import { topFindings } from '../../../src/report/diagnose/top-findings.ts';
import { styles } from '../../../src/report/style.ts';
import { NOON } from '../../record/batches.ts';

const REMEDIES = ['Do this first.', 'Then that.'];
const NOT_TO_DO = ['Not that.'];

function finding(change: Partial<Finding>): Finding {
  return {
    code: 'trouble',
    title: 'something is wrong',
    severity: 'warning',
    subject: '10.0.0.2:80',
    count: 1,
    sinceUs: NOON,
    untilUs: NOON + 1e6,
    evidence: {
      numbers: { closes_per_s: 480.4, oldest_us: 12_300_000, share_percent: 12.34 },
      flows: [{ id: 7, client: '10.0.0.1:4000', server: '10.0.0.2:80', frames: [] }],
      sql: 'SELECT 1;',
    },
    cause: 'Because.',
    remedies: REMEDIES,
    notToDo: NOT_TO_DO,
    confidence: 'likely',
    confidenceReason: 'so it looks',
    ...change,
  };
}

const OPTIONS = { database: 'web.sqlite', utc: true, style: styles(false), width: undefined };

function diagnosisOf(findings: Finding[]): Diagnosis {
  return {
    flows: 1200,
    firstUs: NOON,
    lastUs: NOON + 1e6,
    rules: RULES.length,
    findings: findings.sort(byWeight),
  };
}
const textOf = (findings: Finding[]) => [...diagnosisText(diagnosisOf(findings), OPTIONS)].join('');

it('numbers have their units', () => {
  expect(textOf([finding({})])).toContain('closes 480/s, oldest 12.3 s, share 12 %\n');
});

it.each([
  ['time_waits_at_once', 'TIME_WAITs at once'],
  ['fins_sent_again', 'FINs sent again'],
  ['sent_data_after_the_fin', 'sent data after the FIN'],
  ['tcp_fin_timeout_us', 'tcp_fin_timeout'],
  ['after_by_average_us', 'on average after'],
  ['oldest_us', 'oldest'],
])('%s is read as %s', (name, text) => {
  expect(numberName(name)).toBe(text);
});

it('frames have the name of their file where there are several, as text and in Markdown', () => {
  const example = (...captures: string[]) =>
    finding({
      evidence: {
        ...finding({}).evidence,
        flows: [
          {
            id: 7,
            client: '10.0.0.1:4000',
            server: '10.0.0.2:80',
            frames: captures.map((capture) => ({ frame: 3, capture, endpoint: 'client', meaning: 'FIN' })),
          },
        ],
      },
    });
  const both = [example('a.pcap', 'b.pcap')];
  const said = 'flow 7 10.0.0.1:4000 -> 10.0.0.2:80: frames client FIN 3 of a.pcap, client FIN 3 of b.pcap';
  expect(textOf(both).replace(/\n +/g, ' ')).toContain(`${said} finwait show`);
  expect([...diagnosisMarkdown(diagnosisOf(both), OPTIONS)].join('')).toContain(
    `- ${said.replace('>', '\\>')}\n`,
  );
  expect(textOf([example('a.pcap')])).toContain('10.0.0.2:80: frames client FIN 3\n');
});

it('the worst come first, then those that count most', () => {
  const text = textOf([
    finding({ severity: 'info', code: 'c' }),
    finding({ count: 5, code: 'b' }),
    finding({ severity: 'critical', code: 'a' }),
    finding({ count: 9, code: 'd' }),
  ]);
  expect(text).toMatch(/^4 findings in 1,200 flows: 1 critical, 2 warning, 1 info\n/);
  expect([...text.matchAll(/^[A-Z]{2,} .* {2}(\w)$/gm)].map(([, code]) => code)).toEqual([
    'a',
    'd',
    'b',
    'c',
  ]);
});

it('first comes a list: severity, subject, code and title, the worst first, kinds in one item', () => {
  const long = 'a title that is so long that it goes on in the next line, below itself';
  const subject = '2001:db8:1111:2222::1 -> [2001:db8::2]:443';
  const text = textOf([
    finding({ severity: 'note', code: 'n', subject: 'a.pcap' }),
    finding({ code: 'w', count: 2 }),
    finding({ code: 'w', subject: '10.0.0.3:80' }),
    finding({ severity: 'info', code: 'i', title: long }),
    finding({ severity: 'critical', code: 'c', subject, title: long }),
  ]);
  expect(text.split('\n\n')[1]).toBe(`critical  2001:db8:1111:2222::1 -> [2001:db8::2]:443
          c: a title that is so long that it goes on in the next line, below
          itself
warning   10.0.0.2:80 and 1 more  w: something is wrong
info      10.0.0.2:80             i: a title that is so long that it goes on in
                                  the next line, below itself
note      a.pcap                  n: something is wrong`);
});

it('brief, it is the list alone', () => {
  const brief = [...diagnosisText(diagnosisOf([finding({})]), { ...OPTIONS, brief: true })].join('');
  expect(brief).toBe(
    '1 finding in 1,200 flows: 1 warning\n\nwarning   10.0.0.2:80  trouble: something is wrong\n',
  );
});

it('the SQL comes where it is asked for', () => {
  const withSql = [...diagnosisText(diagnosisOf([finding({})]), { ...OPTIONS, sql: true })].join('');
  expect(withSql).toContain('\n    SELECT 1;\n');
  expect(textOf([finding({})])).not.toContain('SELECT');
});

it('what to do comes before the proof', () => {
  const text = textOf([finding({})]);
  const order = ['What to do', 'Do this first', 'What not to do', 'Seen 2024', 'flow 7', 'finwait show'];
  expect(order.map((part) => text.indexOf(part))).toEqual(
    order.map((part) => text.indexOf(part)).toSorted((a, b) => a - b),
  );
});

it('of many subjects of one finding three are told in full, remedies once, the others in a table', () => {
  const many = Array.from({ length: 30 }, (_, i) => finding({ subject: `10.0.0.${i}:80`, count: 100 - i }));
  const text = textOf(many);
  expect(text.match(/^WARNING/gm)).toHaveLength(3);
  expect(text.match(/Do this first/g)).toHaveLength(1);
  expect(text).toContain('trouble: 27 more subjects\n');
  expect(text.match(/^ {4}warning {2}10\.0\.0\.\d+:80 +\d+ /gm)).toHaveLength(20);
  expect(text).toContain('… and 7 more: --format json has all\n');
});

it('what comes from elsewhere moves no cursor', () => {
  const evil = '\x1b[2J\u202e';
  const text = textOf([finding({ subject: evil, cause: `Because of ${evil}.`, title: evil })]);
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
});

it('without packets there is nothing to find', () => {
  const empty = { flows: 0, firstUs: null, lastUs: null, rules: RULES.length, findings: [] };
  expect([...diagnosisText(empty, OPTIONS)]).toEqual(['Nothing found: there are no packets.\n']);
});

it('three findings of warning or above end a summary, each on a line', () => {
  const codes = ['a', 'b', 'c', 'd'].map((code) => finding({ code }));
  expect(topFindings(diagnosisOf([...codes, finding({ severity: 'info' })]), OPTIONS)).toBe(`Findings
  warning   10.0.0.2:80  a: something is wrong
  warning   10.0.0.2:80  b: something is wrong
  warning   10.0.0.2:80  c: something is wrong
  … and 1 more
  finwait diagnose web.sqlite
`);
  expect(topFindings(diagnosisOf([finding({ severity: 'info' })]), OPTIONS)).toBe('');
});

it('at the end of a summary findings of one kind are one, and no line is cut', () => {
  const title = 'the program closes idle connections while the next request is on its way to it';
  const many = ['10.0.0.2:80', '10.0.0.3:80'].map((subject) => finding({ subject, title }));
  const text = topFindings(diagnosisOf(many), { ...OPTIONS, width: 60 });
  expect(text).toContain('10.0.0.2:80 and 1 more');
  expect(text).not.toContain('…');
  expect(text.replace(/\s+/g, ' ')).toContain(title);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
});

it('what was looked at is wrapped where nothing was found', () => {
  const text = [...diagnosisText(diagnosisOf([]), OPTIONS)].join('');
  expect(text.replace(/\s+/g, ' ')).toMatch(/^Nothing found in .* rules?\. $/);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});
