import { describe, expect, it } from 'vitest';
import { type DiagnoseOptions, diagnose } from '../../../src/report/diagnose/diagnose.ts';
import type { Finding } from '../../../src/report/diagnose/frame/finding.ts';
import { parseSysctls, SysctlBook } from '../../../src/report/diagnose/frame/sysctl.ts';
import { type Flow, NOON } from '../../record/batches.ts';
import { databaseOf } from '../../record/database.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

interface Closes {
  count: number;
  /** A second, one after the other. */
  rate: number;
  /** Seconds that the capture goes on after the last. */
  after?: number;
  /** Seconds of the capture: those that are over by then have ended. Default: until the last close. */
  client?: string;
  server?: string;
  firstPort?: number;
  columns?: Record<string, number | string>;
}

/** Connections of a millisecond that the client closes first, as a capture sees them. */
function closes({ count, rate, after = 0, client, server, firstPort = 33_000, columns }: Closes): Flow[] {
  const endUs = ((count - 1) / rate + after) * SECOND + 1000;
  return Array.from({ length: count }, (_, i) => {
    const begun = (i / rate) * SECOND;
    const watched = endUs - begun - 1000;
    const expired = watched >= MINUTE;
    return {
      ...(client !== undefined && { client }),
      ...(server !== undefined && { server }),
      columns: {
        first: NOON + Math.round(begun),
        client_port: firstPort + (i % 28_000),
        observed: Math.round(endUs - begun),
        close_kind: 'fin',
        closed_first: 'client',
        client_state: expired ? 'CLOSED' : 'TIME_WAIT',
        client_time_wait_at_least: expired ? 0 : Math.round(watched),
        client_time_wait_expected: MINUTE,
        client_time_wait_ended_by: expired ? 'expired' : 'capture-end',
        client_time_wait_evidence: expired ? 'profile' : 'none',
        client_time_wait_profile: 'linux',
        client_time_wait_profile_evidence: 'default',
        ...columns,
      },
      clientLife: { FIN_WAIT_1: [500, 8, 'sent'], TIME_WAIT: [1000, 10, 'acked'] },
      segments: [
        { at: 500, frame: 8, endpoint: 'client', flags: 0x11, seq: 1, ack: 1, len: 0, meaning: 'FIN' },
      ],
    };
  });
}

function found(code: string, flows: readonly Flow[], options: DiagnoseOptions = {}): Finding[] {
  return diagnose(databaseOf(flows), { ...options, only: [code] }).findings;
}

const numbersOf = (finding: Finding | undefined) => finding?.evidence.numbers ?? {};
const sysctl = (line: string) => ({ sysctls: new SysctlBook(parseSysctls(`net.ipv4.${line}\n`)) });

describe('time-wait-pile-up', () => {
  it('is forecast from the rate where the capture is shorter than TIME_WAIT', () => {
    const [finding, ...others] = found('time-wait-pile-up', closes({ count: 500, rate: 100 }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      subject: '10.0.0.1',
      severity: 'warning',
      confidence: 'possible',
      count: 500,
    });
    expect(numbersOf(finding)).toMatchObject({ at_once: 500, time_wait_us: MINUTE });
    expect(numbersOf(finding).closes_per_s).toBeCloseTo(100, 0);
    expect(numbersOf(finding).standing_number! / 6000).toBeCloseTo(1, 1);
  });

  it('is seen where the capture is longer: the peak counts, not the sum', () => {
    const flows = closes({ count: 1600, rate: 10, after: 0 });
    const thresholds = { 'time-wait-standing': 590 };
    expect(numbersOf(found('time-wait-pile-up', flows, { thresholds })[0])).toMatchObject({
      time_waits: 1600,
      at_once: 600,
      standing_number: 600,
    });
    expect(found('time-wait-pile-up', flows, { thresholds: { 'time-wait-standing': 610 } })).toEqual([]);
  });

  it.each([
    ['at a rate that keeps below the threshold', closes({ count: 400, rate: 80 })],
    ['of a burst that is over', closes({ count: 500, rate: 1000, after: 30 })],
    ['of a burst too short to be a rate', closes({ count: 500, rate: 10_000 })],
    ['of so few that there is no rate', closes({ count: 99, rate: 98 })],
  ])('is not found %s', (_, flows) => {
    expect(found('time-wait-pile-up', flows)).toEqual([]);
  });

  it("speaks of the host's own tcp_max_tw_buckets where it is known", () => {
    const flows = closes({ count: 200, rate: 20 });
    expect(found('time-wait-pile-up', flows)).toEqual([]);
    const [finding] = found('time-wait-pile-up', flows, sysctl('tcp_max_tw_buckets = 1000'));
    expect(finding?.cause).toContain('(1,000): the kernel drops the rest at once');
  });

  it('says where the length that was taken is not that of the client', () => {
    const flows = closes({ count: 500, rate: 100, columns: { client_stack: 'windows' } });
    expect(found('time-wait-pile-up', flows)[0]?.cause).toContain('--time-wait auto');
  });

  it('warns of what does not help', () => {
    const [finding] = found('time-wait-pile-up', closes({ count: 500, rate: 100 }));
    expect(finding?.notToDo.join(' ')).toContain('tcp_fin_timeout does not shorten TIME_WAIT');
  });
});

describe('port-exhaustion', () => {
  const RANGE = sysctl('ip_local_port_range = 33000 33999');
  const pair = '10.0.0.1 -> 10.0.0.2:80';

  it('is as good as there where nine of ten ports are taken', () => {
    const [finding] = found('port-exhaustion', closes({ count: 950, rate: 100 }), RANGE);
    expect(finding).toMatchObject({ severity: 'critical', confidence: 'certain', subject: pair, count: 950 });
    expect(numbersOf(finding)).toMatchObject({ ports: 1000, ports_taken_at_once: 950, taken_percent: 95 });
  });

  it('is forecast: how long it takes, and the rate that can go on', () => {
    const [finding] = found('port-exhaustion', closes({ count: 300, rate: 100 }), RANGE);
    expect(finding).toMatchObject({ severity: 'warning', confidence: 'likely' });
    const numbers = numbersOf(finding);
    expect(numbers.exhausted_after_us! / SECOND).toBeCloseTo(10, 1);
    expect(numbers.exhausted_at_us! - NOON).toBeCloseTo(10 * SECOND, -5);
    expect(numbers.safe_per_s).toBeCloseTo(16.7, 1);
  });

  it('is only mentioned where too little was seen of it', () => {
    const [finding] = found('port-exhaustion', closes({ count: 1500, rate: 500 }));
    expect(finding).toMatchObject({ severity: 'info', confidence: 'possible' });
  });

  it('is of one server and port: the same closes to two of them are good for twice as long', () => {
    const half = (server: string) => closes({ count: 400, rate: 8, server });
    const alone = found('port-exhaustion', closes({ count: 800, rate: 16 }), RANGE);
    expect(alone.map(({ severity }) => severity)).toEqual(['warning']);
    const two = found('port-exhaustion', [...half('10.0.0.2'), ...half('10.0.0.3')], RANGE);
    expect(two).toEqual([]);
  });

  it.each([
    ['tcp_tw_reuse = 1 gives them back', closes({ count: 950, rate: 100 }), 'tcp_tw_reuse = 1'],
    [
      'loopback gives them back by default',
      closes({ count: 950, rate: 100, client: '127.0.0.1', server: '127.0.0.1' }),
      'tcp_tw_reuse = 2',
    ],
    [
      'the client was seen to take them back',
      closes({ count: 950, rate: 100, columns: { client_time_wait_evidence: 'isn-65537' } }),
      'tcp_tw_reuse = 2',
    ],
  ])('is not found where %s', (_, flows, line) => {
    const both = sysctl(`ip_local_port_range = 33000 33999\nnet.ipv4.${line}`);
    expect(found('port-exhaustion', flows, both)).toEqual([]);
  });

  it('is found all the same where tcp_tw_reuse has no timestamps to go by', () => {
    const lines = 'ip_local_port_range = 33000 33999\nnet.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_timestamps = 0';
    const [finding] = found('port-exhaustion', closes({ count: 950, rate: 100 }), sysctl(lines));
    expect(finding).toMatchObject({ severity: 'critical' });
  });

  it('goes by the ports of the system that the SYNs speak for', () => {
    const flows = closes({ count: 1700, rate: 300, firstPort: 50_000, columns: { client_stack: 'windows' } });
    expect(numbersOf(found('port-exhaustion', flows)[0])).toMatchObject({ ports: 16_384 });
  });

  it('knows no range where other ports are used than the default ones', () => {
    const [finding] = found('port-exhaustion', closes({ count: 7000, rate: 1500, firstPort: 5000 }));
    expect(finding).toMatchObject({ confidence: 'possible' });
    expect(numbersOf(finding)).toMatchObject({ ports: 64_512 });
  });
});
