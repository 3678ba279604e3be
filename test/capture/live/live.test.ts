import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCapture } from '../../../src/capture/files/read.ts';
import type { Via } from '../../../src/capture/live/live-error.ts';
import { startTcpdump } from '../../lab/network/tcpdump.ts';
import { ip, run, within } from '../../lab/run.ts';
import type { SeenFrame } from './live-program.ts';
import { Capture, canCapture, openWire, sendSegments, type Wire } from './live-wire.ts';

/** Where the sender puts its number, and how long its frames are. */
const SEQ = 38;
const LENGTH = 100;

describe.skipIf(!canCapture()).each<Via>(['cap', 'tcpdump'])('by %s (needs root, ip, tcpdump)', (via) => {
  let wire: Wire;
  beforeEach(() => {
    wire = openWire();
  });
  afterEach(() => wire.cleanup.run());

  const open = async (device: string, filter: string, snapLength?: number) => {
    const capture = new Capture(wire, device, { via, filter, snapLength });
    const { pid } = await capture.next('open');
    return { capture, pid };
  };
  const stopped = (capture: Capture) => {
    capture.ask({ kind: 'stop' });
    return capture.next('ended');
  };
  /** One datagram; nobody listens. */
  const sendDatagram = (namespace: string, to: string) =>
    run('ip', ['netns', 'exec', namespace, 'bash', '-c', `echo hello > /dev/udp/${to}/9`]);

  it('all that was sent comes out, once, in order and with its bytes, though stopped at once', async () => {
    const { capture } = await open('eth0', 'tcp');
    const before = Date.now() * 1000;
    const sent = await sendSegments(wire, wire.a, 10_000, 1);
    const { end, frames, linkTypes, damage } = await stopped(capture);
    expect({ reason: end.reason, linkTypes, damage }).toEqual({
      reason: 'stopped',
      linkTypes: [1],
      damage: null,
    });
    expect(frames.map(number)).toEqual(Array.from({ length: sent }, (_, i) => i));
    expect(new Set(frames.map(({ hex, wireLength }) => `${hex.length / 2} of ${wireLength}`))).toEqual(
      new Set([`${LENGTH} of ${LENGTH}`]),
    );
    expect(frames[0]!.hex).toMatch(/^0200000000fe0200000000010800450000560000400040060000?/);
    const times = frames.map(({ timeUs }) => timeUs);
    expect(times).toEqual(times.toSorted((x, y) => x - y));
    expect(times[0]).toBeGreaterThan(before);
    expect(times.at(-1)).toBeLessThan(Date.now() * 1000 + 1000);
  });

  it('is what tcpdump writes into a file meanwhile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'finwait-live-'));
    try {
      const path = join(folder, 'beside.pcap');
      const options = { namespace: wire.b, device: 'eth0', path, filter: 'tcp' };
      const { capture } = await open('eth0', 'tcp');
      const beside = await startTcpdump(options, wire.cleanup);
      await sendSegments(wire, wire.a, 1000, 1);
      const { frames } = await stopped(capture);
      await beside.stop();
      const expected: string[] = [];
      await readCapture(path, ({ bytes, start, end }) => {
        expected.push(Buffer.from(bytes.subarray(start, end)).toString('hex'));
      });
      expect(frames.map(({ hex }) => hex)).toEqual(expected);
      expect(expected).toHaveLength(1000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('what the kernel holds when it is asked to stop still comes out', async () => {
    const { capture, pid } = await open('eth0', 'tcp');
    process.kill(pid, 'SIGSTOP');
    const sent = await sendSegments(wire, wire.a, 2000, 1);
    const ended = stopped(capture);
    process.kill(pid, 'SIGCONT');
    const { end, frames } = await ended;
    expect({ reason: end.reason, frames: frames.length }).toEqual({ reason: 'stopped', frames: sent });
  });

  it('stops amid traffic: what it has is whole and without a gap', async () => {
    const { capture } = await open('eth0', 'tcp');
    capture.ask({ kind: 'frames', count: 5000 });
    const sending = sendSegments(wire, wire.a, 20_000, 3);
    await capture.next('frames');
    const { end, frames, damage } = await stopped(capture);
    expect({ reason: end.reason, damage }).toEqual({ reason: 'stopped', damage: null });
    expect(frames.length).toBeGreaterThanOrEqual(5000);
    expect(frames.map(number)).toEqual(Array.from(frames, (_, i) => i));
    await sending;
  });

  it('keeps the snap length of each frame and tells how long it was', async () => {
    const { capture } = await open('eth0', 'tcp', 54);
    await sendSegments(wire, wire.a, 100, 1);
    const { frames } = await stopped(capture);
    expect(frames).toHaveLength(100);
    for (const { hex, wireLength } of frames) {
      expect({ captured: hex.length / 2, wireLength }).toEqual({ captured: 54, wireLength: LENGTH });
    }
  });

  it('captures what passes the filter, nothing else', async () => {
    const { capture } = await open('eth0', 'tcp src port 1030 or src port 1031');
    await sendSegments(wire, wire.a, 1000, 1);
    const { frames } = await stopped(capture);
    expect(frames.map(number)).toEqual([6, 7]);
  });

  it.each(['lo', 'any'])('captures on %s', async (device) => {
    const { capture } = await open(device, 'udp');
    sendDatagram(wire.b, '127.0.0.1');
    capture.ask({ kind: 'frames', count: 1 });
    await capture.next('frames');
    const { frames, linkTypes } = await stopped(capture);
    // libpcap shows what loops back once. SLL or its second version for any.
    expect(frames.map(({ hex }) => Buffer.from(hex, 'hex').toString('latin1'))).toEqual([
      expect.stringMatching(/hello\n$/),
    ]);
    expect(device === 'lo' ? [1] : [113, 276]).toContain(linkTypes[0]);
  });

  it('counts what was lost, where that is known: while it runs, and at its end', async () => {
    const { capture } = await open('eth0', 'tcp');
    await sendSegments(wire, wire.a, 1000, 1);
    capture.ask({ kind: 'frames', count: 1000 });
    await capture.next('frames');
    const losses = async () => {
      capture.ask({ kind: 'losses' });
      return (await capture.next('losses')).losses;
    };
    const expected = via === 'cap' ? null : { dropped: 0, unread: 0, countedTwice: false };
    expect(await losses()).toEqual(expected);
    await stopped(capture);
    expect(await losses()).toEqual(expected);
  });

  it.runIf(via === 'tcpdump')('counts what the kernel had no room for', async () => {
    // Frames of full length: the ring holds some thousand.
    const { capture, pid } = await open('eth0', 'tcp', 65_535);
    process.kill(pid, 'SIGSTOP');
    const sent = await sendSegments(wire, wire.a, 10_000, 1);
    process.kill(pid, 'SIGCONT');
    const { frames } = await stopped(capture);
    capture.ask({ kind: 'losses' });
    const { losses } = await capture.next('losses');
    expect(losses).toEqual({ dropped: sent - frames.length, unread: 0, countedTwice: false });
    expect(frames.length).toBeLessThan(sent);
  });

  it.runIf(via === 'tcpdump').each(['lo', 'any'])(
    'counts nothing as lost of what loops back on %s, which the kernel counts twice',
    async (device) => {
      const { capture } = await open(device, 'udp');
      for (let i = 0; i < 10; i++) sendDatagram(wire.b, '127.0.0.1');
      capture.ask({ kind: 'frames', count: 10 });
      await capture.next('frames');
      const { frames } = await stopped(capture);
      capture.ask({ kind: 'losses' });
      const { losses } = await capture.next('losses');
      expect({ frames: frames.length, losses }).toEqual({
        frames: 10,
        losses: { dropped: 0, unread: 0, countedTwice: true },
      });
    },
  );

  it.runIf(via === 'tcpdump')('counts what nobody could read before the end', async () => {
    const { capture } = await open('eth0', 'tcp');
    // A reader that would take far longer than is waited for.
    capture.ask({ kind: 'dawdle', ms: 1000 });
    const sent = await sendSegments(wire, wire.a, 100_000, 1);
    const { end, frames } = await stopped(capture);
    capture.ask({ kind: 'losses' });
    const { losses } = await capture.next('losses');
    expect(end.reason).toBe('stopped');
    expect(losses!.unread).toBeGreaterThan(0);
    expect(frames.length + losses!.dropped + losses!.unread!).toBe(sent);
  });

  describe('that cannot begin', () => {
    const refused = (device: string, filter = '') =>
      new Capture(wire, device, { via, filter }).next('refused');

    it('on a device that does not exist', async () => {
      expect(await refused('eth9')).toMatchObject({
        problem: 'usage',
        message: 'eth9: No such device exists; finwait devices lists them',
      });
    });

    it.each([
      ['tcp and )', "can't parse filter expression: syntax error"],
      ['tcp port 99999', 'illegal port number 99999 > 65535'],
      ['-w', "can't parse filter expression: syntax error"],
    ])('with the filter %s', async (filter, message) => {
      const heard = await refused('eth0', filter);
      expect(heard).toMatchObject({ problem: 'usage', message: `filter ${filter}: ${message}` });
    });

    it('on a device that is down', async () => {
      ip(wire.b, 'link set dev eth0 down');
      expect(await refused('eth0', 'tcp')).toMatchObject({
        problem: 'failed',
        message: 'eth0: That device is not up',
      });
    });
  });

  describe('that ends by itself', () => {
    const beginsToSee = async () => {
      const { capture, pid } = await open('eth0', 'udp');
      sendDatagram(wire.a, '10.59.0.2');
      capture.ask({ kind: 'frames', count: 1 });
      await capture.next('frames');
      return { capture, pid };
    };

    it('when the device vanishes', async () => {
      const { capture } = await beginsToSee();
      ip(wire.b, 'link del dev eth0');
      const { end, frames } = await capture.next('ended');
      expect(end).toEqual({ reason: 'device', message: 'eth0 has vanished' });
      expect(frames).toHaveLength(1);
    });

    // tcpdump waits for the device to come back, which cap cannot.
    it.runIf(via === 'cap')('when the device goes down', async () => {
      const { capture } = await beginsToSee();
      ip(wire.b, 'link set dev eth0 down');
      const { end, frames } = await capture.next('ended');
      expect(end).toEqual({ reason: 'device', message: 'eth0 went down' });
      expect(frames).toHaveLength(1);
    });

    it.runIf(via === 'tcpdump')('not when the device goes down and up again', async () => {
      const { capture } = await beginsToSee();
      ip(wire.b, 'link set dev eth0 down');
      ip(wire.b, 'link set dev eth0 up');
      sendDatagram(wire.a, '10.59.0.2');
      capture.ask({ kind: 'frames', count: 2 });
      await capture.next('frames');
      expect((await stopped(capture)).end.reason).toBe('stopped');
    });

    it('when its process is killed', async () => {
      const { capture, pid } = await beginsToSee();
      process.kill(pid, 'SIGKILL');
      const { end, frames } = await capture.next('ended');
      expect(end).toEqual({ reason: 'killed', message: `${via} was killed by SIGKILL` });
      expect(frames).toHaveLength(1);
    });

    it('when another process ends it', async () => {
      const { capture, pid } = await beginsToSee();
      process.kill(pid, 'SIGTERM');
      expect((await capture.next('ended')).end.reason).toBe('killed');
    });

    it('when nobody reads any more: the process does not outlive a killed parent', async () => {
      const { capture, pid } = await beginsToSee();
      capture.kill('SIGKILL');
      // tcpdump notices at its next frame.
      const gone = async () => {
        while (isRunning(pid)) {
          sendDatagram(wire.a, '10.59.0.2');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      await within(10, 'the end of the child', gone());
    });
  });
});

function number({ hex }: SeenFrame): number {
  return Number.parseInt(hex.slice(SEQ * 2, SEQ * 2 + 8), 16);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
