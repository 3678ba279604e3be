import { COUNTS_LENGTH, ENTERED, LEFT, type Piece, PieceReader } from '../../record/timeline/timeline.ts';

/** The pieces of a run of the timeline. */
export interface Run {
  /** The piece that an instant falls into: the last that begins at it or before. */
  pieceAt: (us: number) => RunPiece | undefined;
  /** The piece after another; the first one after `undefined`. */
  pieceAfter: (piece: RunPiece | undefined) => RunPiece | undefined;
}

export type RunPiece = Omit<Piece, 'run'> & { id: number };

/** Counts ends by state, at instants none of which is earlier than the one before. */
export class StateCounter {
  readonly #runs: RunCounter[];

  constructor(runs: readonly Run[]) {
    this.#runs = runs.map((run) => new RunCounter(run));
  }

  /** The counts (see COUNTS_LENGTH) at an instant, in microseconds since the epoch: what changes at it has changed. */
  at(us: number): Int32Array {
    const sum = new Int32Array(COUNTS_LENGTH);
    for (const run of this.#runs) {
      const counts = run.at(us);
      for (let i = 0; i < COUNTS_LENGTH; i++) sum[i]! += counts[i]!;
    }
    return sum;
  }
}

class RunCounter {
  readonly #run: Run;
  readonly #counts = new Int32Array(COUNTS_LENGTH);
  #reader: PieceReader | undefined;
  /** The piece after that of the reader; before the first instant it is not known. */
  #next: RunPiece | undefined;
  #begun = false;

  constructor(run: Run) {
    this.#run = run;
  }

  at(us: number): Int32Array {
    if (!this.#begun) {
      this.#begun = true;
      const piece = this.#run.pieceAt(us);
      if (piece === undefined) this.#next = this.#run.pieceAfter(undefined);
      else this.#read(piece);
    }
    this.#take(us);
    while (this.#next !== undefined && this.#next.fromUs <= us) {
      this.#read(this.#next);
      this.#take(us);
    }
    return this.#counts;
  }

  #read(piece: RunPiece): void {
    this.#counts.set(piece.counts);
    this.#reader = new PieceReader(piece);
    this.#next = this.#run.pieceAfter(piece);
  }

  #take(us: number): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    while (reader.nextUs <= us) {
      const code = reader.take();
      const left = LEFT[code]!;
      const entered = ENTERED[code]!;
      if (left >= 0) this.#counts[left]!--;
      if (entered >= 0) this.#counts[entered]!++;
    }
  }
}
