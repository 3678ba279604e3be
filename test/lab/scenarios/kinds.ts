import type { Random } from '../../../scripts/generate/random.ts';
import { client, pause, type Step, server, together } from './steps.ts';

// Every way to close, as steps with random sizes and pauses; the mix of a drive.

interface Draw {
  conn: string;
  random: Random;
  ipv6: boolean;
  /** By which the waits are longer. */
  pace: number;
}

/** Nothing, a moment, or longer than a delayed ACK. */
const wait = ({ random, pace }: Draw): Step => pause(pace * random.pick([0, 0, 0.005, 0.02, 0.06, 0.15]));
const size = (random: Random): number => random.integer(1, 4001);

/** Opens, and mostly exchanges a request and its answer. */
function opening(draw: Draw): Step[] {
  const { conn, random, ipv6 } = draw;
  const steps = [client.connect({ ipv6 }, conn), server.accept({}, conn)];
  if (random.chance(0.2)) return [...steps, wait(draw)];
  const [question, answer] = [size(random), size(random)];
  return [
    ...steps,
    client.send(question, conn),
    server.receives(question, conn),
    wait(draw),
    server.send(answer, conn),
    client.receives(answer, conn),
    wait(draw),
  ];
}

const ends = { client, server };

function closes(first: 'client' | 'server', how: 'close' | 'shutdown') {
  return (draw: Draw): Step[] => {
    const { conn } = draw;
    const [one, other] = first === 'client' ? [ends.client, ends.server] : [ends.server, ends.client];
    return [...opening(draw), one[how](conn), other.seesEnd(conn), wait(draw), other.close(conn)];
  };
}

function aborts(who: 'client' | 'server') {
  return (draw: Draw): Step[] => [...opening(draw), ends[who].reset(draw.conn)];
}

export const KINDS = {
  'client-closes': closes('client', 'close'),
  'server-closes': closes('server', 'close'),
  'client-shuts-down': closes('client', 'shutdown'),
  'server-shuts-down': closes('server', 'shutdown'),
  'both-close': (draw) => [...opening(draw), together(client.close(draw.conn), server.close(draw.conn))],
  'both-shut-down': (draw) => [
    ...opening(draw),
    together(client.shutdown(draw.conn), server.shutdown(draw.conn)),
  ],
  /** Data and FIN of both ends on the way at the same time. */
  'both-send-and-close': (draw) => {
    const { conn, random } = draw;
    return [
      ...opening(draw),
      together(client.send(size(random), conn), server.send(size(random), conn)),
      together(client.shutdown(conn), server.shutdown(conn)),
    ];
  },
  'half-close': (draw) => {
    const { conn, random } = draw;
    return [
      ...opening(draw),
      client.shutdown(conn),
      server.seesEnd(conn),
      server.send(size(random), conn),
      wait(draw),
      server.close(conn),
    ];
  },
  'server-leaks': (draw) => [...opening(draw), client.close(draw.conn)],
  'client-leaks': (draw) => [...opening(draw), server.close(draw.conn)],
  'nobody-closes': opening,
  'client-aborts': aborts('client'),
  'server-aborts': aborts('server'),
  'abort-after-fin': (draw) => {
    const { conn } = draw;
    return [...opening(draw), client.shutdown(conn), server.seesEnd(conn), wait(draw), server.reset(conn)];
  },
  'unread-data': ({ conn, random, ipv6 }) => [
    client.connect({ ipv6 }, conn),
    server.accept({ unread: true }, conn),
    client.send(size(random), conn),
    pause(0.05),
    server.close(conn),
  ],
  'data-after-close': (draw) => {
    const { conn, random } = draw;
    return [
      ...opening(draw),
      client.close(conn),
      server.seesEnd(conn),
      wait(draw),
      server.send(size(random), conn),
    ];
  },
  refused: ({ conn, ipv6 }) => [client.connect({ ipv6, closedPort: true, fails: 'ECONNREFUSED' }, conn)],
  /** The same port again: on a TIME_WAIT that the server holds, or after an abort. */
  'port-reused': (draw) => {
    const { conn, random, ipv6 } = draw;
    const again = `${conn}-again`;
    const end = random.chance(0.7) ? closes('server', 'close')(draw) : aborts('client')(draw);
    return [
      ...end,
      pause(1.2),
      client.connect({ ipv6, portOf: conn }, again),
      server.accept({}, again),
      client.close(again),
      server.seesEnd(again),
      server.close(again),
    ];
  },
} satisfies Record<string, (draw: Draw) => Step[]>;

export type Kind = keyof typeof KINDS;
