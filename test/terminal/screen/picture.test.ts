import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOSE_KINDS, STATES } from '../../../src/flow/format/words.ts';
import { styles } from '../../../src/report/style.ts';
import { textWidth } from '../../../src/report/text.ts';
import { LiveScreen, type PictureOptions } from '../../../src/terminal/screen/picture.ts';
import type { LiveView } from '../../../src/terminal/screen/view.ts';
import { atClient, atServer, floodAt, leakAt, viewAt } from './views.ts';

const OPTIONS: PictureOptions = {
  columns: 80,
  rows: 24,
  style: styles(false),
  paused: false,
  sort: 'count',
  keys: 'keys',
};

/** The picture of the last of some views, the others drawn before it. */
function picture(views: readonly LiveView[], options: Partial<PictureOptions> = {}): string {
  const screen = new LiveScreen();
  return views.map((view) => screen.lines(view, { ...OPTIONS, ...options }).join('\n')).at(-1) ?? '';
}

const NARROW = { columns: 40, rows: 10 };
const LEAK = [11, 12].map(leakAt);
const FLOOD = [3.5, 4].map(floodAt);

describe('in full', () => {
  it('a server that leaks CLOSE_WAIT, 80x24', () => {
    expect(picture(LEAK)).toBe(
      `
finwait live eth0 (tcpdump)  0:12  4,000 packets/s  1,291 flows open, 3,600 seen

41 flows stand in CLOSE_WAIT on 10.0.0.7:8080, the longest for 12.0 s by now

state         clients       servers         closes         per s      total
SYN_SENT            2             -         fin              120      1,440
SYN_RECEIVED        -             1         half             3.4         41
ESTABLISHED       118           119         reset            2.0         24
FIN_WAIT_1          1             -
FIN_WAIT_2         41 +3          3         client first     110      1,320
TIME_WAIT       1,234            56         server first      12        144
CLOSE_WAIT          3            41 +3      both at once     0.1          1
LAST_ACK            2             1

waits       holder, largest first                    count       longest
CLOSE_WAIT  server 10.0.0.7:8080                        41 +3     12.0 s
CLOSE_WAIT  client 2001:db8:12:34:56:78:9abc:def0        3        250 ms
FIN_WAIT_2  client 10.0.0.1                             41 +3     12.0 s
TIME_WAIT   client 10.0.0.1                          1,222        59.3 s
TIME_WAIT   client 10.0.0.2                             12        59.9 s

nothing lost  memory 96 MB  web.sqlite
q quit  p pause  s sort by longest
`.slice(1, -1),
    );
  });

  it('the same, 40x10', () => {
    expect(picture(LEAK, NARROW)).toBe(
      `
eth0  0:12  4,000/s  1,291 open
41 in CLOSE_WAIT on :8080, 12.0 s
state         clients       servers
ESTABLISHED       118           119
FIN_WAIT_2         41 +3          3
TIME_WAIT       1,234            56
CLOSE_WAIT          3            41 +3
CLOSE_WAIT  10.0.0.7:8080     41  12.0 s
FIN_WAIT_2  10.0.0.1          41  12.0 s
nothing lost  memory 96 MB  web.sqlite
`.slice(1, -1),
    );
  });

  it('the same, narrow and high', () => {
    expect(picture(LEAK, { columns: 40, rows: 99 })).toBe(
      `
eth0  0:12  4,000/s  1,291 open

41 in CLOSE_WAIT on :8080, 12.0 s

state         clients       servers
SYN_SENT            2             -
SYN_RECEIVED        -             1
ESTABLISHED       118           119
FIN_WAIT_1          1             -
FIN_WAIT_2         41 +3          3
TIME_WAIT       1,234            56
CLOSE_WAIT          3            41 +3
LAST_ACK            2             1

closes         per s      total
fin              120      1,440
half             3.4         41
reset            2.0         24

client first     110      1,320
server first      12        144
both at once     0.1          1

waits       holder         count longest
CLOSE_WAIT  10.0.0.7:8080     41  12.0 s
CLOSE_WAIT  …:78:9abc:def0     3  250 ms
FIN_WAIT_2  10.0.0.1          41  12.0 s
TIME_WAIT   10.0.0.1       1,222  59.3 s
TIME_WAIT   10.0.0.2          12  59.9 s

nothing lost  memory 96 MB  web.sqlite
q quit  p pause  s sort by longest
`.slice(1, -1),
    );
  });

  it('nothing yet', () => {
    expect(picture([viewAt(0.5)])).toBe(
      `
finwait live eth0 (tcpdump)  0:00  0 packets/s  0 flows open, 0 seen

no open connection    no close complete yet

nothing lost  memory 96 MB  web.sqlite
q quit  p pause  s sort by longest
`.slice(1, -1),
    );
  });

  it('a SYN flood, 80x24', () => {
    expect(picture(FLOOD)).toBe(
      `
finwait live eth0 (tcpdump)  0:04  200,000 packets/s  200,000 open

state         clients          servers
SYN_SENT      200,000 +25,000        -
SYN_RECEIVED        -          200,000 +25,000
ESTABLISHED         3                3

closes         per s      total
refused        3,086     12,345

server first   3,086     12,345

54,321 packets dropped by the kernel, gaps not known  memory 512 MB  web.sqlite
q quit  p pause  s sort by longest
`.slice(1, -1),
    );
  });

  it('that flood, 40x10', () => {
    expect(picture(FLOOD, NARROW)).toBe(
      `
eth0  0:04  200,000/s  200,000 open
state         clients  servers
SYN_SENT      200,000        -
SYN_RECEIVED        -  200,000
ESTABLISHED         3        3
closes         per s      total
refused        3,086     12,345
server first   3,086     12,345
drops 54,321, gaps ?  512 MB
q quit  p pause  s sort by longest
`.slice(1, -1),
    );
  });

  it('all gone: what was there keeps its row', () => {
    expect(picture([leakAt(11), viewAt(12)])).toBe(
      `
finwait live eth0 (tcpdump)  0:12  0 packets/s  0 flows open, 0 seen

state         clients         servers         no close complete yet
SYN_SENT            0 -2            -
SYN_RECEIVED        -               0 -1
ESTABLISHED         0 -118          0 -119
FIN_WAIT_1          0 -1            -
FIN_WAIT_2          0 -38           0 -3
TIME_WAIT           0 -1,234        0 -56
CLOSE_WAIT          0 -3            0 -38
LAST_ACK            0 -2            0 -1

nothing lost  memory 96 MB  web.sqlite
q quit  p pause  s sort by longest
`.slice(1, -1),
    );
  });
});

describe('changes and rates', () => {
  /** The cells of the line that begins with a word. */
  const cells = (text: string, word: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(word))
      ?.trim()
      .split(/\s{2,}/);
  const open = (seconds: number, clients: number, packets = 0) =>
    viewAt(seconds, { states: [['ESTABLISHED', clients, 7]], packets });

  it('changes are since the picture before; the first picture has none', () => {
    const views = [open(1, 10), open(2, 13), open(3, 8)];
    const firsts = views.map((_, i) => cells(picture(views.slice(0, i + 1)), 'ESTABLISHED'));
    expect(firsts.map((line) => line?.slice(1, 3))).toEqual([
      ['10', '7'],
      ['13 +3', '7'],
      ['8 -5', '7'],
    ]);
  });

  it('the same view at another size keeps its changes', () => {
    const [one, two] = [open(1, 10), open(2, 13)];
    expect(picture([one, two, two])).toBe(picture([one, two]));
  });

  it('while paused the picture stands, and then the changes are since it', () => {
    const screen = new LiveScreen();
    const draw = (view: LiveView, paused = false) =>
      screen.lines(view, { ...OPTIONS, paused, keys: 'none' }).join('\n');
    const before = draw(open(5, 10, 500));
    const paused = draw(open(6, 11, 5_000), true);
    expect(paused).toBe(before.replace('0:05', 'paused at 0:05'));
    expect(draw(open(7, 12, 50_000), true)).toBe(paused);
    expect(cells(draw(open(8, 13)), 'ESTABLISHED')).toContain('13 +3');
  });

  const rateOf = (views: readonly LiveView[]) => /([\d.,<]+) packets\/s/.exec(picture(views))?.[1];

  it.each<[string, LiveView[], string]>([
    ['from the start while it is young', [open(2, 0, 500)], '250'],
    ['then of the last five seconds', [0, 1, 5, 6, 11].map((at) => open(at, 0, at ** 2)), '17'], // (121 - 36) / 5
    ['slow', [open(5, 0, 2)], '0.4'],
    ['very slow', [open(100, 0, 2)], '<0.1'],
    ['the clock was set back: from there on', [open(9, 0, 900), open(3, 0, 1_000), open(4, 0, 1_050)], '50'],
    ['the clock was set back just now', [open(9, 0, 900), open(3, 0, 1_000)], '0'],
    [
      'the clock was set back, and the start with it',
      [open(9, 0, 900), { ...viewAt(-50, { packets: 1_000 }), startedUs: viewAt(-60).nowUs }],
      '100',
    ],
    ['no time has passed', [open(0, 0, 900)], '0'],
  ])('packets a second: %s', (_, views, rate) => {
    expect(rateOf(views)).toBe(rate);
  });

  it('closes a second, too, and their totals', () => {
    const views = [1, 2, 11].map((at) => viewAt(at, { closes: { fin: at * at }, first: { both: 10 * at } }));
    const lines = picture(views, { columns: 40 });
    expect([cells(lines, 'fin'), cells(lines, 'both at once')]).toEqual([
      ['fin', '13', '121'],
      ['both at once', '10', '110'],
    ]);
  });
});

describe('who waits', () => {
  const holders = [
    atServer('CLOSE_WAIT', 5, 100, '10.0.0.8'),
    atServer('CLOSE_WAIT', 41, 12.25),
    atClient('CLOSE_WAIT', 2_000, 2.9),
    atServer('FIN_WAIT_2', 3, 60, 'fd00::7'),
  ];
  const lines = (view: LiveView, options: Partial<PictureOptions> = {}) =>
    picture([view], options).split('\n');

  it.each([
    [80, '41 flows stand in CLOSE_WAIT on 10.0.0.7:8080, the longest for 12.3 s by now'],
    [70, '41 flows in CLOSE_WAIT on 10.0.0.7:8080, the longest for 12.3 s'],
    [50, '41 in CLOSE_WAIT on 10.0.0.7:8080, 12.3 s'],
    [40, '41 in CLOSE_WAIT on :8080, 12.3 s'],
  ])('the largest whose CLOSE_WAITs do not just pass stands out, in %d columns', (columns, text) => {
    expect(lines(viewAt(200, { holders }), { columns })[2]).toBe(text);
  });

  it.each([
    [atServer('CLOSE_WAIT', 1, 4), '1 flow stands in CLOSE_WAIT on 10.0.0.7:8080, for 4.00 s by now'],
    [
      atClient('CLOSE_WAIT', 2, 4),
      '2 flows stand in CLOSE_WAIT on client 10.0.0.1, the longest for 4.00 s by now',
    ],
  ])('in words: %o', (holder, text) => {
    expect(lines(viewAt(9, { holders: [holder] }))[2]).toBe(text);
  });

  it.each([
    ['a CLOSE_WAIT that just passes', [atServer('CLOSE_WAIT', 41, 2.9)]],
    ['another state', [atServer('FIN_WAIT_2', 41, 100)]],
  ])('%s does not stand out', (_, few) => {
    expect(picture([viewAt(9, { holders: few })])).not.toMatch(/ stands? in /);
  });

  it('it is marked, and so is loss; without colours there is no escape', () => {
    const view = viewAt(9, { holders, gaps: 3 });
    const coloured = lines(view, { style: styles(true) });
    expect(coloured[2]).toBe(
      '\x1b[1m\x1b[33m41 flows stand in CLOSE_WAIT on 10.0.0.7:8080, the longest for 12.3 s by now\x1b[39m\x1b[22m',
    );
    expect(coloured.at(-2)).toContain(
      '\x1b[33m0 packets dropped by the kernel, 3 TCP segments missing\x1b[39m',
    );
    expect(picture([view])).not.toContain('\x1b');
  });

  it.each([
    ['count', ['2,000', '41', '5']],
    ['longest', ['5', '41', '2,000']],
  ] as const)('in order of %s', (sort, counts) => {
    const found = lines(viewAt(9, { holders }), { sort }).filter((line) => /^CLOSE_WAIT {2}/.test(line));
    expect(found.map((line) => line.split(/ {2,}/)[2])).toEqual(counts);
  });

  it('where there is little room, the first of each state', () => {
    const shown = (rows: number) =>
      lines(leakAt(20), { rows, columns: 80 }).filter((line) => /^\w+ +(client|server) /.test(line)).length;
    expect([10, 13, 14, 99].map(shown)).toEqual([2, 3, 3, 5]);
  });
});

describe('loss', () => {
  it.each<[number | undefined, number | undefined, string]>([
    [0, 0, 'nothing lost'],
    [1, 0, '1 packet dropped by the kernel, 0 TCP segments missing'],
    [0, undefined, '0 packets dropped by the kernel, gaps not known'],
    [undefined, 0, 'kernel drops not known, 0 TCP segments missing'],
  ])('drops %o, gaps %o', (kernelDrops, gaps, text) => {
    expect(picture([viewAt(1, { kernelDrops, gaps })])).toContain(`\n${text}  memory 96 MB  web.sqlite\n`);
  });

  it('of what was not read before the end is told apart', () => {
    const view = viewAt(1, { kernelDrops: 0, unread: 12, gaps: 0 });
    expect(picture([view])).toContain('\ndrops 0, 12 not read, gaps 0  96 MB\n');
  });
});

it.each([
  [{}, 'q quit  p pause  s sort by longest'],
  [{ paused: true, sort: 'longest' as const }, 'q quit  p go on  s sort by count'],
  [{ keys: 'interrupt' as const }, 'Ctrl-C quit'],
  [{ keys: 'none' as const }, 'nothing lost  memory 96 MB  web.sqlite'],
])('the last line says what can be pressed: %o', (options, text) => {
  expect(
    picture([viewAt(1)], options)
      .split('\n')
      .at(-1),
  ).toBe(text);
});

it('nothing that comes from outside moves the cursor', () => {
  const view = viewAt(9, {
    source: 'eth0\x1b[2J',
    database: 'a\nb\u202e.sqlite',
    holders: [atClient('CLOSE_WAIT', 3, 9, '\x1b]0;x\x07')],
  });
  const text = picture([view]);
  expect(text).toContain('eth0\\x1b[2J');
  expect(text).toContain('a\\nb\\u{202e}.sqlite');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
});

describe('any view in any size', () => {
  const numberUpTo = (most: number) => fc.oneof(fc.constant(0), fc.nat(50), fc.nat(most));
  const holder = fc.record({
    state: fc.constantFrom('CLOSE_WAIT', 'FIN_WAIT_2', 'TIME_WAIT'),
    endpoint: fc.constantFrom('client' as const, 'server' as const),
    ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: 'grapheme' })),
    port: fc.option(fc.nat(65_535)),
    count: numberUpTo(2 ** 40),
    longestUs: numberUpTo(2 ** 40),
  });
  /** Views with at most so many ends in a state. */
  const viewsOf = (most: number) =>
    fc.array(
      fc
        .record({
          seconds: fc.double({ min: -10, max: 1e6, noNaN: true }),
          source: fc.string({ unit: 'grapheme' }),
          numbers: fc.array(numberUpTo(most), { minLength: 40, maxLength: 40 }),
          known: fc.boolean(),
          holders: fc.array(holder, { maxLength: 12 }),
        })
        .map(({ seconds, source, numbers, known, holders }) =>
          viewAt(seconds, {
            source,
            holders,
            states: STATES.slice(0, -1).map((state, i) => [state, numbers[i]!, numbers[i + 9]!]),
            closes: Object.fromEntries(CLOSE_KINDS.map((kind, i) => [kind, numbers[i + 18]!])),
            first: { client: numbers[26]!, server: numbers[27]!, both: numbers[28]! },
            packets: numbers[29]!,
            openFlows: numbers[30]!,
            memoryBytes: numbers[31]!,
            kernelDrops: known ? numbers[32]! : undefined,
            gaps: known ? undefined : numbers[33]!,
          }),
        ),
      { minLength: 1, maxLength: 3 },
    );

  it('is never too wide, never has too many lines, and always begins with its head', () => {
    const size = fc.record({
      columns: fc.integer({ min: 1, max: 200 }),
      rows: fc.integer({ min: 1, max: 60 }),
    });
    const choice = fc.record({
      paused: fc.boolean(),
      sort: fc.constantFrom('count' as const, 'longest' as const),
    });
    fc.assert(
      fc.property(viewsOf(2 ** 40), size, choice, (some, { columns, rows }, chosen) => {
        const lines = picture(some, { columns, rows, ...chosen }).split('\n');
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
        expect(lines[0]).not.toBe('');
      }),
    );
  });

  it('from 40x10 up has the clock, the states with most ends, and all CLOSE_WAITs', () => {
    const size = fc.record({
      columns: fc.integer({ min: 40, max: 200 }),
      rows: fc.integer({ min: 10, max: 60 }),
    });
    fc.assert(
      fc.property(viewsOf(1_000_000), size, (some, { columns, rows }) => {
        const text = picture(some, { columns, rows });
        expect(text).toMatch(/^[^\n]*\d:\d\d/);
        const { states } = some.at(-1)!;
        const [most] = [...states].sort((a, b) => b.client + b.server - a.client - a.server);
        if (most!.client + most!.server > 0) expect(text).toMatch(new RegExp(`^${most!.state} `, 'm'));
        const leaked = states.find(({ state }) => state === 'CLOSE_WAIT')!;
        if (leaked.client + leaked.server > 0) expect(text).toMatch(/^CLOSE_WAIT {2}.*\d/m);
      }),
    );
  });

  it('more lines never show less', () => {
    fc.assert(
      fc.property(viewsOf(2 ** 40), fc.integer({ min: 1, max: 40 }), (some, rows) => {
        const said = (text: string) => text.split('\n').filter((line) => line !== '');
        const [fewer, more] = [rows, rows + 1].map((n) => said(picture(some, { rows: n, columns: 40 })));
        expect(more!.length).toBeGreaterThanOrEqual(fewer!.length);
        for (const line of fewer!) expect(more).toContain(line);
      }),
    );
  });
});

it('the clock', () => {
  const head = (seconds: number) => picture([viewAt(seconds)]).split('  ')[1];
  expect([0, 59.9, 61, 3_599, 3_600, 100_000, -5].map(head)).toEqual([
    '0:00',
    '0:59',
    '1:01',
    '59:59',
    '1:00:00',
    '27:46:40',
    '0:00',
  ]);
});
