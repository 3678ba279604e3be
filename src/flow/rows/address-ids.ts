import { randomInt } from 'node:crypto';
import type { AddressRun } from '../format/batch.ts';
import { ADDRESS_COLUMNS } from '../format/columns.ts';
import { hashFactors, mixed, multiplied } from '../table/key-hash.ts';

/** Addresses held before the table is cleared, to bound memory; ids go on. */
export const MAX_ADDRESSES = 1 << 20;

/** Addresses that the hash table has room for at first. */
const INITIAL_ADDRESSES = 1 << 10;

/** Numbers addresses in the order of their first use, and hands the new ones on in batches. */
export class AddressIds {
  private readonly words = new Uint32Array(MAX_ADDRESSES * 4);
  /** Address + 1, found by its hash; 0 is empty. It grows with the addresses, as in FlowTable. */
  private slots = new Int32Array(INITIAL_ADDRESSES * 2);
  private readonly factors = hashFactors(randomInt(2 ** 32 - 1));
  private count = 0;
  private base = 0;
  private handedOn = 0;

  /** The id of the address whose four 32-bit words are at `at` in `from`. */
  idOf(from: Uint32Array, at: number): number {
    const mask = this.slots.length - 1;
    const a = from[at]!;
    const b = from[at + 1]!;
    const c = from[at + 2]!;
    const d = from[at + 3]!;
    const h = hash(this.factors, a, b, c, d);
    for (let slot = h & mask; ; slot = (slot + 1) & mask) {
      const entry = this.slots[slot]!;
      if (entry === 0) {
        for (let i = 0; i < 4; i++) this.words[this.count * 4 + i] = from[at + i]!;
        this.slots[slot] = ++this.count;
        if (this.count * 2 > this.slots.length) this.grow();
        return this.base + this.count - 1;
      }
      const w = (entry - 1) * 4;
      const { words } = this;
      if (words[w + 3] === d && words[w] === a && words[w + 1] === b && words[w + 2] === c)
        return this.base + entry - 1;
    }
  }

  /** There may be no room for another row's addresses: take the run, then `restart`. */
  get isFull(): boolean {
    return !this.hasRoom(ADDRESS_COLUMNS.length);
  }

  /** There is room for this many more addresses. */
  hasRoom(more: number): boolean {
    return this.count + more <= MAX_ADDRESSES;
  }

  /** The addresses numbered since the last call. */
  takeRun(): AddressRun {
    const run = {
      firstId: this.base + this.handedOn,
      count: this.count - this.handedOn,
      words: this.words.slice(this.handedOn * 4, this.count * 4),
    };
    this.handedOn = this.count;
    return run;
  }

  /** Clears the table, once all addresses are handed on; one that is used again gets another id. */
  restart(): void {
    this.base += this.count;
    this.count = 0;
    this.handedOn = 0;
    this.slots.fill(0);
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const { words } = this;
    for (let i = 0, w = 0; i < this.count; i++, w += 4) {
      let slot =
        hash(this.factors, words[w]!, words[w + 1]!, words[w + 2]!, words[w + 3]!) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = i + 1;
    }
    this.slots = slots;
  }
}

function hash(f: Float64Array, a: number, b: number, c: number, d: number): number {
  return mixed(multiplied(f, 0, a) + multiplied(f, 2, b) + multiplied(f, 4, c) + multiplied(f, 6, d));
}
