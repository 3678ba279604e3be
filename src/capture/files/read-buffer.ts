import { CaptureError } from '../base/error.ts';

/** What is read at once. Measured: 256 KiB to 1 MiB are equally fast, within a twentieth. */
const CAPACITY = 512 * 1024;

/**
 * A stretch of a capture in one reused buffer. The bytes from `start` up to `end` are unread: the
 * source appends at `end`, a parser moves `start` past what it has handed on.
 */
export class ReadBuffer {
  readonly path: string;
  bytes = new Uint8Array(CAPACITY);
  view = new DataView(this.bytes.buffer);
  start = 0;
  end = 0;
  /** Offset in the (decompressed) capture of the buffer's first byte. */
  #base = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** The unread bytes, where they lie. */
  get unread(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** Moves the unread bytes to the front and makes the buffer large enough for `need` of them. */
  reserve(need: number): void {
    const unread = this.unread;
    if (need > this.bytes.length) {
      this.bytes = new Uint8Array(2 ** Math.ceil(Math.log2(need)));
      this.view = new DataView(this.bytes.buffer);
      this.bytes.set(unread);
    } else {
      this.bytes.copyWithin(0, this.start, this.end);
    }
    this.#base += this.start;
    this.start = 0;
    this.end = unread.length;
  }

  /** Appends what fits of `chunk` from `at` on; returns how many bytes that were. */
  append(chunk: Uint8Array, at: number): number {
    const length = Math.min(chunk.length - at, this.bytes.length - this.end);
    this.bytes.set(chunk.subarray(at, at + length), this.end);
    this.end += length;
    return length;
  }

  /** Offset in the capture of the byte at index `at`. */
  offset(at: number): number {
    return this.#base + at;
  }

  /** The error for damage at index `at`. */
  damage(at: number, reason: string): CaptureError {
    return new CaptureError(this.path, this.offset(at), reason);
  }
}
