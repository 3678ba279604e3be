import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from '../truth/trace.ts';

// A server's program with habits: it answers and closes (or does not) by itself, whoever comes.

/** The length of a request, by which a service knows that one is complete. */
export const REQUEST_BYTES = 120;

/** What a service does. Seconds are taken in turn, connection by connection. */
export interface Habits {
  /** Length of an answer. */
  answer: number;
  /** How long it works on an answer. */
  answersAfter?: number[];
  /** When it closes: once the client has, after its answer, when nothing has come for a while, or never. */
  closes: 'second' | 'answered' | 'idle' | 'never';
  /** How long it waits before it closes. */
  closesAfter?: number[];
  /** Forgets to close every connection of this number: 3 is the third, the sixth and so on. */
  forgetsEvery?: number;
  /** Seconds of silence after which it sends keep-alive probes. */
  keepAlive?: number;
  /** Sent before its own FIN, as TLS's close_notify is. */
  farewell?: number;
  /** Never reads what comes, so that close() is an abort. */
  unread?: boolean;
  /** Length of the queue of connections that nobody has accepted. */
  backlog?: number;
}

/** A service that runs; `stop()` closes its socket and all its connections, as the end of a process does. */
export interface Service {
  /** Where it listens; of its choice where asked for port 0. */
  port: number;
  stop(): Promise<void>;
}

/** Listens with these habits. */
export async function startService(at: Address, habits: Habits): Promise<Service> {
  const sockets = new Set<Socket>();
  let nth = 0;
  const server: Server = createServer(
    { allowHalfOpen: true, noDelay: true, pauseOnConnect: true },
    (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => {});
      attend(socket, habits, ++nth);
    },
  );
  server.listen(at.port, at.ip, habits.backlog ?? 4096);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : at.port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function attend(socket: Socket, habits: Habits, nth: number): void {
  const { answer, farewell = 0, unread = false, forgetsEvery = 0, keepAlive } = habits;
  const closes = nth % forgetsEvery === 0 ? 'never' : habits.closes;
  if (keepAlive !== undefined) socket.setKeepAlive(true, keepAlive * 1000);
  const turn = (seconds: number[] = [0]): number => (seconds[(nth - 1) % seconds.length] ?? 0) * 1000;
  const close = (): void => {
    if (socket.destroyed) return;
    if (farewell > 0) socket.write(Buffer.alloc(farewell, '.'));
    socket.destroySoon();
  };
  let working = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;
  if (unread) {
    setTimeout(() => socket.destroy(), turn(habits.closesAfter));
    return;
  }
  let received = 0;
  socket.on('data', (chunk) => {
    clearTimeout(idle);
    received += chunk.length;
    for (; received >= REQUEST_BYTES; received -= REQUEST_BYTES) working = working.then(serve);
  });
  socket.on('end', async () => {
    if (closes === 'never') return;
    await working;
    if (closes === 'second') await sleep(turn(habits.closesAfter));
    clearTimeout(idle);
    close();
  });

  socket.resume();

  async function serve(): Promise<void> {
    await sleep(turn(habits.answersAfter));
    if (socket.destroyed) return;
    socket.write(Buffer.alloc(answer, '.'));
    if (closes === 'idle') idle = setTimeout(close, turn(habits.closesAfter));
    if (closes !== 'answered') return;
    await sleep(turn(habits.closesAfter));
    close();
  }
}
