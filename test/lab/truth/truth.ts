import type { StateName } from '../../../src/flow/format/words.ts';
import type { Side } from '../network/network.ts';
import type { Poll } from './sockets.ts';
import { type Address, type SocketEvent, tuple } from './trace.ts';

// From the kernel's trace and the looks at its socket tables to the life of every socket.

/**
 * A state and when it was entered, in microseconds. `at_us` is exact. Where the kernel tells only
 * limits, it was not before `after_us` and not after `by_us`.
 */
export type PathStep = { state: StateName } & ({ at_us: number } | { after_us?: number; by_us: number });

/** How long the socket table showed a TIME_WAIT. */
export interface TimeWaitSeen {
  first_seen_us: number;
  last_seen_us: number;
  /** It was still there in the last look. */
  alive_at_end: boolean;
}

/** One socket from its birth to its end; a 4-tuple that is used again is another socket. */
export interface SocketTruth {
  side: Side;
  local: Address;
  remote: Address;
  path: PathStep[];
  time_wait?: TimeWaitSeen;
}

/** What `truthOf` makes lives of. Times are in microseconds of one clock. */
export interface Evidence {
  events: readonly SocketEvent[];
  polls: Record<Side, readonly Poll[]>;
  /** Which side an address belongs to; sockets of others are left out. */
  sideOf(ip: string): Side | undefined;
}

/** The life of every socket, in order of birth. */
export function truthOf({ events, polls, sideOf }: Evidence): SocketTruth[] {
  const lives: SocketEvent[][] = [];
  const known = new Map<string, SocketEvent[][]>();
  const successors = new Map<SocketEvent[], SocketEvent>();
  for (const event of withPorts([...events].sort((a, b) => a.at - b.at))) {
    const key = tuple(event);
    const same = known.get(key) ?? [];
    if (!isBirth(event)) {
      // A connect() that fails for want of an address makes a second socket beside the first for a moment.
      const life = same.findLast((life) => life.at(-1)!.to === event.from) ?? same.at(-1);
      life?.push(event);
      continue;
    }
    const before = same.at(-1);
    if (before !== undefined) successors.set(before, event);
    const born = [event];
    known.set(key, [...same, born]);
    lives.push(born);
  }
  const sockets: SocketTruth[] = [];
  for (const life of lives) {
    const side = sideOf(life[0]!.local.ip);
    if (side !== undefined) sockets.push(lifeOf(side, life, polls[side], successors.get(life)?.at));
  }
  return sockets;
}

/**
 * Where the kernel chooses the port, connect() is traced before it has: the port is that of the socket of
 * the same ends which next leaves SYN_SENT. Those for which there was no port left are no connections.
 */
function withPorts(events: readonly SocketEvent[]): SocketEvent[] {
  const born: SocketEvent[] = [];
  const known = new Set<string>();
  const ends = ({ local, remote }: SocketEvent): string => `${local.ip} ${remote.ip} ${remote.port}`;
  const kept: SocketEvent[] = [];
  for (const event of events) {
    if (event.local.port === 0) {
      if (event.to === 'SYN_SENT') born.push(event);
      else
        born.splice(
          born.findLastIndex((birth) => ends(birth) === ends(event)),
          1,
        );
      continue;
    }
    if (event.to === 'SYN_SENT') known.add(tuple(event));
    else if (event.from === 'SYN_SENT' && !known.delete(tuple(event))) {
      const at = born.findIndex((birth) => ends(birth) === ends(event));
      if (at >= 0) kept.push({ ...born.splice(at, 1)[0]!, local: event.local });
    }
    kept.push(event);
  }
  // Those still in SYN_SENT have no later event to tell their port, and are left out.
  return kept.sort((a, b) => a.at - b.at);
}

/** A client's socket is born by connect(); a server's when the handshake's last ACK makes it out of a request. */
function isBirth({ from, to }: SocketEvent): boolean {
  return to === 'SYN_SENT' || (from === 'LISTEN' && to === 'SYN_RECEIVED');
}

function lifeOf(side: Side, life: SocketEvent[], polls: readonly Poll[], bornAgain?: number): SocketTruth {
  const { local, remote } = life[0]!;
  const truth: SocketTruth = { side, local, remote, path: [] };
  for (const { from, to, at } of life) {
    if (to === 'LISTEN' || to === from) continue; // close() after shutdown() sets the same state again
    if (to === 'CLOSED' && (from === 'FIN_WAIT_2' || from === 'CLOSING')) {
      addAfterlife(truth, from, at, polls, bornAgain);
    } else {
      truth.path.push(to === 'SYN_RECEIVED' ? { state: to, by_us: at } : { state: to, at_us: at });
    }
  }
  return truth;
}

/**
 * What became of a socket that the trace calls closed in FIN_WAIT_2 or CLOSING: by the socket table a
 * mini-socket in FIN_WAIT_2 or TIME_WAIT, or really closed if no look at the table showed one (then
 * there was none, or it was reset or replaced before the next look).
 */
function addAfterlife(
  truth: SocketTruth,
  last: StateName,
  closed: number,
  polls: readonly Poll[],
  bornAgain = Number.POSITIVE_INFINITY,
): void {
  const looks = polls
    .filter((poll) => poll.from >= closed && poll.to < bornAgain)
    .map((poll) => ({ from: poll.from, to: poll.to, state: miniSocket(poll.states.get(tuple(truth))) }));
  const end = looks.findLastIndex((look) => look.state !== undefined);
  if (end < 0) {
    const by = looks[0]?.to ?? bornAgain;
    truth.path.push({ state: 'CLOSED', after_us: closed, by_us: by });
    return;
  }
  let state: StateName = last;
  let after = closed;
  for (const look of looks.slice(0, end + 1)) {
    if (look.state === undefined) continue; // the table is not read in one instant: a line may be missed
    if (look.state !== state) {
      // Only FIN_WAIT_2 may have gone on in a mini-socket before: CLOSING became TIME_WAIT when it "closed".
      const when = state === 'CLOSING' ? { at_us: closed } : { after_us: after, by_us: look.to };
      truth.path.push({ state: look.state, ...when });
    }
    state = look.state;
    after = look.from;
  }
  const gone = looks[end + 1]?.to ?? (Number.isFinite(bornAgain) ? bornAgain : undefined);
  if (gone !== undefined) truth.path.push({ state: 'CLOSED', after_us: after, by_us: gone });

  const first = looks.find((look) => look.state === 'TIME_WAIT');
  if (first === undefined) return;
  truth.time_wait = { first_seen_us: first.to, last_seen_us: after, alive_at_end: gone === undefined };
}

/** The states of mini-sockets; any other in the table is of a socket to come, not born by the trace yet. */
function miniSocket(state: StateName | undefined): StateName | undefined {
  return state === 'FIN_WAIT_2' || state === 'TIME_WAIT' ? state : undefined;
}
