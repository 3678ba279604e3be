import { describe, expect, it } from 'vitest';
import { parseSysctls, SysctlBook } from '../../../../../src/report/diagnose/frame/sysctl.ts';
import type { Flow, FlowSegment } from '../../../../record/batches.ts';
import { found, idle, SECOND, several } from '../../family/forgotten/idle.ts';
import { named } from '../../found.ts';

describe('idle connections that are forgotten on the way', () => {
  it.each([
    ['RST', 'likely', 60],
    ['nothing', 'likely', 60],
    ['RST', 'possible', 1],
    ['nothing', 'possible', 1],
  ] as const)('meet %s: %s where they are %d s apart', (meets, confidence, apart) => {
    const findings = found(several(4, apart * SECOND, { silent: 50 * SECOND, meets }));
    expect(findings.map(named)).toEqual(['warning idle-middlebox 10.0.0.1 -> 10.0.0.2:80 4']);
    expect(findings[0]).toMatchObject({ confidence, title: expect.stringContaining('about 50 s') });
  });

  it('are a finding about the service if several clients have them', () => {
    const flows = ['10.0.0.1', '10.0.0.3', '10.0.0.4'].flatMap((client) =>
      several(1, SECOND, { silent: 50 * SECOND, meets: 'RST', client }),
    );
    expect(found(flows).map(named)).toEqual(['warning idle-middlebox 10.0.0.2:80 3']);
  });

  it('want a keep-alive below that time; whose setting is too late is said', () => {
    const flows = several(4, SECOND, { silent: 50 * SECOND, meets: 'RST' });
    expect(found(flows)[0]?.remedies[0]).toContain('TCP_KEEPIDLE of 25 s or less');
    expect(found(flows)[0]?.remedies[0]).toContain("(Linux's default is 7200 s: too late)");
    const sysctls = new SysctlBook(parseSysctls('net.ipv4.tcp_keepalive_time = 20\n'));
    expect(found(flows, { sysctls })[0]?.remedies[0]).not.toContain('too late');
  });

  it('are for information where nine of ten go on', () => {
    const gone = several(4, 60 * SECOND, { silent: 50 * SECOND, meets: 'RST' });
    const on = several(40, 60 * SECOND, { silent: 50 * SECOND, meets: 'answer' });
    expect(found([...gone, ...on]).map(named)).toEqual(['info idle-middlebox 10.0.0.1 -> 10.0.0.2:80 4']);
  });

  it.each([
    ['two', several(2, SECOND, { silent: 50 * SECOND, meets: 'RST' })],
    ['those that go on', several(9, SECOND, { silent: 50 * SECOND, meets: 'answer' })],
    [
      'requests that wait for an answer when the capture ends',
      several(9, SECOND, { silent: 50 * SECOND, meets: 'nothing', columns: { client_retransmissions: 0 } }),
    ],
    [
      'the good-bye of a server after an idle timeout, answered by an abort: TLS does that every day',
      several(9, SECOND, {
        silent: 60 * SECOND,
        meets: 'RST',
        columns: { close_kind: 'fin-reset', closed_first: 'client' },
        rstFlags: 0x14,
      }),
    ],
    [
      'the good-bye of an idle timeout that nobody is there to hear: fin-retransmitted',
      several(9, SECOND, {
        silent: 60 * SECOND,
        meets: 'nothing',
        columns: { close_kind: 'half', closed_first: 'client' },
        closes: true,
      }),
    ],
    [
      'FINs of an orphan in FIN_WAIT_2, refused by the end that had closed',
      several(9, SECOND, {
        silent: 60 * SECOND,
        meets: 'RST',
        columns: { close_kind: 'fin-reset', closed_first: 'server' },
      }),
    ],
  ])('are none: %s', (_, flows) => {
    expect(found(flows)).toEqual([]);
  });

  it('of a request that is sent again for long, the first one tells the silence', () => {
    const flows = several(3, SECOND, { silent: 50 * SECOND, meets: 'nothing' }).map((flow) => {
      const [, , woken] = flow.segments!;
      const again = { ...woken!, at: woken!.at + 5.5 * SECOND, frame: 9 };
      return { ...flow, segments: [...flow.segments!, again] };
    });
    expect(found(flows)[0]?.title).toContain('about 50 s');
  });
});

describe('idle connections that a timer ends by RST', () => {
  /** Nothing comes before the RST but the last segment before the silence. */
  const ended = (
    silences: readonly number[],
    columns: Flow['columns'] = {},
    last: Partial<FlowSegment> = {},
  ): Flow[] =>
    silences.map((silent, i) => {
      const flow = idle({ at: i * SECOND, silent, meets: 'RST', rstFlags: 0x14 });
      const [syn, ack, woken, rst] = flow.segments!;
      const before = { ...woken!, at: 300, len: 0, meaning: 'before a long silence' as const, ...last };
      return {
        ...flow,
        columns: {
          ...flow.columns,
          reset_kind: 'unread-data-or-linger',
          reset_evidence: 'data-from-peer',
          idle_before_close: silent,
          capture_near: 'client',
          ...columns,
        },
        segments: [syn!, ack!, before, rst!],
      };
    });
  const TIMER = [10.002, 10.01, 10.03, 10.05, 10.07].map((s) => s * SECOND);

  it('are found, with the length of the timer, and are no aborts', () => {
    const [finding, ...more] = found(ended(TIMER));
    expect(more).toEqual([]);
    expect(named(finding!)).toBe('warning idle-middlebox 10.0.0.1 -> 10.0.0.2:80 5');
    expect(finding).toMatchObject({ confidence: 'possible', title: expect.stringContaining('10 s') });
    expect(finding?.cause).toContain('10.002-10.070 s (n = 5)');
    expect(finding?.evidence.numbers).toMatchObject({ shortest_silence_us: 10.00205 * SECOND });
  });

  it('by a box, where two captures have an RST in the name of each end to the other', () => {
    const [finding] = found(ended(TIMER, { client_rsts: 1, server_rsts: 1 }));
    expect(finding).toMatchObject({ confidence: 'likely' });
    expect(finding?.cause).toContain('in the name of the other');
  });

  it('are found where the capture is near the server, too', () => {
    const columns = { reset_by: 'client', closed_first: 'client', capture_near: 'server' };
    const flows = ended(TIMER, columns, { endpoint: 'server', len: 400 }).map((flow) => ({
      ...flow,
      segments: flow.segments!.map((one) =>
        one.meaning === 'RST' ? { ...one, endpoint: 'client' as const } : one,
      ),
    }));
    expect(found(flows).map(named)).toEqual(['warning idle-middlebox 10.0.0.1 -> 10.0.0.2:80 5']);
  });

  it.each([
    ['people, who are not that punctual', ended([5, 9, 14, 22, 40].map((s) => s * SECOND))],
    ['the end itself, whose own segments the capture saw first', ended(TIMER, { capture_near: 'server' })],
    ['an end that waited for an answer', ended(TIMER, {}, { len: 120 })],
    ['an end whose request was acknowledged, and not answered', ended(TIMER, {}, { endpoint: 'server' })],
    ['two', ended(TIMER.slice(0, 2))],
  ])('are not told by %s', (_, flows) => {
    expect(found(flows).filter(({ code }) => code === 'idle-middlebox')).toEqual([]);
  });
});
