import { describe, expect, it } from 'vitest';
import { NOON } from '../../../../record/batches.ts';
import { closes, SECOND } from '../../family/client-time-waits/busy-client.ts';
import { found, numbersOf, sysctl } from '../../found.ts';

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
