import type { BatchArrays, FlowBatch } from '../../flow/format/batch.ts';
import type { FromLane } from './messages.ts';

/** A batch, which lane it comes from, and who wants its arrays back. */
export interface LaneBatch {
  lane: number;
  batch: FlowBatch;
  giveBack: (arrays: BatchArrays) => void;
}

interface Lane {
  queue: { batch: FlowBatch; block: number; nth: number }[];
  /** Its next batch belongs to this block or a later one. */
  block: number;
  /** How many batches of that block it has handed over. */
  nth: number;
  /** No batch comes after those in the queue. */
  ended: boolean;
  giveBack: (arrays: BatchArrays) => void;
}

/**
 * Puts the batches of several lanes in one order, the same in every run: by block of the capture, and
 * within a block in turn. A database is then the same however the threads took turns.
 */
export class BatchOrder {
  readonly #lanes: Lane[] = [];

  /** Adds a lane, before any of them has begun. Returns its number. */
  addLane(giveBack: (arrays: BatchArrays) => void): number {
    return this.#lanes.push({ queue: [], block: 0, nth: 0, ended: false, giveBack }) - 1;
  }

  /** Whether there is more than one. */
  get several(): boolean {
    return this.#lanes.length > 1;
  }

  /** All lanes have ended, and all their batches were taken. */
  get isDone(): boolean {
    return this.#lanes.every(isExhausted);
  }

  /** Takes a message of a lane. */
  receive(lane: number, message: FromLane): void {
    const from = this.#lanes[lane]!;
    if ('ended' in message) this.end(lane);
    else if ('reached' in message) reach(from, message.reached);
    else {
      reach(from, message.block);
      from.queue.push({ ...message, nth: from.nth++ });
    }
  }

  /** A lane posts no more. */
  end(lane: number): void {
    this.#lanes[lane]!.ended = true;
  }

  /** The batch whose turn it is, once it is known. */
  take(): LaneBatch | undefined {
    let next: Lane | undefined;
    for (const lane of this.#lanes) {
      if (isExhausted(lane)) continue;
      if (next === undefined || isBefore(lane, next)) next = lane;
    }
    const first = next?.queue.shift();
    if (next === undefined || first === undefined) return undefined;
    return { lane: this.#lanes.indexOf(next), batch: first.batch, giveBack: next.giveBack };
  }
}

function reach(lane: Lane, block: number): void {
  if (block === lane.block) return;
  lane.block = block;
  lane.nth = 0;
}

function isExhausted({ queue, ended }: Lane): boolean {
  return ended && queue.length === 0;
}

/** The lane's next batch comes before the other's, whose number is lower. */
function isBefore(lane: Lane, other: Lane): boolean {
  const [a, b] = [lane.queue[0] ?? lane, other.queue[0] ?? other];
  return a.block < b.block || (a.block === b.block && a.nth < b.nth);
}
