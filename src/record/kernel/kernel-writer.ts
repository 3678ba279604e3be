import type { Database, Statement } from 'better-sqlite3';
import type { KernelSample } from '../../capture/kernel/kernel-sampler.ts';
import type { KernelSettings } from '../../capture/kernel/kernel-settings.ts';
import type { KernelSocketRow } from '../../capture/kernel/kernel-socket-watch.ts';
import { formatAddress } from '../../decode/address.ts';
import { KernelLinks, type LinkedSocket } from './kernel-links.ts';

/** A flow's packets come soon after its socket is seen, or not for long: up to this many commits look for them at once. */
const TRIES = 2;
/** Silent sockets are looked at in turn, up to this many per commit. */
const IN_TURN = 1000;

interface Unlinked {
  socket: LinkedSocket;
  tries: number;
  isGone: boolean;
}

const COLUMNS = [
  ...['id', 'capture_id', 'ip', 'port', 'peer_ip', 'peer_port', 'state', 'first_seen', 'last_seen', 'gone'],
  ...['timer', 'timer_us', 'uid', 'pid', 'program', 'in_backlog', 'unread', 'unsent'],
];

/** Writes the kernel's socket table into a live database, and which flow each socket belongs to. */
export class KernelWriter {
  readonly #base: number;
  readonly #capture: number;
  readonly #sampled: Statement;
  readonly #put: Statement;
  readonly #forget: Statement;
  readonly #set: Statement;
  readonly #links: KernelLinks;
  /** Sockets whose flow is not known: those lately seen, and those that stand and have not spoken. */
  readonly #fresh = new Map<number, Unlinked>();
  readonly #silent = new Map<number, Unlinked>();
  /** Sockets that stand and whose flow is known. */
  readonly #linked = new Set<number>();
  #lastUs = 0;

  /** @param capture captures.id of the running capture */
  constructor(db: Database, capture: number) {
    this.#capture = capture;
    this.#base = Number(db.prepare('SELECT coalesce(max(id), 0) FROM kernel_socket_data').pluck().get());
    this.#sampled = db.prepare(
      `INSERT INTO kernel_samples (capture_id, first_us, last_us, samples, longest_us) VALUES (?, ?, ?, 1, 0)
       ON CONFLICT DO UPDATE SET samples = samples + 1, last_us = max(last_us, excluded.last_us),
         longest_us = max(longest_us, excluded.last_us - last_us)`,
    );
    const changing = COLUMNS.slice(2).map((name) => `${name} = excluded.${name}`);
    this.#put = db.prepare(
      `INSERT INTO kernel_socket_data (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})
       ON CONFLICT DO UPDATE SET ${changing.join(', ')}`,
    );
    this.#forget = db.prepare('DELETE FROM kernel_settings WHERE capture_id = ?');
    this.#set = db.prepare('INSERT INTO kernel_settings (capture_id, name, value) VALUES (?, ?, ?)');
    this.#links = new KernelLinks(db, 'live_flows');
  }

  /** Adds what one reading has shown, or puts it in the place of what was known of the same sockets. */
  write({ atUs, rows, settings }: KernelSample): void {
    this.#lastUs = atUs;
    this.#sampled.run(this.#capture, atUs, atUs);
    for (const row of rows) this.#write(row, atUs);
    if (settings !== undefined) this.#writeSettings(settings);
  }

  /** Looks for the flows of sockets that have none; all flows so far have been written. */
  link(): void {
    for (const [id, unlinked] of this.#fresh) {
      const isLinked = this.#find(id, unlinked);
      if (!isLinked && ++unlinked.tries < TRIES) continue;
      this.#fresh.delete(id);
      if (!isLinked && !unlinked.isGone) this.#silent.set(id, unlinked);
    }
    let left = Math.min(this.#silent.size, IN_TURN);
    for (const [id, unlinked] of this.#silent) {
      if (left-- === 0) break;
      this.#silent.delete(id);
      if (!this.#find(id, unlinked)) this.#silent.set(id, unlinked);
    }
  }

  #writeSettings(settings: KernelSettings): void {
    this.#forget.run(this.#capture);
    for (const [name, value] of Object.entries(settings)) this.#set.run(this.#capture, name, value);
  }

  #find(id: number, { socket, isGone }: Unlinked): boolean {
    if (!isGone) socket.lastSeen = this.#lastUs;
    const isLinked = this.#links.link(socket, isGone);
    if (isLinked && !isGone) this.#linked.add(id);
    return isLinked;
  }

  #write(row: KernelSocketRow, atUs: number): void {
    const id = this.#base + row.id;
    const { local, peer, owner, state, firstSeenUs } = row;
    const isGone = !Number.isNaN(row.goneUs);
    const socket: LinkedSocket = {
      id,
      ip: formatAddress(...local.words),
      port: local.port,
      peerIp: formatAddress(...peer.words),
      peerPort: peer.port,
      firstSeen: firstSeenUs,
      lastSeen: isGone ? row.lastSeenUs : atUs,
      gone: known(row.goneUs),
    };
    this.#put.run(
      ...[id, this.#capture, socket.ip, local.port, socket.peerIp, peer.port, state, firstSeenUs],
      ...[known(row.lastSeenUs), known(row.goneUs), row.timer || null, known(row.timerUs), known(row.uid)],
      ...[owner?.pid ?? null, owner?.program ?? null, Number(row.inBacklog), row.unread, row.unsent],
    );
    const isLinked = isGone ? this.#linked.delete(id) : this.#linked.has(id);
    this.#silent.delete(id);
    if (!isLinked) this.#fresh.set(id, { socket, tries: 0, isGone });
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
