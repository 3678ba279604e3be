import type { SocketOwner } from './kernel-socket-owners.ts';
import { addressesOf, type KernelSocket, type SocketAddress } from './kernel-sockets.ts';

/** A socket and a state that the kernel's table had it in. Times are microseconds since the epoch. */
export interface KernelSocketRow {
  /** From 1, in the order of being seen. */
  id: number;
  local: SocketAddress;
  peer: SocketAddress;
  /** As RFC 9293 has it. */
  state: string;
  firstSeenUs: number;
  /** NaN while it stands: it was there in the latest reading. */
  lastSeenUs: number;
  /** End of the first reading without it; NaN while it stands. */
  goneUs: number;
  /** When it was first seen: what its timer was for ('' none), and how long that was to run on. */
  timer: string;
  timerUs: number;
  /** NaN if the kernel does not know. */
  uid: number;
  inode: number;
  owner: SocketOwner | undefined;
  /** No program has accepted it yet; the owner is then who listens on its port. */
  inBacklog: boolean;
  unsent: number;
  unread: number;
}

interface Standing {
  row: KernelSocketRow;
  /** Number of the last reading that had it, and when that began. */
  seen: number;
  seenUs: number;
  /** End of the reading that was the first without it; NaN if the last one had it. */
  missingUs: number;
  isChanged: boolean;
}

/** States in which a program has a socket, or is about to get it. */
const HELD = new Set(['SYN_RECEIVED', 'ESTABLISHED', 'CLOSE_WAIT']);
/** What a program may have closed and left to the kernel. */
const LEFT = new Set(['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSING', 'TIME_WAIT', 'LAST_ACK']);

/**
 * Makes rows of one reading of the table after the other. A reading can miss a socket that is there, so
 * one is gone when two in a row have not had it.
 */
export class KernelSocketWatch {
  readonly #ownerOf: (inode: number) => SocketOwner | undefined;
  #standing = new Map<string, Standing>();
  #reading = 0;
  #lastId = 0;

  /** @param ownerOf who has a socket, by its inode */
  constructor(ownerOf: (inode: number) => SocketOwner | undefined = () => undefined) {
    this.#ownerOf = ownerOf;
  }

  /** Takes what was read between two instants (microseconds since the epoch); returns the rows that are new or have changed. */
  take(sockets: readonly KernelSocket[], fromUs: number, toUs: number): KernelSocketRow[] {
    this.#reading++;
    const changed: KernelSocketRow[] = [];
    const listeners = listenersOf(sockets);
    for (const socket of sockets) {
      if (socket.state === 'LISTEN' || socket.state === 'CLOSE') continue;
      const before = this.#standing.get(socket.key);
      const isSame = before !== undefined && isStill(before.row, socket);
      if (before !== undefined && !isSame) changed.push(ended(before, toUs));
      const now = isSame ? before : this.#begin(socket, fromUs, before?.row);
      this.#note(now, socket, fromUs, listeners);
      if (now.isChanged) changed.push(now.row);
      now.isChanged = false;
    }
    for (const [key, standing] of this.#standing) {
      if (standing.seen === this.#reading) continue;
      if (Number.isNaN(standing.missingUs)) {
        standing.missingUs = toUs;
        continue;
      }
      changed.push(ended(standing, toUs));
      this.#standing.delete(key);
    }
    return changed;
  }

  /** Some were missing for the first time: the next reading will tell whether they are gone. */
  get hasUnconfirmedLosses(): boolean {
    for (const { missingUs } of this.#standing.values()) if (!Number.isNaN(missingUs)) return true;
    return false;
  }

  /** The rows of all sockets that stand. */
  all(): KernelSocketRow[] {
    return [...this.#standing.values()].map(({ row }) => row);
  }

  #begin(socket: KernelSocket, fromUs: number, before: KernelSocketRow | undefined): Standing {
    const isLeft = LEFT.has(socket.state) && socket.inode === 0;
    const { timer, timerUs, inode, unsent, unread, state } = socket;
    const row: KernelSocketRow = {
      ...{ id: ++this.#lastId, ...addressesOf(socket.key), state, timer, timerUs, inode, unsent, unread },
      firstSeenUs: fromUs,
      lastSeenUs: Number.NaN,
      goneUs: Number.NaN,
      uid: uidOf(socket) ?? (isLeft ? before?.uid : undefined) ?? Number.NaN,
      owner: isLeft ? before?.owner : undefined,
      inBacklog: false,
    };
    const begun = { row, seen: 0, seenUs: fromUs, missingUs: Number.NaN, isChanged: true };
    this.#standing.set(socket.key, begun);
    return begun;
  }

  /** The socket stands as the latest reading has it. */
  #note(now: Standing, socket: KernelSocket, fromUs: number, listeners: Map<string, number>): void {
    const { row } = now;
    now.seen = this.#reading;
    now.seenUs = fromUs;
    now.missingUs = Number.NaN;
    const inBacklog = socket.inode === 0 && HELD.has(socket.state);
    const inode = inBacklog ? (listeners.get(portOf(socket.key)) ?? 0) : socket.inode;
    const owner = inode === 0 ? row.owner : (this.#ownerOf(inode) ?? (row.inBacklog ? undefined : row.owner));
    // What an open connection sends and reads is no news; what lies in one that closes is.
    const queues = row.state === 'ESTABLISHED' ? row : socket;
    const { unsent, unread } = queues;
    const isNew =
      inBacklog !== row.inBacklog ||
      owner?.pid !== row.owner?.pid ||
      socket.inode !== row.inode ||
      unsent !== row.unsent ||
      unread !== row.unread;
    if (!isNew) return;
    const uid = uidOf(socket) ?? row.uid;
    now.row = { ...row, inBacklog, owner, inode: socket.inode, unsent, unread, uid };
    now.isChanged = true;
  }
}

/** Another inode is another socket, but for one that is accepted, or left by its program. */
function isStill(row: KernelSocketRow, { state, inode }: KernelSocket): boolean {
  const isSame = row.inode === inode || row.inode === 0 || (inode === 0 && LEFT.has(state));
  return row.state === state && isSame;
}

function ended({ row, seenUs, missingUs }: Standing, toUs: number): KernelSocketRow {
  const goneUs = Number.isNaN(missingUs) ? toUs : missingUs;
  return { ...row, lastSeenUs: Math.max(seenUs, row.firstSeenUs), goneUs: Math.max(goneUs, seenUs) };
}

/** Shown as 0 if unknown. */
function uidOf({ uid, inode }: KernelSocket): number | undefined {
  return uid === 0 && inode === 0 ? undefined : uid;
}

/** Inodes of those that listen, by port. */
function listenersOf(sockets: readonly KernelSocket[]): Map<string, number> {
  return new Map(
    sockets.filter(({ state }) => state === 'LISTEN').map(({ key, inode }) => [portOf(key), inode]),
  );
}

/** The local port, as the key writes it. */
function portOf(key: string): string {
  const at = key.indexOf(':') + 1;
  return key.slice(at, at + 4);
}
