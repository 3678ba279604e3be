import { describe, expect, it } from 'vitest';
import { parseTraceLine, unmapped } from './truth/trace.ts';

const line = (family: string, rest: string): string =>
  `            node-5923    [001] ..s2.  1317.000045: inet_sock_set_state: family=${family} protocol=IPPROTO_TCP ${rest}`;

describe('a line of the kernel trace', () => {
  it('reads an IPv4 transition, the microseconds with their leading zeros', () => {
    const text = line(
      'AF_INET',
      'sport=40001 dport=8080 saddr=10.9.1.2 daddr=10.9.2.2 saddrv6=::ffff:10.9.1.2 daddrv6=::ffff:10.9.2.2 oldstate=TCP_FIN_WAIT1 newstate=TCP_FIN_WAIT2',
    );
    expect(parseTraceLine(text)).toEqual({
      at: 1_317_000_045,
      local: { ip: '10.9.1.2', port: 40001 },
      remote: { ip: '10.9.2.2', port: 8080 },
      from: 'FIN_WAIT_1',
      to: 'FIN_WAIT_2',
    });
  });

  it('takes the IPv6 addresses of an IPv6 socket', () => {
    const text = line(
      'AF_INET6',
      'sport=8080 dport=40001 saddr=0.0.0.2 daddr=0.0.0.2 saddrv6=fd00:9:2::2 daddrv6=fd00:9:1::2 oldstate=TCP_LISTEN newstate=TCP_SYN_RECV',
    );
    expect(parseTraceLine(text)).toMatchObject({
      local: { ip: 'fd00:9:2::2', port: 8080 },
      remote: { ip: 'fd00:9:1::2', port: 40001 },
      from: 'LISTEN',
      to: 'SYN_RECEIVED',
    });
  });

  it('shows an IPv4 connection of an IPv6 socket by its IPv4 addresses', () => {
    const text = line(
      'AF_INET6',
      'sport=1 dport=2 saddr=10.9.1.2 daddr=10.9.2.2 saddrv6=::ffff:10.9.1.2 daddrv6=::ffff:10.9.2.2 oldstate=TCP_CLOSE_WAIT newstate=TCP_LAST_ACK',
    );
    expect(parseTraceLine(text)?.local.ip).toBe('10.9.1.2');
  });

  it.each([
    ['a comment', '# entries-in-buffer/entries-written: 14/14   #P:2'],
    ['another event', ' node-1 [000] ..... 12.000001: tcp_destroy_sock: family=AF_INET sport=1 dport=2'],
    [
      'an unknown state',
      line(
        'AF_INET',
        'sport=1 dport=2 saddr=10.9.1.2 daddr=10.9.2.2 saddrv6=:: daddrv6=:: oldstate=TCP_CLOSE newstate=TCP_BOUND',
      ),
    ],
    ['nothing', ''],
  ])('passes over %s', (_, text) => {
    expect(parseTraceLine(text)).toBeNull();
  });
});

it('unmaps only IPv4-mapped addresses', () => {
  expect(['::ffff:10.9.1.2', '::ffff:1', 'fd00::1'].map(unmapped)).toEqual([
    '10.9.1.2',
    '::ffff:1',
    'fd00::1',
  ]);
});
