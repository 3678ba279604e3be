import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Address } from '../truth/trace.ts';
import type { Action, Reply, Request } from './actions.ts';
import { type Service, startService } from './service.ts';
import { makeVisits } from './visits.ts';

// A TCP program under remote control: it runs inside a namespace and does what the lab asks over IPC.

/** One connection and what was seen of it. `socket` emits `news` whenever the rest changes. */
interface Connection {
  socket: Socket;
  received: number;
  ended: boolean;
  /** The error's code, or `closed`. */
  gone: string | undefined;
}

const connections = new Map<string, Connection>();
/** By the client's address: connections nobody asked for yet, and askers whose connection is not there yet. */
const arrivals = new Map<string, Socket>();
const askers = new Map<string, (socket: Socket) => void>();
const services = new Map<number, Service>();

process.on('message', ({ id, action }: Request) => {
  const reply = (answer: Reply): void => {
    if (process.connected) process.send?.(answer);
  };
  perform(action).then(
    (exhausted_us) => reply({ id, ...(exhausted_us === undefined ? {} : { exhausted_us }) }),
    (error: unknown) => reply({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());

/** Returns what the reply tells besides success: see Reply's `exhausted_us`. */
async function perform(action: Action): Promise<number | undefined> {
  switch (action.do) {
    case 'visit':
      return makeVisits(action.visits);
    case 'listen':
      await listen(action.at);
      break;
    case 'connect':
      await open(action);
      break;
    case 'accept':
      await accept(action);
      break;
    case 'serve':
      services.set(action.at.port, await startService(action.at, action.habits));
      break;
    case 'stopServing':
      await services.get(action.port)?.stop();
      break;
    default:
      await handle(action);
  }
  return undefined;
}

async function handle(action: Extract<Action, { conn: string }>): Promise<void> {
  const connection = connections.get(action.conn);
  if (connection === undefined) throw new Error(`no connection ${action.conn}`);
  const { socket } = connection;
  switch (action.do) {
    case 'send':
      return void socket.write(Buffer.alloc(action.bytes, '.'));
    case 'read':
      return void socket.resume();
    case 'received':
      return until(connection, () => connection.received >= action.bytes);
    case 'ended':
      return until(connection, () => connection.ended);
    case 'gone':
      while (connection.gone === undefined) await once(socket, 'news');
      return;
    case 'shutdown':
      return void socket.end();
    case 'close':
      return void socket.destroy();
    case 'reset':
      return void socket.resetAndDestroy();
    case 'keepAlive':
      return void socket.setKeepAlive(true, action.seconds * 1000);
  }
}

async function listen(at: Address): Promise<void> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    const from = key({ ip: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
    const asker = askers.get(from);
    askers.delete(from);
    if (asker === undefined) arrivals.set(from, socket);
    else asker(socket);
  });
  server.listen(at.port, at.ip, 4096);
  await once(server, 'listening');
}

async function open(action: Extract<Action, { do: 'connect' }>): Promise<void> {
  const { conn, from, to, reading, wait } = action;
  const socket = connect({
    host: to.ip,
    port: to.port,
    localAddress: from.ip,
    localPort: from.port,
    allowHalfOpen: true,
    noDelay: true,
  });
  const connection = watch(conn, socket, reading);
  if (!wait) return;
  let connected = false;
  socket.once('connect', () => {
    connected = true;
    socket.emit('news');
  });
  await until(connection, () => connected);
}

async function accept(action: Extract<Action, { do: 'accept' }>): Promise<void> {
  const from = key(action.from);
  const socket = arrivals.get(from) ?? (await new Promise<Socket>((resolve) => askers.set(from, resolve)));
  arrivals.delete(from);
  watch(action.conn, socket, action.reading);
}

function watch(conn: string, socket: Socket, reading: boolean): Connection {
  const connection: Connection = { socket, received: 0, ended: false, gone: undefined };
  connections.set(conn, connection);
  socket.setMaxListeners(0);
  socket.on('data', (chunk) => {
    connection.received += chunk.length;
    socket.emit('news');
  });
  socket.on('end', () => {
    connection.ended = true;
    socket.emit('news');
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    connection.gone = error.code ?? error.message;
    socket.emit('news');
  });
  socket.on('close', () => {
    connection.gone ??= 'closed';
    socket.emit('news');
  });
  if (reading) socket.resume();
  else socket.pause();
  return connection;
}

async function until(connection: Connection, done: () => boolean): Promise<void> {
  while (!done()) {
    if (connection.gone !== undefined) throw new Error(connection.gone);
    await once(connection.socket, 'news');
  }
}

function key({ ip, port }: Address): string {
  return `${ip} ${port}`;
}
