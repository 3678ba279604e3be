import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../../src/capture/base/error.ts';
import { skippedNote, VERDICTS } from '../../../src/decode/verdict.ts';
import type { CaptureRow } from '../../../src/record/rows/capture-row.ts';
import { styles } from '../../../src/report/style.ts';
import { readSummary } from '../../../src/report/summary/summary.ts';
import { summaryText } from '../../../src/report/summary/summary-text.ts';
import { textWidth } from '../../../src/report/text.ts';
import { captureOf, type Flow } from '../../record/batches.ts';
import { databaseOf } from '../../record/database.ts';
import { FIN_FLOW, LEAK_FLOW, RESET_FLOW } from '../../record/flows.ts';

const second = 1_000_000;

function textOf(flows: readonly Flow[], captures?: CaptureRow[], coloured = false): string {
  const summary = readSummary(databaseOf(flows, captures));
  return summaryText(summary, { database: 'web.sqlite', utc: true, style: styles(coloured) });
}

/** A leak that has stood for `seconds`, at a server of its own. */
function leak(server: string, seconds: number): Flow {
  return { ...LEAK_FLOW, server, columns: { ...LEAK_FLOW.columns, observed: (seconds + 1) * second } };
}

describe('the summary', () => {
  it('fits a night shift and 80 columns', () => {
    const leaks = [1, 2, 3, 4, 5, 6, 7].flatMap((n) => [leak(`10.0.1.${n}`, 10 * n), leak(`10.0.1.${n}`, n)]);
    const captures = [
      captureOf({ frames: 1234, skipped: { 'not-ip': 30, 'later-fragment': 1 } }),
      captureOf({
        path: 'b\x1b.pcap',
        frameBase: 1234,
        damage: new CaptureError('b.pcap', 4711, 'the file is cut'),
      }),
    ];
    const text = textOf([FIN_FLOW, RESET_FLOW, ...leaks, leak('10.0.1.7', 70)], captures);
    expect(text).toMatchInlineSnapshot(`
      "17 TCP flows in 2 files
      1,334 frames, 200 TCP segments, 1 min of traffic
      2024-05-01T12:00:00.000Z to 2024-05-01T12:01:00.000Z

      a.pcap and b\\x1b.pcap overlap in time, and were read one after the other
      (mergecap -w both.pcap a.pcap 'b\\x1b.pcap' makes them one).

      How they closed
        fin         1  both ends sent FIN, both acknowledged
        half       15  only one end has sent FIN
        fin-reset   1  FIN and RST, the close was not complete

      Who closed first
        client  17

      States when the capture ended
                    client  server
        FIN_WAIT_2      15       -
        TIME_WAIT        1       -
        CLOSE_WAIT       -      15
        CLOSED           1       2

      TIME_WAIT still standing: 1, the longest for 16.0 s
        holder            count  longest  median
        client  10.0.0.1      1   16.0 s  16.0 s
        expected to last 60 s: linux, the default

      CLOSE_WAIT still standing: 15, the longest for 1 min 10 s
        holder               count     longest      median
        server  10.0.1.7:80      3  1 min 10 s  1 min 10 s
        server  10.0.1.6:80      2       1 min      6.00 s
        server  10.0.1.5:80      2      50.0 s      5.00 s
        server  10.0.1.4:80      2      40.0 s      4.00 s
        server  10.0.1.3:80      2      30.0 s      3.00 s
        … and 2 more

      2 CLOSE_WAITs ended: median 2.00 s, longest 3.00 s.

      Skipped
        not-ip          30  neither IPv4 nor IPv6, such as ARP
        later-fragment   1  IP fragment after the first

      Damaged: b\\x1b.pcap: at byte 4,711: the file is cut

      Database: web.sqlite
        finwait report web.sqlite
        finwait flows web.sqlite --state CLOSE_WAIT --sort CLOSE_WAIT
        finwait flows web.sqlite --kind reset,fin-reset
        finwait query --list
      "
    `);
    expect(Math.max(...text.split('\n').map(textWidth))).toBeLessThanOrEqual(80);
  });

  it('says little where there is little to say', () => {
    expect(
      textOf([], [captureOf({ frames: 1, tcpSegments: 0, lastUs: captureOf().firstUs })]),
    ).toMatchInlineSnapshot(`
      "0 TCP flows in a.pcap
      1 frame, 0 TCP segments, 0 s of traffic
      2024-05-01T12:00:00.000Z to 2024-05-01T12:00:00.000Z

      Database: web.sqlite
      "
    `);
  });

  it('does without times where nothing was captured', () => {
    const text = textOf(
      [],
      [captureOf({ frames: 0, tcpSegments: 0, firstUs: Number.NaN, lastUs: Number.NaN })],
    );
    expect(text).toContain('0 frames, 0 TCP segments\n');
  });

  it('counts the flows of which it is not known who closed first', () => {
    const unknown = { ...FIN_FLOW, columns: { ...FIN_FLOW.columns, closed_first: Number.NaN } };
    expect(textOf([FIN_FLOW, unknown])).toContain(
      'Who closed first\n  client   1\n  unknown  1  what was captured does not show it\n',
    );
  });

  it('says what UNKNOWN is', () => {
    const unknown = { ...FIN_FLOW, columns: { ...FIN_FLOW.columns, server_state: 'UNKNOWN' } };
    expect(textOf([unknown])).toContain('UNKNOWN: what was captured does not show the state\n');
    expect(textOf([FIN_FLOW])).not.toContain('UNKNOWN');
  });

  it('counts the open flows whose handshake was not completed', () => {
    const serverLife = { SYN_RECEIVED: [0, 1, 'seen'] } as const;
    const columns = { ...LEAK_FLOW.columns, close_kind: 'open', closed_first: Number.NaN };
    const open = { ...LEAK_FLOW, columns };
    expect(textOf([open, { ...open, clientLife: {}, serverLife }])).toContain(
      '  open      2  no FIN and no RST seen\n  of which  1  open: the handshake was not seen to be completed\n',
    );
  });

  it('tells of the ICMP errors among what was skipped', () => {
    const captures = [captureOf({ skipped: { 'not-tcp': 40 } })];
    const about = { ...FIN_FLOW, columns: { ...FIN_FLOW.columns, icmp: 29, icmp_type: 3, icmp_code: 13 } };
    expect(textOf([about, FIN_FLOW], captures)).toContain(
      '  ICMP errors among these are used: about 1 flow\n',
    );
  });

  it('does not say how flows closed where a filter may have left it out', () => {
    const filtered = captureOf({ quality: { filtered: 1 } });
    expect(textOf([FIN_FLOW], [filtered])).toContain(
      '\nHow they closed, as far as segments with data show it\n',
    );
  });

  it('has a name for standard input', () => {
    expect(textOf([FIN_FLOW], [captureOf({ path: '-' })])).toMatch(/^1 TCP flow in standard input\n/);
  });

  it('keeps evicted flows out of the states at the end', () => {
    const evicted = { ...LEAK_FLOW, columns: { ...LEAK_FLOW.columns, evicted: 1 } };
    const summary = readSummary(databaseOf([FIN_FLOW, evicted]));
    expect(summary.states).toEqual([
      { state: 'TIME_WAIT', client: 1, server: 0 },
      { state: 'CLOSED', client: 0, server: 1 },
    ]);
    expect(summary.evicted).toBe(1);
    expect(summary.closeWaits.count).toBe(0);
  });

  it('takes the lower middle for the median', () => {
    const summary = readSummary(
      databaseOf([leak('10.0.0.3', 1), leak('10.0.0.3', 2), leak('10.0.0.3', 9), leak('10.0.0.3', 30)]),
    );
    expect(summary.closeWaits.top).toEqual([
      {
        endpoint: 'server',
        ip: '10.0.0.3',
        port: 80,
        count: 4,
        longestUs: 30 * second,
        medianUs: 2 * second,
      },
    ]);
  });

  it('puts holders of the same size in order by address, also where the last one shown is one of them', () => {
    const servers = ['10.0.0.9', '10.0.0.3', '10.0.0.5', '10.0.0.30'];
    const { closeWaits } = readSummary(databaseOf(servers.map((server) => leak(server, 1))), 2);
    expect(closeWaits.top.map(({ ip }) => ip)).toEqual(['10.0.0.3', '10.0.0.30']);
    expect(closeWaits.holders).toBe(4);
  });

  it('points at the resets only where there are some, and at CLOSE_WAITs only where they stand', () => {
    expect(textOf([FIN_FLOW])).not.toMatch(/--kind|--state/);
    expect(textOf([RESET_FLOW])).toContain('finwait flows web.sqlite --kind reset,fin-reset\n');
    expect(textOf([LEAK_FLOW])).toContain('finwait flows web.sqlite --state CLOSE_WAIT');
  });

  it('colours only where asked', () => {
    expect(textOf([FIN_FLOW])).not.toContain('\x1b');
    expect(textOf([FIN_FLOW], undefined, true)).toContain('\x1b[1mHow they closed\x1b[22m');
  });
});

it.each(VERDICTS.slice(1))('says in words why a frame was skipped: %s', (reason) => {
  expect(skippedNote(reason)).not.toBe('');
});
