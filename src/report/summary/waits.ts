import type { Database } from 'better-sqlite3';
import { code } from '../../flow/format/word-table.ts';
import {
  CLIENT,
  ENDPOINTS,
  type Endpoint,
  SERVER,
  STATES,
  type StateName,
  TIME_WAIT_ENDS,
} from '../../flow/format/words.ts';
import { endedColumn, enteredColumn } from '../../record/schema/state-columns.ts';
import { CLIENT_ADDRESS, type FlowNumbers, type FlowPart, SERVER_ADDRESS, SERVER_PORT } from './flow-scan.ts';
import { percentile, Samples } from './samples.ts';

/** The states in which sockets pile up. */
export type WaitingState = Extract<StateName, 'TIME_WAIT' | 'CLOSE_WAIT' | 'FIN_WAIT_2' | 'LAST_ACK'>;

/** Waits that stand at the capture's end, of one holder: a client's address or a server's address and port. */
export interface Holder {
  endpoint: Endpoint;
  ip: string;
  /** Of a server; NULL for clients, whose ports differ. */
  port: number | null;
  count: number;
  longestUs: number;
  medianUs: number;
}

/** All that stand in one state at the end: the largest holders, and how many there are. */
export interface Standing {
  count: number;
  longestUs: number;
  holders: number;
  top: Holder[];
}

/** The waits in one state: how long those lasted that ended, and who holds those that stand. */
export class Waits implements FlowPart {
  readonly columns: readonly string[];
  /** How long those lasted that are known to have ended, in microseconds. */
  readonly ended = new Samples();
  readonly #lengths = new Samples();
  /** For each of the lengths, its holder's index. */
  readonly #holderOf = new Samples();
  readonly #holders: {
    end: number;
    address: number;
    port: number | null;
    count: number;
    longestUs: number;
  }[] = [];
  readonly #indexes = [new Map<number, number>(), new Map<number, number>()];

  constructor(state: WaitingState) {
    this.columns = ENDPOINTS.flatMap((end) => lengthColumns(end, state));
  }

  add(values: FlowNumbers, at: number): void {
    this.#wait(CLIENT, values, at);
    this.#wait(SERVER, values, at + 2);
  }

  #wait(end: number, values: FlowNumbers, at: number): void {
    const ended = values[at]!;
    const standing = values[at + 1]!;
    if (ended !== null) this.ended.push(ended);
    if (standing !== null) this.#stands(end, values, standing);
  }

  #stands(end: number, values: FlowNumbers, us: number): void {
    const address = values[end === SERVER ? SERVER_ADDRESS : CLIENT_ADDRESS]!;
    const port = end === SERVER ? values[SERVER_PORT]! : null;
    const key = address * 0x1_0000 + (port ?? 0);
    const index = this.#indexes[end]!.get(key) ?? this.#holders.length;
    if (index === this.#holders.length) {
      this.#indexes[end]!.set(key, index);
      this.#holders.push({ end, address, port, count: 0, longestUs: 0 });
    }
    const holder = this.#holders[index]!;
    holder.count++;
    if (us > holder.longestUs) holder.longestUs = us;
    this.#lengths.push(us);
    this.#holderOf.push(index);
  }

  /** Those that stand; the `top` largest holders one by one, by count, then the longest first. */
  standing(db: Database, top: number): Standing {
    const order = [...this.#holders.keys()].sort((a, b) => this.#compare(a, b));
    const last = order[top - 1];
    // Those that are as large as the last one have to be put in order by address.
    const first = order.filter(
      (index, i) => i < top || (last !== undefined && this.#compare(index, last) === 0),
    );
    const ip = db.prepare<[number], string>('SELECT ip FROM addresses WHERE id = ?').pluck();
    const lengths = this.#lengthsOf(first);
    const named = first.map((index): Holder => {
      const { end, address, port, count, longestUs } = this.#holders[index]!;
      const medianUs = percentile(lengths.get(index)!.sorted(), 0.5);
      return { endpoint: ENDPOINTS[end]!, ip: ip.get(address) ?? '', port, count, longestUs, medianUs };
    });
    return {
      count: this.#lengths.count,
      longestUs: this.#holders.reduce((longest, holder) => Math.max(longest, holder.longestUs), 0),
      holders: this.#holders.length,
      top: named.sort(bySize).slice(0, top),
    };
  }

  #compare(a: number, b: number): number {
    const [one, other] = [this.#holders[a]!, this.#holders[b]!];
    return other.count - one.count || other.longestUs - one.longestUs;
  }

  #lengthsOf(holders: readonly number[]): Map<number, Samples> {
    const lengths = new Map(holders.map((index) => [index, new Samples()]));
    this.#holderOf.values.forEach((index, i) => {
      lengths.get(index)?.push(this.#lengths.values[i]!);
    });
    return lengths;
  }
}

function bySize(a: Holder, b: Holder): number {
  const byIp = a.ip < b.ip ? -1 : Number(a.ip > b.ip);
  return b.count - a.count || b.longestUs - a.longestUs || byIp || (a.port ?? -1) - (b.port ?? -1);
}

/**
 * How long an end's wait lasted where it ended, and where it stands. Of a TIME_WAIT only those have
 * ended whose end a packet proves: not those that are over by the profile.
 */
function lengthColumns(end: Endpoint, state: WaitingState): string[] {
  if (state === 'TIME_WAIT') {
    const standing = code(TIME_WAIT_ENDS, 'capture-end');
    const expired = code(TIME_WAIT_ENDS, 'expired');
    return [
      `iif(${end}_time_wait_ended_by <> ${expired}, ${end}_time_wait_at_most, NULL)`,
      `iif(${end}_time_wait_ended_by = ${standing}, ${end}_time_wait_at_least, NULL)`,
    ];
  }
  const entered = enteredColumn(end, state);
  const stands = `${end}_state = ${code(STATES, state)}`;
  return [
    `${endedColumn(end, state)} - ${entered}`,
    `iif(${stands} AND NOT evicted, observed - ${entered}, NULL)`,
  ];
}
