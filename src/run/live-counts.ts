import { newVerdicts, SEGMENT, skippedByReason } from '../decode/verdict.ts';
import { directionsOf, placesOf } from '../flow/judge/capture-kind.ts';
import { type FileSigns, noSigns } from '../flow/table/file-signs.ts';
import type { CaptureRow } from '../record/rows/capture-row.ts';

/** Packets that a live capture lacks: those that the sequence numbers show, and those that the kernel dropped. */
interface Losses {
  missed: number;
  /** Undefined if nobody counts them. */
  dropped: number | undefined;
}

/** How a live capture stands: what is counted over all its databases. */
export interface LiveStanding extends Losses {
  /** The source of the packets, as `captures.path` shows it. */
  path: string;
  /** Number of the latest frame. */
  lastFrame: number;
  lastUs: number;
  /** Whether segments of some kinds seem to be left out. */
  filtered: number;
  /** What the segments show besides, of all databases together. */
  signs: FileSigns;
}

/** The packets that belong to one database of a live capture. */
export class LiveCounts {
  readonly #verdicts = newVerdicts();
  #firstUs: number;
  readonly #before: Losses;

  readonly #signs: FileSigns;

  /** Counts begin at `firstUs`, infinity for the first packet's time, where `before` was lost already and `signs` were there. */
  constructor(
    firstUs = Number.POSITIVE_INFINITY,
    before: Losses = { missed: 0, dropped: 0 },
    signs: FileSigns = noSigns(),
  ) {
    this.#signs = { ...signs };
    this.#firstUs = firstUs;
    this.#before = before;
  }

  /** One packet more. */
  frame(verdict: number, timeUs: number): void {
    this.#verdicts[verdict]!++;
    this.#firstUs = Math.min(this.#firstUs, timeUs);
  }

  /** The row of the capture in this database. */
  row({ path, lastFrame, lastUs, missed, dropped, filtered, signs }: LiveStanding): CaptureRow {
    const isTimed = Number.isFinite(this.#firstUs);
    const before = this.#before;
    return {
      path,
      format: 'pcap',
      linkTypes: [],
      frames: this.#verdicts.reduce((sum, count) => sum + count, 0),
      lastFrame,
      firstUs: isTimed ? this.#firstUs : Number.NaN,
      lastUs: isTimed ? lastUs : Number.NaN,
      damage: null,
      tcpSegments: this.#verdicts[SEGMENT]!,
      skipped: skippedByReason(this.#verdicts),
      frameBase: 0,
      quality: {
        missed: missed - before.missed,
        filtered,
        directions: directionsOf(signs),
        places: placesOf({ ...signs, copies: signs.copies - this.#signs.copies }, this.#verdicts[SEGMENT]!),
        clockJumps: signs.clockJumps - this.#signs.clockJumps,
        dropped: dropped === undefined ? undefined : Math.max(0, dropped - (before.dropped ?? 0)),
      },
    };
  }
}
