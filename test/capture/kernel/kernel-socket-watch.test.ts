import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findOwners, type SocketOwner } from '../../../src/capture/kernel/kernel-socket-owners.ts';
import { type KernelSocketRow, KernelSocketWatch } from '../../../src/capture/kernel/kernel-socket-watch.ts';
import {
  addressesOf,
  type KernelSocket,
  readKernelSockets,
} from '../../../src/capture/kernel/kernel-sockets.ts';

const KEY = '0202090A:1F90 0201090A:9C41';
const OTHER = '0202090A:1F90 0201090A:9C42';
const LISTENER = '00000000:1F90 00000000:0000';
const NGINX: SocketOwner = { pid: 7, program: 'nginx' };

function socket(state: string, more: Partial<KernelSocket> = {}): KernelSocket {
  const none = { timer: '', timerUs: Number.NaN, unsent: 0, unread: 0 };
  return { key: KEY, state, uid: 33, inode: state === 'TIME_WAIT' ? 0 : 5, ...none, ...more };
}

/** Readings of 10 us each, 500 us apart. */
class Readings {
  readonly watch: KernelSocketWatch;
  #at = 1000;

  constructor(owners: Record<number, SocketOwner> = {}) {
    this.watch = new KernelSocketWatch((inode) => owners[inode]);
  }

  take(...sockets: KernelSocket[]): KernelSocketRow[] {
    const rows = this.watch.take(sockets, this.#at, this.#at + 10);
    this.#at += 500;
    return rows;
  }
}

/** What most tests ask of a row. */
const brief = ({ id, state, firstSeenUs, lastSeenUs, goneUs }: KernelSocketRow) => [
  id,
  state,
  firstSeenUs,
  lastSeenUs,
  goneUs,
];
const NO = Number.NaN;

describe('a socket', () => {
  it('is new once, and no news while it stands', () => {
    const readings = new Readings();
    expect(readings.take(socket('ESTABLISHED')).map(brief)).toEqual([[1, 'ESTABLISHED', 1000, NO, NO]]);
    expect(readings.take(socket('ESTABLISHED'))).toEqual([]);
    expect(readings.watch.all().map(brief)).toEqual([[1, 'ESTABLISHED', 1000, NO, NO]]);
  });

  it('in another state is another row; it left the first between two readings', () => {
    const readings = new Readings();
    readings.take(socket('ESTABLISHED'));
    expect(readings.take(socket('CLOSE_WAIT')).map(brief)).toEqual([
      [1, 'ESTABLISHED', 1000, 1000, 1510],
      [2, 'CLOSE_WAIT', 1500, NO, NO],
    ]);
  });

  it('is gone when two readings have not had it: by the end of the first of them', () => {
    const readings = new Readings();
    readings.take(socket('TIME_WAIT'));
    readings.take(socket('TIME_WAIT'));
    expect(readings.take()).toEqual([]);
    expect(readings.watch.hasUnconfirmedLosses).toBe(true);
    expect(readings.take().map(brief)).toEqual([[1, 'TIME_WAIT', 1000, 1500, 2010]]);
    expect(readings.watch.hasUnconfirmedLosses).toBe(false);
    expect(readings.watch.all()).toEqual([]);
  });

  it('that one reading has missed was there', () => {
    const readings = new Readings();
    readings.take(socket('TIME_WAIT'));
    readings.take();
    expect(readings.take(socket('TIME_WAIT'))).toEqual([]);
    readings.take();
    expect(readings.take().map(brief)).toEqual([[1, 'TIME_WAIT', 1000, 2000, 2510]]);
  });

  it('with another inode is another one', () => {
    const readings = new Readings();
    readings.take(socket('ESTABLISHED'));
    expect(readings.take(socket('ESTABLISHED', { inode: 6 })).map(brief)).toEqual([
      [1, 'ESTABLISHED', 1000, 1000, 1510],
      [2, 'ESTABLISHED', 1500, NO, NO],
    ]);
  });

  it('that only listens, or is nothing yet, has no row', () => {
    expect(new Readings().take(socket('LISTEN'), socket('CLOSE', { key: OTHER }))).toEqual([]);
  });

  it('is not gone before it was seen, though the clock went back', () => {
    const watch = new KernelSocketWatch();
    watch.take([socket('TIME_WAIT')], 9000, 9010);
    watch.take([], 100, 110);
    expect(watch.take([], 600, 610).map(brief)).toEqual([[1, 'TIME_WAIT', 9000, 9000, 9000]]);
  });

  it('keeps the timer of when it was first seen', () => {
    const readings = new Readings();
    const timed = (timerUs: number) => socket('TIME_WAIT', { timer: 'time-wait', timerUs });
    expect(readings.take(timed(59_000_000))).toMatchObject([{ timer: 'time-wait', timerUs: 59_000_000 }]);
    expect(readings.take(timed(58_500_000))).toEqual([]);
  });

  it.each([
    ['CLOSE_WAIT', 1],
    ['ESTABLISHED', 0],
  ])('in %s: %d rows for what comes in', (state, rows) => {
    const readings = new Readings();
    readings.take(socket(state));
    expect(readings.take(socket(state, { unread: 3 }))).toHaveLength(rows);
  });
});

describe('its owner', () => {
  it('is told as soon as known', () => {
    const owners: Record<number, SocketOwner> = {};
    const readings = new Readings(owners);
    expect(readings.take(socket('ESTABLISHED'))).toMatchObject([{ owner: undefined, uid: 33 }]);
    owners[5] = NGINX;
    expect(readings.take(socket('ESTABLISHED'))).toMatchObject([{ id: 1, owner: NGINX }]);
  });

  it.each(['TIME_WAIT', 'FIN_WAIT_2', 'LAST_ACK'])('is still told in %s, when it has closed it', (state) => {
    const readings = new Readings({ 5: NGINX });
    readings.take(socket('ESTABLISHED'));
    const [, row] = readings.take(socket(state, { inode: 0, uid: 0 }));
    expect(row).toMatchObject({ state, owner: NGINX, uid: 33, inBacklog: false });
  });

  it('of a TIME_WAIT that was there before is not known, nor whose it was', () => {
    const [row] = new Readings({ 5: NGINX }).take(socket('TIME_WAIT', { uid: 0 }));
    expect(row).toMatchObject({ owner: undefined, uid: Number.NaN });
  });

  it('of one that nobody has accepted is who listens on its port; then who accepts it', () => {
    const master: SocketOwner = { pid: 1, program: 'master' };
    const readings = new Readings({ 5: NGINX, 9: master });
    const listener = socket('LISTEN', { key: LISTENER, inode: 9 });
    expect(readings.take(listener, socket('CLOSE_WAIT', { inode: 0 }))).toMatchObject([
      { inBacklog: true, owner: master },
    ]);
    expect(readings.take(listener, socket('CLOSE_WAIT'))).toMatchObject([
      { id: 1, inBacklog: false, owner: NGINX },
    ]);
  });
});

describe.skipIf(process.platform !== 'linux')('sockets of this process', () => {
  it('are in the table, and their owner is found', async () => {
    const accepted: Socket[] = [];
    const server = createServer((one) => accepted.push(one)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    await Promise.all([once(client, 'connect'), once(server, 'connection')]);
    try {
      const mine = readKernelSockets().filter(({ key }) => {
        const { local, peer } = addressesOf(key);
        return local.port === port || peer.port === port;
      });
      expect(mine.map(({ state }) => state).sort()).toEqual(['ESTABLISHED', 'ESTABLISHED', 'LISTEN']);
      const owners = findOwners();
      expect(mine.map(({ inode }) => owners.get(inode)?.pid)).toEqual(mine.map(() => process.pid));
    } finally {
      for (const one of [client, ...accepted]) one.destroy();
      server.close();
    }
  });
});
