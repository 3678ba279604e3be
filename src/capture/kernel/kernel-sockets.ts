import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

// The TCP sockets of this host as Linux lists them: /proc/net/tcp and tcp6 (net/ipv4/tcp_ipv4.c and
// net/ipv6/tcp_ipv6.c, get_tcp4_sock and its like). One reading is no snapshot: it goes from bucket
// to bucket while sockets come and go.

/** Names by the kernel's numbers (include/net/tcp_states.h), as RFC 9293 has them; CLOSE is a socket without connection. */
const STATES = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECEIVED',
  'FIN_WAIT_1',
  'FIN_WAIT_2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
] as const;

/** What the timer of a socket will do; 0 is none. A FIN_WAIT_2 that no program has any more runs on TIME_WAIT's. */
const TIMERS = ['', 'retransmit', 'keep-alive', 'time-wait', 'probe'] as const;

/** A socket in the kernel's table. */
export interface KernelSocket {
  /** Local and peer address and port as the table writes them, IPv4-mapped ones as IPv4; see `addressesOf`. */
  key: string;
  /** LISTEN, CLOSE, or a state of RFC 9293. */
  state: string;
  /** What its timer is for; '' where none runs. */
  timer: string;
  /** When the timer will run out, microseconds from now; NaN if none runs. */
  timerUs: number;
  /** The owner's number. The kernel no longer knows that of a TIME_WAIT, and reports 0. */
  uid: number;
  /** 0 where no program has it: it is closed, or not yet accepted. */
  inode: number;
  /** Bytes that the peer has not acknowledged, and that the program has not read (a FIN counts one). */
  unsent: number;
  unread: number;
}

/** An address as four 32-bit words in network order, IPv4 in the IPv4-mapped form, and a port. */
export interface SocketAddress {
  words: [number, number, number, number];
  port: number;
}

const PATHS = ['/proc/net/tcp', '/proc/net/tcp6'];
/** A tick of the clock that timers are shown in (USER_HZ). */
const TICK_US = 10_000;
const LITTLE = endianness() === 'LE';
const MAPPED = `0000000000000000${LITTLE ? 'FFFF0000' : '0000FFFF'}`;

const ADDRESS = '([\\dA-F]{8}|[\\dA-F]{32}):([\\dA-F]{4})';
const LINE = new RegExp(
  `^ *\\d+: ${ADDRESS} ${ADDRESS} ([\\dA-F]{2}) ([\\dA-F]+):([\\dA-F]+) (\\d\\d):([\\dA-F]+) [\\dA-F]+ +(\\d+) +\\d+ (\\d+)`,
  'gm',
);

/** Reads the table now. Throws the system's error if there is none; without IPv6 there is no tcp6. */
export function readKernelSockets(paths: readonly string[] = PATHS): KernelSocket[] {
  return paths.flatMap((path, i) => {
    try {
      return parseKernelSockets(readFileSync(path, 'latin1'));
    } catch (error) {
      if (i > 0 && (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  });
}

/** The sockets of one of the two files. Lines of any other form are skipped. */
export function parseKernelSockets(text: string): KernelSocket[] {
  const sockets: KernelSocket[] = [];
  for (const line of text.matchAll(LINE)) {
    const [, ip, port, peer, peerPort, state, unsent, unread, timer, when, uid, inode] = line;
    const name = STATES[Number.parseInt(state!, 16)];
    if (!name) continue;
    const timerName = TIMERS[Number(timer)] ?? '';
    sockets.push({
      key: `${unmapped(ip!)}:${port} ${unmapped(peer!)}:${peerPort}`,
      state: name,
      timer: timerName,
      timerUs: timerName === '' ? Number.NaN : Number.parseInt(when!, 16) * TICK_US,
      uid: Number(uid),
      inode: Number(inode),
      unsent: Number.parseInt(unsent!, 16),
      unread: Number.parseInt(unread!, 16),
    });
  }
  return sockets;
}

/** The two ends that a key names: this host's, and the peer's. */
export function addressesOf(key: string): { local: SocketAddress; peer: SocketAddress } {
  const [local = '', peer = ''] = key.split(' ');
  return { local: addressOf(local), peer: addressOf(peer) };
}

function unmapped(hex: string): string {
  return hex.startsWith(MAPPED) ? hex.slice(MAPPED.length) : hex;
}

/** Each word is written as a number of this host, in its own byte order. */
function addressOf(text: string): SocketAddress {
  const [hex = '', port = ''] = text.split(':');
  const words = (hex.match(/.{8}/g) ?? []).map((word) => {
    const value = Number.parseInt(word, 16);
    return LITTLE ? swapped(value) : value;
  });
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words.length === 1 ? [0, 0, 0xffff, ...words] : words;
  return { words: [w0, w1, w2, w3], port: Number.parseInt(port, 16) };
}

function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
