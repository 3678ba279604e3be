import type { AddressRun } from './batch.ts';

/** Addresses numbered before the numbering starts afresh, to bound memory; ids go on. */
export const MOST_ADDRESSES = 1 << 20;

/** Numbers addresses in the order of their first use, and hands the new ones on batch by batch. */
export class AddressIds {
  private readonly words = new Uint32Array(MOST_ADDRESSES * 4);
  private readonly slots = new Int32Array(MOST_ADDRESSES * 2);
  private count = 0;
  private base = 0;
  private handedOn = 0;

  /** The id of the address whose four words stand at `at` in `from`. */
  idOf(from: Uint32Array, at: number): number {
    const mask = MOST_ADDRESSES * 2 - 1;
    const a = from[at]!;
    const b = from[at + 1]!;
    const c = from[at + 2]!;
    const d = from[at + 3]!;
    let h = Math.imul(
      a ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x9e3779b1),
      0x27d4eb2f,
    );
    h ^= h >>> 15;
    for (let slot = h & mask; ; slot = (slot + 1) & mask) {
      const entry = this.slots[slot]!;
      if (entry === 0) {
        for (let i = 0; i < 4; i++) this.words[this.count * 4 + i] = from[at + i]!;
        this.slots[slot] = ++this.count;
        return this.base + this.count - 1;
      }
      const w = (entry - 1) * 4;
      const { words } = this;
      if (words[w + 3] === d && words[w] === a && words[w + 1] === b && words[w + 2] === c)
        return this.base + entry - 1;
    }
  }

  /** There may be no room for another row's two addresses: hand on the run, then `startAfresh`. */
  get isFull(): boolean {
    return !this.hasRoom(2);
  }

  /** There is room for so many more addresses. */
  hasRoom(more: number): boolean {
    return this.count + more <= MOST_ADDRESSES;
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

  /** Forgets the addresses, all handed on; one that comes again gets another id. */
  startAfresh(): void {
    this.base += this.count;
    this.count = 0;
    this.handedOn = 0;
    this.slots.fill(0);
  }
}
