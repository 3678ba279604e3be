import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAN_SAMPLE } from '../../../src/capture/kernel/kernel-sampler.ts';
import { readKernelSettings } from '../../../src/capture/kernel/kernel-settings.ts';
import { temporary } from '../make.ts';

describe('the settings of a kernel', () => {
  it('are those of TCP, by their full names, as one line', () => {
    const root = temporary('proc');
    mkdirSync(join(root, 'net/ipv4'), { recursive: true });
    mkdirSync(join(root, 'net/core'));
    writeFileSync(join(root, 'net/ipv4/ip_local_port_range'), '32768\t60999\n');
    writeFileSync(join(root, 'net/ipv4/tcp_fin_timeout'), '60\n');
    writeFileSync(join(root, 'net/ipv4/tcp_fastopen_key'), '\n');
    writeFileSync(join(root, 'net/ipv4/udp_mem'), '1 2 3\n');
    writeFileSync(join(root, 'net/core/somaxconn'), '4096\n');
    mkdirSync(join(root, 'net/ipv4/tcp_unreadable'));
    expect(readKernelSettings(root)).toEqual({
      'net.ipv4.ip_local_port_range': '32768 60999',
      'net.ipv4.tcp_fin_timeout': '60',
      'net.core.somaxconn': '4096',
    });
  });

  it('are none where there is no such folder', () => {
    expect(readKernelSettings(join(temporary('proc'), 'nowhere'))).toEqual({});
  });

  it.skipIf(!CAN_SAMPLE)('are those of this host (Linux)', () => {
    const timeout = readFileSync('/proc/sys/net/ipv4/tcp_fin_timeout', 'utf8').trim();
    expect(readKernelSettings()['net.ipv4.tcp_fin_timeout']).toBe(timeout);
  });
});
