import { expect, it } from 'vitest';
import { parseSysctls, SysctlBook } from '../../../../src/report/diagnose/frame/sysctl.ts';

const PRINTED = `net.core.somaxconn = 128
net.ipv4.conf.eth0.rp_filter = 0
net.ipv4.ip_local_port_range = 40000\t40199
net.ipv4.ip_local_reserved_ports =
net.ipv4.tcp_congestion_control = cubic
net.ipv4.tcp_fin_timeout=5
net.ipv4.tcp_tw_reuse = 1
vm.swappiness = 60
`;

it('takes what it knows from what sysctl -a prints, and passes over the rest', () => {
  expect(parseSysctls(PRINTED)).toEqual({
    somaxconn: [128],
    ip_local_port_range: [40_000, 40_199],
    tcp_fin_timeout: [5],
    tcp_tw_reuse: [1],
  });
  expect(parseSysctls('hello\n')).toEqual({});
});

it('a host has what was given for it, else what was given for all, else the default', () => {
  const book = new SysctlBook({ tcp_fin_timeout: [30] }, new Map([['10.0.0.1', parseSysctls(PRINTED)]]));
  expect(book.of('10.0.0.1', 'tcp_fin_timeout')).toEqual({ value: 5, isGiven: true });
  expect(book.of('10.0.0.2', 'tcp_fin_timeout')).toEqual({ value: 30, isGiven: true });
  expect(book.of('10.0.0.2', 'tcp_tw_reuse')).toEqual({ value: 2, isGiven: false });
  expect(book.of('10.0.0.2', 'tcp_max_tw_buckets')).toEqual({ value: null, isGiven: false });
});

it('reserved ports are not there to be taken', () => {
  const given =
    'net.ipv4.ip_local_port_range = 40000 40199\nnet.ipv4.ip_local_reserved_ports = 8080,40010-40019,40199-40300\n';
  const book = new SysctlBook(parseSysctls(given));
  expect(book.ports('10.0.0.1')).toMatchObject({ first: 40_000, last: 40_199, count: 189 });
});

it.each(['61000 32768', '0 0', '1024 70000'])('a range of ports that cannot be is none: %s', (range) => {
  const book = new SysctlBook(parseSysctls(`net.ipv4.ip_local_port_range = ${range}\n`));
  expect(book.ports('10.0.0.1')).toMatchObject({ count: 28_232, isGiven: false });
});

it('ports are those of the host, else those of its system, else of Linux', () => {
  const book = new SysctlBook({}, new Map([['10.0.0.1', parseSysctls(PRINTED)]]));
  expect(book.ports('10.0.0.1', 'windows')).toMatchObject({ first: 40_000, last: 40_199, count: 200 });
  expect(book.ports('10.0.0.2', 'windows')).toMatchObject({ count: 16_384, whose: "Windows's default" });
  expect(book.ports('10.0.0.2')).toMatchObject({ count: 28_232, whose: "Linux's default", isGiven: false });
});
