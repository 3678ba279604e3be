import type { Side } from '../network/network.ts';
import type { Drop, Forgetting } from '../network/router.ts';
import type { RealProgram } from '../programs/real.ts';
import type { Habits } from '../programs/service.ts';
import type { Manners } from '../programs/visits.ts';

// The language of scenarios: a list of steps, each done before the next begins. Every step of an end
// concerns a connection, by default the one named `a`.

/** Options of opening a connection. */
export interface Opening {
  ipv6?: boolean;
  /** Start to read only when told. */
  unread?: boolean;
  /** Connect from the client port of this earlier connection. */
  portOf?: string;
  /** To a port on which nobody listens. */
  closedPort?: boolean;
  /** The error code connect() must end with. */
  fails?: string;
  /** Go on at once, whatever becomes of it. */
  wait?: boolean;
}

/** Many connections to services, begun at a steady rate (visits.ts). */
export interface Visit extends Manners {
  /** Ports of the services, in turn; by default the first. */
  ports?: number[];
  ipv6?: boolean;
  /** Name of their client ports, which a later visit may use again by `portsOf`. */
  name?: string;
  portsOf?: string;
  /** Whether the kernel chooses the client's ports. */
  ephemeral?: boolean;
  /** So many client ports are used again and again. */
  cycle?: number;
  /** From the client's other address; needs `nat`. */
  fromSecond?: boolean;
}

/** One thing that an end, the router or the lab does. */
export type Step =
  | { at: 'client'; do: 'connect'; conn: string; opening: Opening }
  | { at: 'server'; do: 'accept'; conn: string; unread: boolean }
  | { at: Side; do: 'send' | 'receives'; conn: string; bytes: number }
  | { at: Side; do: 'reads' | 'seesEnd' | 'isReset' | 'shutdown' | 'close' | 'reset'; conn: string }
  | { at: Side; do: 'keepAlive'; conn: string; seconds: number }
  | { at: Side; do: 'run'; program: RealProgram }
  | { at: 'client'; do: 'visit'; visit: Visit }
  | { at: 'server'; do: 'serve'; port: number; habits: Habits; ipv6: boolean }
  | { at: 'server'; do: 'stopServing'; port: number }
  | { at: 'server'; do: 'cannotBind'; port: number }
  | { at: 'server'; do: 'hang' | 'goOn' | 'perHostPaws' }
  | { at: 'router'; do: 'drop'; drop: Drop }
  | { at: 'router'; do: 'pass' | 'remember' }
  | { at: 'router'; do: 'flood'; port: number; count: number }
  | { at: 'router'; do: 'slow'; kbit: number }
  | { at: 'router'; do: 'forget'; seconds: number; then: Forgetting }
  | { at: 'router'; do: 'resetIdle'; seconds: number }
  | { at: 'router'; do: 'unplug' | 'plugIn' | 'withdraw'; side: Side }
  | { at: 'lab'; do: 'pause'; seconds: number }
  | { at: 'lab'; do: 'together'; parts: Step[][] };

const end = (at: Side) => ({
  send: (bytes: number, conn = 'a'): Step => ({ at, do: 'send', conn, bytes }),
  /** Waits until this many bytes in all have been read. */
  receives: (bytes: number, conn = 'a'): Step => ({ at, do: 'receives', conn, bytes }),
  /** Starts to read a connection that was opened unread. */
  reads: (conn = 'a'): Step => ({ at, do: 'reads', conn }),
  /** Waits until the peer's FIN has been read. */
  seesEnd: (conn = 'a'): Step => ({ at, do: 'seesEnd', conn }),
  /** Waits until the connection is gone. */
  isReset: (conn = 'a'): Step => ({ at, do: 'isReset', conn }),
  /** shutdown(SHUT_WR). */
  shutdown: (conn = 'a'): Step => ({ at, do: 'shutdown', conn }),
  close: (conn = 'a'): Step => ({ at, do: 'close', conn }),
  /** close() with SO_LINGER 0. */
  reset: (conn = 'a'): Step => ({ at, do: 'reset', conn }),
  keepAlive: (seconds: number, conn = 'a'): Step => ({ at, do: 'keepAlive', conn, seconds }),
  /** Starts a real program, or has one do its work. */
  runs: (program: RealProgram): Step => ({ at, do: 'run', program }),
});

export const client = {
  ...end('client'),
  connect: (opening: Opening = {}, conn = 'a'): Step => ({ at: 'client', do: 'connect', conn, opening }),
  visits: (visit: Visit): Step => ({ at: 'client', do: 'visit', visit }),
};

export const server = {
  ...end('server'),
  accept: ({ unread = false } = {}, conn = 'a'): Step => ({ at: 'server', do: 'accept', conn, unread }),
  serves: (port: number, habits: Habits, ipv6 = false): Step => ({
    at: 'server',
    do: 'serve',
    port,
    habits,
    ipv6,
  }),
  /** Ends the program of a port: all its sockets are closed. */
  stopsServing: (port: number): Step => ({ at: 'server', do: 'stopServing', port }),
  /** Tries to bind a port without SO_REUSEADDR, which must fail with EADDRINUSE. */
  cannotBind: (port: number): Step => ({ at: 'server', do: 'cannotBind', port }),
  /** Stops the server's program in the middle of whatever it does; its kernel goes on. */
  hangs: (): Step => ({ at: 'server', do: 'hang' }),
  goesOn: (): Step => ({ at: 'server', do: 'goOn' }),
  /** Drops SYNs whose timestamps run behind others of the same address (nat.ts). */
  checksTimestampsPerHost: (): Step => ({ at: 'server', do: 'perHostPaws' }),
};

export const router = {
  drop: (drop: Drop): Step => ({ at: 'router', do: 'drop', drop }),
  pass: (): Step => ({ at: 'router', do: 'pass' }),
  /** Forgets connections that were idle for this long; needs no rule of drop. */
  forgets: (seconds: number, then: Forgetting): Step => ({ at: 'router', do: 'forget', seconds, then }),
  /** Drops the first SYN on each port that was used before, from now on. */
  remembers: (): Step => ({ at: 'router', do: 'remember' }),
  /** SYNs to a port from addresses that nobody has. */
  floods: (port: number, count: number): Step => ({ at: 'router', do: 'flood', port, count }),
  slow: (kbit: number): Step => ({ at: 'router', do: 'slow', kbit }),
  /** Ends connections that are idle for this long by an RST to each end, in the name of the other. */
  resetsIdle: (seconds: number): Step => ({ at: 'router', do: 'resetIdle', seconds }),
  /** The host's cable is out: nothing of it comes any more, and it gets nothing. */
  unplugs: (side: Side): Step => ({ at: 'router', do: 'unplug', side }),
  plugsIn: (side: Side): Step => ({ at: 'router', do: 'plugIn', side }),
  /** The route to the host's network is gone: ICMP 3/0 to who sends there. */
  withdraws: (side: Side): Step => ({ at: 'router', do: 'withdraw', side }),
};

export const pause = (seconds: number): Step => ({ at: 'lab', do: 'pause', seconds });

/** Steps, or lists of steps, that begin at the same time. */
export const together = (...parts: (Step | Step[])[]): Step => ({
  at: 'lab',
  do: 'together',
  parts: parts.map((part) => [part].flat()),
});
