import type { ReadBuffer } from './read-buffer.ts';

/** Turns the bytes of one format into frames. It sees a capture once, from front to back. */
export interface Parser {
  /** `CaptureSummary.format`, without compression. */
  readonly format: string;
  /** The header was sound: from here on damage ends the capture, before it there is none. */
  readonly begun: boolean;
  /** How many bytes the next step takes from the buffer's `start` on, and what they are. */
  readonly need: number;
  readonly awaited: string;
  /**
   * Hands on every frame that is whole in the buffer and moves the buffer's `start` past them.
   * Throws a CaptureError at the first damage, when all frames before it were handed on.
   */
  parse(buffer: ReadBuffer): void;
}
