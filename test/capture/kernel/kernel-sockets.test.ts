import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  addressesOf,
  parseKernelSockets,
  readKernelSockets,
} from '../../../src/capture/kernel/kernel-sockets.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** 10.9.2.2:8080 and 10.9.1.2:40001, as a little-endian host writes them. */
const ENDS = '0202090A:1F90 0201090A:9C41';
const KEY = ENDS;

function line(
  state: string,
  rest = '00000000:00000000 00:00000000 00000000  1000        0 31337 1 0000',
  ends = ENDS,
) {
  return `   7: ${ends} ${state} ${rest}\n`;
}

const one = (text: string) => parseKernelSockets(HEAD + text)[0];

describe.skipIf(endianness() !== 'LE')('lines of /proc/net/tcp', () => {
  it.each([
    ['01', 'ESTABLISHED'],
    ['02', 'SYN_SENT'],
    ['03', 'SYN_RECEIVED'],
    ['04', 'FIN_WAIT_1'],
    ['05', 'FIN_WAIT_2'],
    ['06', 'TIME_WAIT'],
    ['07', 'CLOSE'],
    ['08', 'CLOSE_WAIT'],
    ['09', 'LAST_ACK'],
    ['0A', 'LISTEN'],
    ['0B', 'CLOSING'],
  ])('state %s is %s', (code, state) => {
    expect(one(line(code))).toEqual({
      key: KEY,
      state,
      timer: '',
      timerUs: Number.NaN,
      uid: 1000,
      inode: 31337,
      unsent: 0,
      unread: 0,
    });
  });

  it.each([
    ['00:00000000', '', Number.NaN],
    ['01:00000014', 'retransmit', 200_000],
    ['02:000AF0C7', 'keep-alive', 7_169_990_000],
    ['03:0000176F', 'time-wait', 59_990_000],
    ['04:00000001', 'probe', 10_000],
  ])('timer %s is %s, in %d us', (timer, name, us) => {
    const socket = one(line('06', `00000000:00000000 ${timer} 00000000     0        0 0 3 0000`));
    expect(socket).toMatchObject({ timer: name, timerUs: us, uid: 0, inode: 0 });
  });

  it('queues: what is not acknowledged, what is not read', () => {
    const socket = one(line('08', '0000000A:00000101 01:00000014 00000003     0        0 5 2 0000'));
    expect(socket).toMatchObject({ unsent: 10, unread: 257, inode: 5 });
  });

  it('addresses and ports, of this host and of the peer', () => {
    expect(addressesOf(KEY)).toEqual({
      local: { words: [0, 0, 0xffff, 0x0a_09_02_02], port: 8080 },
      peer: { words: [0, 0, 0xffff, 0x0a_09_01_02], port: 40_001 },
    });
  });

  it('IPv6', () => {
    // fd00:9:2::2 and fd00:9:1::2
    const ends = '090000FD000002000000000002000000:1F90 090000FD000001000000000002000000:9C41';
    expect(addressesOf(one(line('01', undefined, ends))!.key)).toEqual({
      local: { words: [0xfd00_0009, 0x0002_0000, 0, 2], port: 8080 },
      peer: { words: [0xfd00_0009, 0x0001_0000, 0, 2], port: 40_001 },
    });
  });

  it('an IPv4-mapped one in tcp6 is the same as in tcp', () => {
    const mapped = (ip: string) => `0000000000000000FFFF0000${ip}`;
    expect(one(line('01', undefined, `${mapped('0202090A')}:1F90 ${mapped('0201090A')}:9C41`))?.key).toBe(
      KEY,
    );
  });

  it('what has another form is skipped', () => {
    const text = `${HEAD}nonsense\n${line('0F')}${line('00')}   1: 0202090A:1F90 02\n${line('01')}`;
    expect(parseKernelSockets(text)).toHaveLength(1);
  });

  it('a line number of more digits, a user of more digits', () => {
    const text = `123456: ${ENDS} 01 00000000:00000000 00:00000000 00000000 4294967294        0 4026531999 1 0\n`;
    expect(one(text)).toMatchObject({ uid: 4_294_967_294, inode: 4_026_531_999 });
  });
});

describe.skipIf(process.platform !== 'linux')('the table of this host', () => {
  it('is read', () => expect(() => readKernelSockets()).not.toThrow());

  it('may be without IPv6', () => {
    expect(readKernelSockets(['/dev/null', '/there-is-no-such-table'])).toEqual([]);
  });

  it('has to be there', () => {
    expect(() => readKernelSockets(['/there-is-no-such-table'])).toThrow(/ENOENT/);
  });
});
