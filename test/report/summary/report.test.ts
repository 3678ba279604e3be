import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { styles } from '../../../src/report/style.ts';
import { type Report, readReport } from '../../../src/report/summary/report.ts';
import {
  reportJson,
  reportMarkdown,
  reportRows,
  reportSections,
} from '../../../src/report/summary/report-sections.ts';
import { reportText } from '../../../src/report/summary/report-text.ts';
import { textWidth } from '../../../src/report/text.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import type { Flow } from '../../record/batches.ts';
import { databaseOf, opened, temporaryFolder } from '../../record/database.ts';
import { FIN_FLOW, LEAK_FLOW, RESET_FLOW } from '../../record/flows.ts';

const second = 1_000_000;
const STYLE = styles(false);

const textOf = (report: Report) => reportText(report, { database: 'web.sqlite', utc: true, style: STYLE });
const reportOf = (flows: readonly Flow[], top = 10) => readReport(databaseOf(flows), top);

/** The report on a recorded capture, from what it says behind the summary. */
async function textOfCapture(name: string): Promise<string> {
  const target = join(temporaryFolder(), 'web.sqlite');
  const capture = join(import.meta.dirname, '../../../captures', name);
  await analyze([capture], { target, append: false, timeWait: undefined });
  const text = textOf(readReport(opened(target), 10));
  return text.slice(text.indexOf('still standing')).split('\n\n').slice(1).join('\n\n');
}

/** A close that begins after a second and lasts so many microseconds; the server was in LAST_ACK for half of it. */
function closed(us: number): Flow {
  return {
    columns: {
      close_kind: 'fin',
      closed_first: 'client',
      close_started: second,
      close_ended: second + us,
      client_state: 'CLOSED',
      server_state: 'CLOSED',
      observed: 100 * second,
    },
    serverLife: {
      LAST_ACK: [second + us / 2, 3, 'sent'],
      CLOSED: [second + us, 4, 'acked'],
    },
  };
}

const WAITING: Flow = {
  ...LEAK_FLOW,
  columns: { ...LEAK_FLOW.columns, close_started: second },
};
const EVICTED: Flow = { ...WAITING, columns: { ...WAITING.columns, evicted: 1 } };
const REOPENED: Flow = {
  ...FIN_FLOW,
  columns: {
    ...FIN_FLOW.columns,
    client_time_wait_ended_by: 'reopened',
    client_time_wait_at_least: 0,
    client_time_wait_at_most: 2 * second,
  },
};
/** Over after half an hour at most, as a late RST shows: that would be seen in the durations if it were counted. */
const EXPIRED: Flow = {
  ...FIN_FLOW,
  columns: {
    ...FIN_FLOW.columns,
    client_time_wait_ended_by: 'expired',
    client_time_wait_at_most: 1800 * second,
  },
};

describe('how long it lasted', () => {
  const of = (report: Report, what: string) => report.lasted.find((lasted) => lasted.of === what);

  it('counts what has ended, and apart from it what has not', () => {
    const report = reportOf([closed(40), closed(200), WAITING]);
    expect(of(report, 'close')).toMatchObject({
      count: 2,
      medianUs: 40,
      longestUs: 200,
      notEnded: { count: 1, longestUs: 30 * second },
    });
    expect(of(report, 'LAST_ACK')).toMatchObject({ count: 2, medianUs: 20, longestUs: 100 });
    expect(of(report, 'CLOSE_WAIT')).toMatchObject({
      count: 0,
      bins: [],
      notEnded: { count: 1, longestUs: 30 * second },
    });
  });

  it('of a flow that was evicted, nothing', () => {
    const report = reportOf([EVICTED]);
    expect(report.lasted.filter(({ count, notEnded }) => count + notEnded.count > 0)).toEqual([]);
  });

  it('of closes without FIN, nothing', () => {
    const reset = { ...closed(0), columns: { ...closed(0).columns, close_kind: 'reset' } };
    expect(of(reportOf([reset]), 'close')).toMatchObject({ count: 0 });
  });

  it('of TIME_WAIT, only where a packet shows its end', () => {
    const report = reportOf([FIN_FLOW, REOPENED, EXPIRED]);
    expect(of(report, 'TIME_WAIT')).toMatchObject({
      count: 1,
      longestUs: 2 * second,
      notEnded: { count: 1, longestUs: 16 * second },
    });
    expect(report.timeWaitEnds).toEqual([
      { word: 'reopened', count: 1 },
      { word: 'expired', count: 1 },
      { word: 'capture-end', count: 1 },
    ]);
  });
});

describe('holders, resets and ports', () => {
  it('names the holders of every waiting state', () => {
    const lastAck: Flow = {
      server: '10.0.0.7',
      columns: { server_state: 'LAST_ACK', observed: 5 * second, close_kind: 'fin-unacked' },
      serverLife: { LAST_ACK: [second, 3, 'sent'] },
    };
    const { summary, finWait2s, lastAcks } = reportOf([FIN_FLOW, LEAK_FLOW, lastAck]);
    const top = [summary.timeWaits, summary.closeWaits, finWait2s, lastAcks].map((standing) => standing.top);
    expect(top).toEqual([
      [
        {
          endpoint: 'client',
          ip: '10.0.0.1',
          port: null,
          count: 1,
          longestUs: 16 * second,
          medianUs: 16 * second,
        },
      ],
      [
        {
          endpoint: 'server',
          ip: '10.0.0.2',
          port: 80,
          count: 1,
          longestUs: 30 * second,
          medianUs: 30 * second,
        },
      ],
      [
        {
          endpoint: 'client',
          ip: '10.0.0.1',
          port: null,
          count: 1,
          longestUs: 30 * second,
          medianUs: 30 * second,
        },
      ],
      [
        {
          endpoint: 'server',
          ip: '10.0.0.7',
          port: 80,
          count: 1,
          longestUs: 4 * second,
          medianUs: 4 * second,
        },
      ],
    ]);
  });

  it('names as many holders and ports as asked for, the largest', () => {
    const at = (port: number, server: string): Flow => ({
      ...LEAK_FLOW,
      server,
      columns: { ...LEAK_FLOW.columns, server_port: port },
    });
    const { summary, ports } = reportOf([at(80, '10.0.0.2'), at(81, '10.0.0.3'), at(81, '10.0.0.3')], 1);
    expect(summary.closeWaits).toMatchObject({ holders: 2, top: [{ ip: '10.0.0.3', count: 2 }] });
    expect(ports).toEqual({ count: 2, top: [{ port: 81, flows: 2, kinds: [{ word: 'half', count: 2 }] }] });
  });

  it('counts resets by kind and sender, the most frequent first', () => {
    const by = (sender: string, kind: string): Flow => ({
      ...RESET_FLOW,
      columns: { ...RESET_FLOW.columns, reset_by: sender, reset_kind: kind },
    });
    const flows = [
      by('client', 'idle'),
      by('server', 'injected'),
      by('server', 'injected'),
      by('client', 'injected'),
    ];
    expect(reportOf(flows).resets).toEqual([
      { kind: 'injected', client: 1, server: 2 },
      { kind: 'idle', client: 1, server: 0 },
    ]);
  });
});

describe('the text', () => {
  it('of sockets that leak', async () => {
    expect(await textOfCapture('close-wait-leak.pcap')).toMatchInlineSnapshot(`
      "No TIME_WAIT still standing.

      FIN_WAIT_2 still standing: 3, the longest for 212 ms
        holder            count  longest  median
        client  10.9.1.2      3   212 ms  104 ms

      How they closed, by server port
               8080
        flows     3
        half      3

      Database: web.sqlite
        finwait flows web.sqlite --state CLOSE_WAIT --sort CLOSE_WAIT
        finwait query --list
      "
    `);
  });

  it('of a TIME_WAIT that was recycled', async () => {
    expect(await textOfCapture('time-wait-reused-by-client.pcap')).toMatchInlineSnapshot(`
      "No CLOSE_WAIT still standing.

      2 CLOSE_WAITs ended: median 102 ms, longest 105 ms.

      What ended the TIME_WAITs
        reopened     1  a new connection took its place
        capture-end  1  none: it stood when the capture ended

      How long closes lasted, from the first FIN to the end: 2
        100 ms – 200 ms  2  100.0 %  ████████████████████████████████
        median 102 ms, 90 % up to 105 ms, 99 % up to 105 ms, longest 105 ms

      How long CLOSE_WAIT lasted: 2
        100 ms – 200 ms  2  100.0 %  ████████████████████████████████
        median 102 ms, 90 % up to 105 ms, 99 % up to 105 ms, longest 105 ms

      How long FIN_WAIT_2 lasted: 2
        50 ms – 100 ms  2  100.0 %  ████████████████████████████████
        median 59.6 ms, 90 % up to 61.4 ms, 99 % up to 61.4 ms, longest 61.4 ms

      How long LAST_ACK lasted: 2
        10 µs – 20 µs  1  50.0 %  ████████████████████████████████
        20 µs – 50 µs  1  50.0 %  ████████████████████████████████
        median 18 µs, 90 % up to 34 µs, 99 % up to 34 µs, longest 34 µs

      How long TIME_WAIT lasted at most, where a packet shows its end: 1
        1 s – 2 s  1  100.0 %  ████████████████████████████████
        median 1.70 s, 90 % up to 1.70 s, 99 % up to 1.70 s, longest 1.70 s
        without 1 not over when the capture ended, the longest for 18 µs

      How they closed, by server port
               8080
        flows     2
        fin       2

      Database: web.sqlite
        finwait query --list
      "
    `);
  });

  it('of an RST in TIME_WAIT', async () => {
    expect(await textOfCapture('rst-in-time-wait.pcap')).toMatchInlineSnapshot(`
      "1 CLOSE_WAIT ended, after 107 ms.

      What ended the TIME_WAITs
        reset  1  RST

      How long closes lasted, from the first FIN to the end: 1
        100 ms – 200 ms  1  100.0 %  ████████████████████████████████
        median 107 ms, 90 % up to 107 ms, 99 % up to 107 ms, longest 107 ms

      How long CLOSE_WAIT lasted: 1
        100 ms – 200 ms  1  100.0 %  ████████████████████████████████
        median 107 ms, 90 % up to 107 ms, 99 % up to 107 ms, longest 107 ms

      How long FIN_WAIT_2 lasted: 1
        50 ms – 100 ms  1  100.0 %  ████████████████████████████████
        median 65.4 ms, 90 % up to 65.4 ms, 99 % up to 65.4 ms, longest 65.4 ms

      How long LAST_ACK lasted: 1
        20 µs – 50 µs  1  100.0 %  ████████████████████████████████
        median 33 µs, 90 % up to 33 µs, 99 % up to 33 µs, longest 33 µs

      How long TIME_WAIT lasted at most, where a packet shows its end: 1
        100 ms – 200 ms  1  100.0 %  ████████████████████████████████
        median 100 ms, 90 % up to 100 ms, 99 % up to 100 ms, longest 100 ms

      RSTs that ended flows, by what they most likely were
                                 by client  by server
        time-wait-assassination          -          1  it ended a TIME_WAIT (RFC 1337)

      How they closed, by server port
               8080
        flows     1
        fin       1

      Database: web.sqlite
        finwait query --list
      "
    `);
  });

  it('is little where there is little to say', () => {
    expect(textOf(reportOf([])).split('\n')).toHaveLength(6);
  });

  it('fits 80 columns, with ports left out where there are too many', () => {
    const at = (port: number): Flow => ({
      ...closed(10 ** (port % 7)),
      columns: { ...closed(1).columns, server_port: port },
    });
    const ports = Array.from({ length: 40 }, (_, i) => 60_000 + i);
    const text = textOf(reportOf([...ports.map(at), WAITING, RESET_FLOW, FIN_FLOW, REOPENED], 40));
    expect(Math.max(...text.split('\n').map(textWidth))).toBeLessThanOrEqual(80);
    expect(text).toMatch(/^ {2}… and \d+ ports more$/m);
  });
});

describe('formats', () => {
  const sections = () => reportSections(reportOf([closed(40), WAITING, RESET_FLOW, FIN_FLOW, REOPENED]));

  it('json: one object, with every section', () => {
    const object = JSON.parse(reportJson(sections()));
    expect(object).toMatchObject({
      flows: 5,
      evicted: 0,
      captures: [{ path: 'a.pcap', frames: 100 }],
      closed_first: [{ closed_first: 'client', flows: 5 }],
      resets: [{ reset_kind: 'unread-data-or-linger', client: 0, server: 1 }],
    });
    expect(object.histograms).toContainEqual({ of: 'close', from_us: 20, to_us: 50, count: 1 });
    expect(object.durations[0]).toMatchObject({ of: 'close', count: 1, median_us: 40, not_ended: 1 });
    const names = sections().flatMap(({ name }) => (name === 'totals' ? [] : [name]));
    expect(Object.keys(object)).toEqual(['flows', 'evicted', ...names]);
  });

  it('rows: every number that is in the object, with what it is of', () => {
    const rows = [...reportRows(sections()).rows];
    expect(rows).toContainEqual(['totals', '', 'flows', 5]);
    expect(rows).toContainEqual(['holders', 'CLOSE_WAIT server 10.0.0.2 80', 'count', 1]);
    expect(rows).toContainEqual(['histograms', 'close 20 50', 'count', 1]);
    expect(rows).toContainEqual(['ports', '80', 'fin_reset', 1]);
    const numbers = sections().flatMap(({ keys, rows: all }) => all.flatMap((row) => row.slice(keys)));
    expect(rows.map(([, , , value]) => value)).toEqual(numbers.filter((value) => value !== null));
  });

  it('md: a heading and a table for each section that has rows', () => {
    const options = { format: 'md' as const, utc: true, terminal: false, width: undefined, style: STYLE };
    const text = [...reportMarkdown(sections(), options)].join('');
    expect(text).toContain('## How they closed\n\n| close_kind | flows |\n| --- | --- |\n| fin | 3 |\n');
    expect(text).not.toContain('## Skipped');
    expect(text.match(/^## /gm)).toHaveLength(sections().filter(({ rows }) => rows.length > 0).length);
  });
});
