import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from '../truth/trace.ts';
import { REQUEST_BYTES } from './service.ts';

// A client's program that connects at a steady rate; every connection does the same.

/** close(), shutdown(SHUT_WR), or close() with SO_LINGER 0: an RST. */
export type Ending = 'close' | 'shutdown' | 'reset';

/** What is done on each connection. */
export interface Manners {
  count: number;
  /** Connections begun in a second. */
  rate: number;
  /** Requests one after the other on each connection. */
  requests?: number;
  /** Length of each answer; 0 waits for none. */
  answer: number;
  /** Seconds between requests, in turn by connection. */
  pauses?: number[];
  /** Seconds after the last answer before it closes. */
  closesAfter?: number;
  /** Seconds after which it gives up waiting for an answer. */
  patience?: number;
  /** How it closes then; otherwise as ever. */
  givesUp?: Ending;
  /** When it closes: after the last answer, after the server, or never. */
  closes: 'answered' | 'second' | 'never';
  /** How it closes; close() where not given. */
  how?: Ending;
  /** Does not look whether the server has closed, as a pool that nobody watches. */
  heedless?: boolean;
  /** Length of a good-bye that it sends before it closes, as a TLS client does. */
  farewell?: number;
  /** Leaves unread what comes after the last answer: then the kernel makes an abort of close(). */
  deaf?: boolean;
}

/** Manners, and between which addresses. */
export interface Visits extends Manners {
  /** Servers, in turn. */
  to: Address[];
  /** Address and first port of the client, counting up, `cycle` of them; the kernel chooses where absent. */
  from?: Address & { cycle: number };
}

/**
 * Makes the visits and returns when all are done, or at the first connect() for which the kernel had no
 * port left (EADDRNOTAVAIL): then when that was, in epoch microseconds.
 */
export async function makeVisits(visits: Visits): Promise<number | undefined> {
  const { count, rate, to, from } = visits;
  const begun = performance.now();
  const under: Promise<void>[] = [];
  let exhausted: number | undefined;
  for (let nth = 0; nth < count && exhausted === undefined; nth++) {
    await sleep(Math.max(0, begun + (nth / rate) * 1000 - performance.now()));
    const local = from && { localAddress: from.ip, localPort: from.port + (nth % from.cycle) };
    const { ip, port } = to[nth % to.length]!;
    const caller = new Caller({ host: ip, port, ...local }, visits.heedless);
    caller.socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL') exhausted ??= Date.now() * 1000;
    });
    under.push(visit(caller, visits, nth));
  }
  await Promise.all(under);
  return exhausted;
}

async function visit(caller: Caller, manners: Visits, nth: number): Promise<void> {
  const { requests = 1, answer, pauses = [0], closesAfter = 0, patience } = manners;
  const { closes, how = 'close', givesUp = how, deaf = false, farewell = 0 } = manners;
  const { socket } = caller;
  let patient = await caller.until(() => !socket.connecting, patience);
  for (let request = 1; request <= requests && patient && !caller.over; request++) {
    socket.write(Buffer.alloc(REQUEST_BYTES, '.'));
    patient = await caller.until(() => caller.received >= request * answer, patience);
    if (deaf && request === requests) socket.pause();
    const idle = request === requests ? closesAfter : (pauses[nth % pauses.length] ?? 0);
    if (patient && !caller.over) await sleep(idle * 1000);
  }
  if (closes === 'never' && patient) return;
  if (closes === 'second' && patient) await caller.until(() => false);
  const ending = patient ? how : givesUp;
  if (patient && farewell > 0) socket.write(Buffer.alloc(farewell, '.'));
  if (ending === 'close') socket.destroy();
  else if (ending === 'shutdown') socket.end();
  else socket.resetAndDestroy();
}

/** A connection, and what has come of it. */
class Caller {
  readonly socket: Socket;
  received = 0;
  /** The peer has ended it, or it never came about. */
  over = false;
  #news = (): void => {};

  constructor(
    to: { host: string; port: number; localAddress?: string; localPort?: number },
    heedless = false,
  ) {
    // With a buffer of our own pause() stops reading at once; a stream would go on until it is full.
    const onread = {
      buffer: Buffer.alloc(4096),
      callback: (bytes: number): boolean => {
        this.received += bytes;
        this.#news();
        return true;
      },
    };
    this.socket = connect({ ...to, allowHalfOpen: true, noDelay: true, onread });
    const end = (): void => {
      this.over = true;
      this.#news();
    };
    this.socket.on('connect', () => this.#news());
    this.socket.on('close', end).on('error', end);
    if (!heedless) this.socket.on('end', end);
  }

  /** Waits until something is so or all is over; false if neither came within `patience` seconds. */
  async until(done: () => boolean, patience = Number.POSITIVE_INFINITY): Promise<boolean> {
    const deadline = performance.now() + patience * 1000;
    while (!this.over && !done()) {
      const news = new Promise<void>((resolve) => {
        this.#news = resolve;
      });
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await (left === Number.POSITIVE_INFINITY ? news : Promise.race([news, sleep(left)]));
    }
    return true;
  }
}
