import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CAN_SAMPLE } from '../../src/capture/kernel/kernel-sampler.ts';
import { SysctlBook } from '../../src/report/diagnose/frame/sysctl.ts';
import { notedSysctls } from '../../src/report/diagnose/noted-sysctls.ts';
import { Live } from '../../src/run/live.ts';
import { opened, temporaryFolder } from '../record/database.ts';
import { finwait } from '../terminal/finwait.ts';
import { answer } from '../terminal/live-run.ts';

/** Header of a pcap stream, Ethernet; no packet follows. */
const NO_PACKETS = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');

describe.skipIf(!CAN_SAMPLE)('live with the sockets of the kernel (Linux)', () => {
  const sockets: Socket[] = [];
  let server: Server;
  let port: number;

  beforeEach(async () => {
    server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    const client = connect(port, '127.0.0.1');
    sockets.push(client);
    await Promise.all([once(client, 'connect'), once(server, 'connection')]);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
  });

  const ours = () => `SELECT state, pid, flow_id, gone_us FROM kernel_sockets WHERE port = ${port}`;
  const held = { state: 'ESTABLISHED', pid: process.pid, flow_id: null, gone_us: null };

  it('has them also where no packet comes, and before the end', async () => {
    const path = join(temporaryFolder(), 'live.sqlite');
    const live = new Live({
      source: 'lo',
      target: () => path,
      append: false,
      timeWait: undefined,
      kernel: true,
    });
    const stream = new PassThrough();
    const run = live.run(stream);
    stream.write(NO_PACKETS);
    expect(await answer(path, ours(), () => true)).toBe('ESTABLISHED');
    stream.end();
    await run;
    expect(live.kernelFailure).toBeUndefined();
    expect(opened(path).prepare(ours()).all()).toEqual([held]);
    const [timeout] = readFileSync('/proc/sys/net/ipv4/tcp_fin_timeout', 'utf8').split('\n');
    const noted = notedSysctls(opened(path)).get('127.0.0.1');
    expect(noted?.tcp_fin_timeout).toEqual([Number(timeout)]);
    expect(new SysctlBook().with(notedSysctls(opened(path))).of('127.0.0.1', 'tcp_fin_timeout').isGiven).toBe(
      true,
    );
  });

  it('has them in each database it begins', async () => {
    const folder = temporaryFolder();
    let count = 0;
    const target = () => join(folder, `${++count}.sqlite`);
    const options = { source: 'lo', target, append: false, timeWait: undefined, kernel: true };
    const live = new Live({ ...options, rotateMs: 1000 });
    const stream = new PassThrough();
    const run = live.run(stream);
    stream.write(NO_PACKETS);
    await answer(join(folder, '2.sqlite'), ours(), () => true);
    stream.end();
    await run;
    for (const name of ['1.sqlite', '2.sqlite'])
      expect(opened(join(folder, name)).prepare(ours()).all()).toEqual([held]);
  });
});

it('live --kernel is not for a stream', () => {
  const { code, stderr } = finwait(['live', '-', '--kernel']);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'finwait: --kernel: a stream may come from any host; name a device\n',
  });
});
