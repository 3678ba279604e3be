import { describe, expect, it } from 'vitest';
import { parseSysctls, SysctlBook } from '../../../../../src/report/diagnose/frame/sysctl.ts';
import { found, SECOND, several } from '../../family/forgotten/idle.ts';
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
