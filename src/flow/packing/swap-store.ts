import { RowQueue } from '../table/row-queue.ts';
import { MAX_PACKED_BYTES } from './flow-packing.ts';

/** 32-bit words of a chunk: a cache line. */
const CHUNK = 16;
// The first words of a flow's first chunk; its bytes follow.
const AT = 0; // a float64
const NEXT = 2;
const PREVIOUS = 3;
const HASH = 4;
const LIST = 5;
const HEADER = 6;
/** The last word of a chunk: the next chunk of the flow + 1, or of a free chunk the next free one + 1. */
const MORE = CHUNK - 1;
/** Upper bounds for the longest packed flow. */
const MAX_U32S = (MAX_PACKED_BYTES + 3) >> 2;
const MAX_CHUNKS = Math.ceil((MAX_U32S + HEADER) / (CHUNK - 1));

/** The two lists of flows that are swapped out, the longest idle first. */
export const OPEN = 0;
export const OVER = 1;

/**
 * Packed flows that are swapped out of the table, as bytes in chains of chunks, so that flows of any length
 * leave no gaps. A flow has a number as long as it is here. The system allocates only pages that are written.
 */
export class SwapStore {
  /** Bytes of the flow to put next, or read last. */
  readonly bytes: DataView;
  private readonly staged = new Uint32Array(MAX_U32S + CHUNK);
  private readonly u32: Uint32Array;
  private readonly at: Float64Array;
  private readonly chunks: number;
  private readonly lists: readonly RowQueue[];
  private used = 0;
  private free = 0;
  private freeCount = 0;
  /** Flows held. */
  size = 0;

  /** @param chunks chunks of 64 bytes held at most, besides a reserve for the longest flow */
  constructor(chunks: number) {
    this.chunks = chunks + MAX_CHUNKS;
    this.u32 = new Uint32Array(this.chunks * CHUNK);
    this.at = new Float64Array(this.u32.buffer);
    this.bytes = new DataView(this.staged.buffer);
    this.lists = [OPEN, OVER].map(() => new RowQueue(this.u32, CHUNK, PREVIOUS, NEXT));
  }

  /** A flow of any length still fits. */
  get room(): boolean {
    return this.freeCount + this.chunks - this.used >= MAX_CHUNKS;
  }

  /**
   * Adds a flow to the end of a list: its `length` bytes, the time of its last segment and the hash of its
   * key. There must be room. Returns its number.
   */
  put(length: number, list: number, at: number, hash: number): number {
    const { staged, u32 } = this;
    const count = (length + 3) >> 2;
    const chunk = this.take();
    let w = chunk * CHUNK;
    this.at[w / 2 + AT] = at;
    u32[w + HASH] = hash;
    u32[w + LIST] = list;
    let to = w + HEADER;
    for (let from = 0; from < count; from++) {
      if (to === w + MORE) {
        const more = this.take();
        u32[to] = more + 1;
        w = more * CHUNK;
        to = w;
      }
      u32[to++] = staged[from]!;
    }
    u32[w + MORE] = 0;
    this.lists[list]!.add(chunk);
    this.size++;
    return chunk;
  }

  /** Reads a flow into `bytes`. */
  read(flow: number): void {
    const { staged, u32 } = this;
    let w = flow * CHUNK;
    let from = w + HEADER;
    for (let to = 0; ; from = w) {
      for (; from < w + MORE; from++) staged[to++] = u32[from]!;
      const more = u32[w + MORE]!;
      if (more === 0) return;
      w = (more - 1) * CHUNK;
    }
  }

  /** Frees a flow's chunks. */
  remove(flow: number): void {
    const { u32 } = this;
    this.lists[this.listOf(flow)]!.remove(flow);
    this.size--;
    for (let chunk = flow; ; ) {
      const more = u32[chunk * CHUNK + MORE]!;
      u32[chunk * CHUNK + MORE] = this.free;
      this.free = chunk + 1;
      this.freeCount++;
      if (more === 0) return;
      chunk = more - 1;
    }
  }

  /** The longest idle flow of a list, or -1. */
  head(list: number): number {
    return this.lists[list]!.head;
  }

  /** Which list a flow is in. */
  listOf(flow: number): number {
    return this.u32[flow * CHUNK + LIST]!;
  }

  /** When a flow had its last segment, microseconds since the epoch. */
  atOf(flow: number): number {
    return this.at[(flow * CHUNK) / 2 + AT]!;
  }

  /** The hash of a flow's key. */
  hashOf(flow: number): number {
    return this.u32[flow * CHUNK + HASH]! | 0;
  }

  private take(): number {
    if (this.free === 0) return this.used++;
    const chunk = this.free - 1;
    this.free = this.u32[chunk * CHUNK + MORE]!;
    this.freeCount--;
    return chunk;
  }
}
