import { columnIndex, STATE_TIMES, STATE_TIMES_WIDTH } from '../format/columns.ts';
import { code } from '../format/word-table.ts';
import { CLOSE_KINDS, CLOSED_FIRST, STATES } from '../format/words.ts';

const FIRST = columnIndex('first');
const STATE = columnIndex('client_state');
const CLOSE_KIND = columnIndex('close_kind');
const CLOSED_BY = columnIndex('closed_first');
const CLOSE_ENDED = columnIndex('close_ended');
const EXPECTED = columnIndex('client_time_wait_expected');
const TIME_WAIT = code(STATES, 'TIME_WAIT');
const SECOND = 1e6;

/** Marks of a flow: its row is out of date, only its counts are, it is in the queue for that. */
const CHANGED = 1;
const BUSY = 2;
const QUEUED = 4;

/** Not counted: no flow, state unknown, or CLOSED. */
export const NO_STATE = code(STATES, 'CLOSED');

/**
 * The flows of a live capture: the number of each one's row, which rows are out of date, and, from the rows as
 * they are written, how many ends are in each state.
 */
export class LiveFlows {
  /** Ends in each state: clients by the state's code, servers NO_STATE further. */
  readonly counts = new Int32Array(2 * NO_STATE);
  /** Closes so far, by the codes of CLOSE_KINDS and CLOSED_FIRST. */
  readonly closes = new Float64Array(CLOSE_KINDS.length);
  readonly closedFirst = new Float64Array(CLOSED_FIRST.length);
  /** By endpoint, `me`: its state in the last row, and since when (microseconds since the epoch). */
  readonly states: Uint8Array;
  readonly since: Float64Array;
  private readonly ids: Float64Array;
  private readonly marks: Uint8Array;
  private readonly hasClosed: Uint8Array;
  private changed: number[] = [];
  /** Flows of which only counts are out of date, the longest waiting first; some are up to date again. */
  private busy: number[] = [];
  private busyTaken = 0;
  private lastId = 0;
  /** Flows whose TIME_WAIT is expected to end in a second, by that second. */
  private readonly expiring = new Map<number, number[]>();
  private expiredUntil = 0;

  /** @param capacity flows held at most */
  constructor(capacity: number) {
    this.states = new Uint8Array(2 * capacity).fill(NO_STATE);
    this.since = new Float64Array(2 * capacity);
    this.ids = new Float64Array(capacity);
    this.marks = new Uint8Array(capacity);
    this.hasClosed = new Uint8Array(capacity);
  }

  /** A flow's row is out of date. */
  touch(flow: number): void {
    if ((this.marks[flow]! & CHANGED) !== 0) return;
    this.marks[flow]! |= CHANGED;
    this.changed.push(flow);
  }

  /** A flow's row is out of date in its counts only: that can wait. */
  touchCounts(flow: number): void {
    const marks = this.marks[flow]!;
    if ((marks & (CHANGED | BUSY)) !== 0) return;
    this.marks[flow] = marks | BUSY | QUEUED;
    if ((marks & QUEUED) === 0) this.busy.push(flow);
  }

  /** The flow whose counts have been out of date longest, or -1. */
  takeBusy(): number {
    while (this.busyTaken < this.busy.length) {
      const flow = this.busy[this.busyTaken++]!;
      const marks = this.marks[flow]!;
      this.marks[flow] = marks & ~(BUSY | QUEUED);
      if ((marks & BUSY) !== 0) return flow;
    }
    this.forgetTaken();
    return -1;
  }

  /** Keeps the queue from growing if it never becomes empty. */
  private forgetTaken(): void {
    this.busy.splice(0, this.busyTaken);
    this.busyTaken = 0;
  }

  /** The flows whose rows are out of date at `now` in more than counts, also because their TIME_WAIT has expired. */
  takeChanged(now: number): number[] {
    const second = Math.floor(now / SECOND);
    // Visits only seconds in which a TIME_WAIT expires: a clock that is set can leap by years.
    for (const [end, flows] of this.expiring) {
      if (end >= second) continue;
      for (const flow of flows) if (this.ids[flow] !== 0) this.touch(flow);
      this.expiring.delete(end);
    }
    this.expiredUntil = Math.max(this.expiredUntil, second);
    this.forgetTaken();
    const changed: number[] = [];
    for (const flow of this.changed) {
      if ((this.marks[flow]! & CHANGED) === 0) continue;
      this.marks[flow]! &= ~(CHANGED | BUSY);
      changed.push(flow);
    }
    this.changed = [];
    return changed;
  }

  /** Numbers the rows from 1 again, for another database. */
  restart(): void {
    this.ids.fill(0);
    this.lastId = 0;
  }

  /**
   * A flow's row has been made, at index `r` of `rows`; if it is not `open`, the flow is finished. Returns
   * the number of its row.
   */
  wrote(flow: number, rows: Float64Array, r: number, open: boolean): number {
    this.ids[flow] ||= ++this.lastId;
    const id = this.ids[flow]!;
    for (const end of [0, 1]) this.place(flow * 2 + end, end, rows, r, open);
    if (this.hasClosed[flow] === 0 && !Number.isNaN(rows[r + CLOSE_ENDED]!)) {
      this.hasClosed[flow] = 1;
      this.closes[rows[r + CLOSE_KIND]!]!++;
      if (!Number.isNaN(rows[r + CLOSED_BY]!)) this.closedFirst[rows[r + CLOSED_BY]!]!++;
    }
    if (!open) {
      this.ids[flow] = 0;
      this.marks[flow]! &= QUEUED;
      this.hasClosed[flow] = 0;
    }
    return id;
  }

  /** A row of the flow has been made. */
  hasRow(flow: number): boolean {
    return this.ids[flow] !== 0;
  }

  /** A flow without a row is finished. */
  dropped(flow: number): void {
    this.marks[flow]! &= QUEUED;
  }

  /** Counts an end in its present state. */
  private place(me: number, end: number, rows: Float64Array, r: number, open: boolean): void {
    const before = this.states[me]!;
    const last = rows[r + STATE + end]!;
    const state = open && !Number.isNaN(last) ? last : NO_STATE;
    if (state !== before) {
      if (before !== NO_STATE) this.counts[end * NO_STATE + before]!--;
      if (state !== NO_STATE) this.counts[end * NO_STATE + state]!++;
      this.states[me] = state;
    }
    if (state === NO_STATE) return;
    this.since[me] = rows[r + FIRST]! + rows[r + STATE_TIMES + end * STATE_TIMES_WIDTH + state]!;
    if (state === TIME_WAIT) this.expect(me >> 1, this.since[me]! + rows[r + EXPECTED + end]!);
  }

  /** A flow's row will be out of date at `us`, when its TIME_WAIT is expected to have expired. */
  private expect(flow: number, us: number): void {
    const second = Math.max(Math.floor(us / SECOND), this.expiredUntil);
    const flows = this.expiring.get(second);
    if (flows === undefined) this.expiring.set(second, [flow]);
    else if (flows.at(-1) !== flow) flows.push(flow);
  }
}
