import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Habits, REQUEST_BYTES, type Service, startService } from './programs/service.ts';
import { type Manners, makeVisits } from './programs/visits.ts';

const IP = '127.0.0.1';
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});

/** A server that answers each request with 400 bytes, or never, and tells how its connections ended. */
async function onlooker(answer: number): Promise<{ port: number; endings: string[] }> {
  const endings: string[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    let received = 0;
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (received % REQUEST_BYTES === 0 && answer > 0) socket.write(Buffer.alloc(answer));
    });
    socket.on('end', () => {
      endings.push(`FIN after ${received}`);
      socket.end();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => endings.push(`${error.code} after ${received}`));
  });
  server.listen(0, IP);
  await once(server, 'listening');
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  return { port: portOf(server), endings };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('visits', () => {
  const visit = async (answer: number, manners: Partial<Manners>): Promise<string[]> => {
    const { port, endings } = await onlooker(answer);
    const defaults: Manners = { count: 3, rate: 1000, answer: 400, closes: 'answered' };
    expect(await makeVisits({ ...defaults, ...manners, to: [{ ip: IP, port }] })).toBeUndefined();
    await Promise.all(undo.splice(0).map((each) => each()));
    return endings;
  };
  const thrice = (ending: string): string[] => [ending, ending, ending];

  it('close after the answers', async () => {
    expect(await visit(400, { requests: 2 })).toEqual(thrice('FIN after 240'));
  });
  it('close without a word', async () => {
    expect(await visit(400, { requests: 0 })).toEqual(thrice('FIN after 0'));
  });
  it('abort', async () => {
    expect(await visit(400, { how: 'reset' })).toEqual(thrice('ECONNRESET after 120'));
  });
  it('abort where patience ends, but close where it does not', async () => {
    const impatient = { patience: 0.02, givesUp: 'reset' } as const;
    expect(await visit(0, impatient)).toEqual(thrice('ECONNRESET after 120'));
    expect(await visit(400, { ...impatient, patience: 10 })).toEqual(thrice('FIN after 120'));
  });
  it('go on where they are refused', async () => {
    const { port } = await onlooker(0);
    await Promise.all(undo.splice(0).map((each) => each()));
    const manners = { count: 2, rate: 1000, answer: 400, closes: 'answered' } as const;
    expect(await makeVisits({ ...manners, to: [{ ip: IP, port }] })).toBeUndefined();
  });
});

describe('a service', () => {
  const PORT = 0;
  const start = async (habits: Habits): Promise<Service> => {
    const service = await startService({ ip: IP, port: PORT }, habits);
    undo.push(() => service.stop());
    return service;
  };
  const call = async ({ port }: Service): Promise<Socket> => {
    const socket = connect({ host: IP, port, allowHalfOpen: true }).resume();
    await once(socket, 'connect');
    undo.push(() => socket.destroy());
    return socket;
  };

  it('closes after its answer', async () => {
    const socket = await call(await start({ answer: 400, closes: 'answered' }));
    socket.write(Buffer.alloc(REQUEST_BYTES));
    await once(socket, 'end');
    expect(socket.bytesRead).toBe(400);
  });
  it('says good-bye to an idle connection', async () => {
    const socket = await call(
      await start({ answer: 400, closes: 'idle', closesAfter: [0.01], farewell: 24 }),
    );
    socket.write(Buffer.alloc(REQUEST_BYTES));
    await once(socket, 'end');
    expect(socket.bytesRead).toBe(424);
  });
  it('forgets every second connection, until it ends itself', async () => {
    const service = await start({ answer: 400, closes: 'second', forgetsEvery: 2 });
    const ended: string[] = [];
    const sockets = new Map<string, Socket>();
    for (const name of ['first', 'second', 'third']) sockets.set(name, await call(service));
    const ends = [...sockets].map(async ([name, socket]) => {
      const end = once(socket, 'end');
      socket.end();
      await end;
      ended.push(name);
    });
    await Promise.all([ends[0], ends[2]]);
    expect(ended).not.toContain('second');
    await service.stop();
    await ends[1];
    expect(ended.at(-1)).toBe('second');
  });
});
