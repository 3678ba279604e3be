import { RowQueue } from '../table/row-queue.ts';
import { MOST_PACKED_BYTES } from './flow-packing.ts';

/** Words of a chunk: a cache line. */
const CHUNK = 16;
// Words of a flow's first chunk, in front of its bytes.
const AT = 0; // a float64
const NEXT = 2;
const PREVIOUS = 3;
const HASH = 4;
const LIST = 5;
const HEADER = 6;
/** The last word of every chunk: the chunk that goes on with its bytes + 1, and of a free one the next free one. */
const MORE = CHUNK - 1;
/** Words, and chunks, of the longest packed flow, or more. */
const MOST_WORDS = (MOST_PACKED_BYTES + 3) >> 2;
const MOST_CHUNKS = Math.ceil((MOST_WORDS + HEADER) / (CHUNK - 1));

/** The two lists of swapped flows, each the one longest without a segment first. */
export const OPEN = 0;
export const OVER = 1;

/**
 * Packed flows that are swapped out of the table: bytes in chains of chunks, so that flows that grow and
 * shrink leave no gaps. A flow has a number as long as it is here. The system gives memory to what is
 * written only.
 */
export class SwapStore {
  /** Bytes of the flow that is to be put in, or was taken out last. */
  readonly bytes: DataView;
  private readonly staged = new Uint32Array(MOST_WORDS + CHUNK);
  private readonly word: Uint32Array;
  private readonly at: Float64Array;
  private readonly chunks: number;
  private readonly lists: readonly RowQueue[];
  private used = 0;
  private free = 0;
  private freeCount = 0;
  /** Flows that are here. */
  size = 0;

  /** @param chunks pieces of 64 bytes to hold at most, but for a reserve of those of the longest flow */
  constructor(chunks: number) {
    this.chunks = chunks + MOST_CHUNKS;
    this.word = new Uint32Array(this.chunks * CHUNK);
    this.at = new Float64Array(this.word.buffer);
    this.bytes = new DataView(this.staged.buffer);
    this.lists = [OPEN, OVER].map(() => new RowQueue(this.word, CHUNK, PREVIOUS, NEXT));
  }

  /** A flow of any length still fits. */
  get room(): boolean {
    return this.freeCount + this.chunks - this.used >= MOST_CHUNKS;
  }

  /**
   * Puts a flow last in a list: its `length` bytes, the time of its last segment and the hash of its key.
   * There must be room. Returns its number.
   */
  put(length: number, list: number, at: number, hash: number): number {
    const { staged, word } = this;
    const words = (length + 3) >> 2;
    const chunk = this.take();
    let w = chunk * CHUNK;
    this.at[w / 2 + AT] = at;
    word[w + HASH] = hash;
    word[w + LIST] = list;
    let to = w + HEADER;
    for (let from = 0; from < words; from++) {
      if (to === w + MORE) {
        const more = this.take();
        word[to] = more + 1;
        w = more * CHUNK;
        to = w;
      }
      word[to++] = staged[from]!;
    }
    word[w + MORE] = 0;
    this.lists[list]!.add(chunk);
    this.size++;
    return chunk;
  }

  /** Reads a flow into `bytes`. */
  read(flow: number): void {
    const { staged, word } = this;
    let w = flow * CHUNK;
    let from = w + HEADER;
    for (let to = 0; ; from = w) {
      for (; from < w + MORE; from++) staged[to++] = word[from]!;
      const more = word[w + MORE]!;
      if (more === 0) return;
      w = (more - 1) * CHUNK;
    }
  }

  /** Gives a flow's place back. */
  remove(flow: number): void {
    const { word } = this;
    this.lists[this.listOf(flow)]!.remove(flow);
    this.size--;
    for (let chunk = flow; ; ) {
      const more = word[chunk * CHUNK + MORE]!;
      word[chunk * CHUNK + MORE] = this.free;
      this.free = chunk + 1;
      this.freeCount++;
      if (more === 0) return;
      chunk = more - 1;
    }
  }

  /** The flow of a list that has been without a segment longest, or -1. */
  head(list: number): number {
    return this.lists[list]!.head;
  }

  /** Which list a flow is in. */
  listOf(flow: number): number {
    return this.word[flow * CHUNK + LIST]!;
  }

  /** When a flow had its last segment, microseconds since the epoch. */
  atOf(flow: number): number {
    return this.at[(flow * CHUNK) / 2 + AT]!;
  }

  /** The hash of a flow's key. */
  hashOf(flow: number): number {
    return this.word[flow * CHUNK + HASH]! | 0;
  }

  private take(): number {
    if (this.free === 0) return this.used++;
    const chunk = this.free - 1;
    this.free = this.word[chunk * CHUNK + MORE]!;
    this.freeCount--;
    return chunk;
  }
}
