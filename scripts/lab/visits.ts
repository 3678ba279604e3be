import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { REQUEST_BYTES } from './service.ts';
import type { Address } from './trace.ts';

// A client's program that connects at a steady rate; every connection does the same.

/** What is done on each connection. */
export interface Manners {
  count: number;
  /** Connections begun in a second. */
  rate: number;
  /** Requests one after the other on each connection. */
  requests?: number;
  /** Length of each answer; 0 waits for none. */
  answer: number;
  /** Seconds between requests and before the close, in turn. */
  pauses?: number[];
  /** Seconds after which it gives up waiting for an answer, and closes. */
  patience?: number;
  /** When it closes: after the last answer, after the server, or never. */
  closes: 'answered' | 'second' | 'never';
  /** How; an abort where bytes lie unread is close() with `deaf`. */
  how?: 'close' | 'shutdown' | 'reset';
  /** Leaves unread what comes after the last answer. */
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
    const { ip, port } = to[nth % to.length]!;
    const local = from && { localAddress: from.ip, localPort: from.port + (nth % from.cycle) };
    const socket = connect({ host: ip, port, ...local, allowHalfOpen: true, noDelay: true });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL') exhausted ??= Date.now() * 1000;
    });
    under.push(visit(socket, visits, nth));
  }
  await Promise.all(under);
  return exhausted;
}

async function visit(socket: Socket, manners: Visits, nth: number): Promise<void> {
  const { requests = 1, answer, pauses = [0], patience, closes, how = 'close', deaf = false } = manners;
  let received = 0;
  let over = false;
  let heard = (): void => {};
  socket.on('data', (chunk) => {
    received += chunk.length;
    if (deaf && received >= answer * requests) socket.pause();
    heard();
  });
  const end = (): void => {
    over = true;
    heard();
  };
  socket.on('end', end).on('close', end).on('error', end);
  /** Waits for bytes or the peer's end; false if neither came in time. */
  const until = async (done: () => boolean): Promise<boolean> => {
    const deadline = patience === undefined ? undefined : performance.now() + patience * 1000;
    while (!done()) {
      const news = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const left = deadline === undefined ? undefined : deadline - performance.now();
      if (left !== undefined && left <= 0) return false;
      await (left === undefined ? news : Promise.race([news, sleep(left)]));
    }
    return true;
  };

  let patient = true;
  for (let request = 1; request <= requests && !over && patient; request++) {
    socket.write(Buffer.alloc(REQUEST_BYTES, '.'));
    patient = await until(() => over || received >= request * answer);
    const pause = pauses[(nth + request - 1) % pauses.length] ?? 0;
    // Whoever waits for the server's close is not in a hurry; a dead connection needs no pause.
    if (patient && !over) await sleep(pause * 1000);
  }
  if (closes === 'never' && patient) return;
  if (closes === 'second' && patient) await until(() => over);
  if (how === 'close') socket.destroy();
  else if (how === 'shutdown') socket.end();
  else socket.resetAndDestroy();
}
