import { code } from '../../flow/format/word-table.ts';
import {
  CLIENT,
  CLOSE_KINDS,
  ENDPOINTS,
  RESET_KINDS,
  SERVER,
  TIME_WAIT_ENDS,
} from '../../flow/format/words.ts';
import { type FlowNumbers, type FlowPart, SERVER_PORT } from './flow-scan.ts';
import { Samples } from './samples.ts';
import { WordCounter, type WordCounts } from './word-counts.ts';

// What the report finds out about the flows beside what the summary does.

/** Flows that an RST ended, by what it most likely was and by its sender. */
export interface ResetCount {
  kind: (typeof RESET_KINDS)[number];
  client: number;
  server: number;
}

/** How the flows to a server's port closed. */
export interface PortCount {
  port: number;
  flows: number;
  kinds: WordCounts<(typeof CLOSE_KINDS)[number]>;
}

const BY_FIN = ['fin', 'fin-unacked', 'half', 'fin-reset'] as const;

/** How long closes lasted that a FIN began: one that is an RST alone lasts no time. */
export class CloseTimes implements FlowPart {
  readonly columns: readonly string[];
  readonly ended = new Samples();
  /** Those that were not over when the capture ended; of an end whose state is unknown it may have been. */
  readonly notEnded = { count: 0, longestUs: 0 };

  constructor() {
    const codes = BY_FIN.map((kind) => code(CLOSE_KINDS, kind));
    const isByFin = `close_kind IN (${codes.join(', ')})`;
    const isKnown = 'coalesce(client_unknown, server_unknown) IS NULL';
    this.columns = [
      `iif(${isByFin}, close_ended - close_started, NULL)`,
      `iif(${isByFin} AND close_ended IS NULL AND ${isKnown} AND NOT evicted, observed - close_started, NULL)`,
    ];
  }

  add(values: FlowNumbers, at: number): void {
    const ended = values[at]!;
    const soFar = values[at + 1]!;
    if (ended !== null) this.ended.push(ended);
    if (soFar === null) return;
    this.notEnded.count++;
    if (soFar > this.notEnded.longestUs) this.notEnded.longestUs = soFar;
  }
}

/** What ended the TIME_WAITs of both ends. */
export class TimeWaitEnds implements FlowPart {
  readonly columns = ENDPOINTS.map((end) => `${end}_time_wait_ended_by`);
  readonly #ends = new WordCounter(TIME_WAIT_ENDS);

  add(values: FlowNumbers, at: number): void {
    this.#ends.add(values[at]!);
    this.#ends.add(values[at + 1]!);
  }

  counts(): WordCounts<(typeof TIME_WAIT_ENDS)[number]> {
    return this.#ends.counts();
  }
}

/** RSTs that ended flows, by kind and sender. */
export class Resets implements FlowPart {
  readonly columns = ['reset_kind', 'reset_by'];
  readonly #counts = RESET_KINDS.map(() => ENDPOINTS.map(() => 0));

  add(values: FlowNumbers, at: number): void {
    const kind = values[at]!;
    const by = values[at + 1]!;
    if (kind !== null && by !== null) this.#counts[kind]![by]!++;
  }

  /** The most frequent kinds first. */
  counts(): ResetCount[] {
    return RESET_KINDS.map((kind, code) => ({
      kind,
      client: this.#counts[code]![CLIENT]!,
      server: this.#counts[code]![SERVER]!,
    }))
      .filter(({ client, server }) => client + server > 0)
      .sort((a, b) => b.client + b.server - a.client - a.server);
  }
}

/** Close kinds of the flows to each server port. */
export class PortCloses implements FlowPart {
  readonly columns = ['close_kind'];
  readonly #ports = new Map<number, WordCounter<(typeof CLOSE_KINDS)[number]>>();

  add(values: FlowNumbers, at: number): void {
    const port = values[SERVER_PORT]!;
    let kinds = this.#ports.get(port);
    if (kinds === undefined) {
      kinds = new WordCounter(CLOSE_KINDS);
      this.#ports.set(port, kinds);
    }
    kinds.add(values[at]!);
  }

  /** How many ports there are, and the `top` ones by flows. */
  counts(top: number): { count: number; top: PortCount[] } {
    const all = Array.from(this.#ports, ([port, counter]): PortCount => {
      const kinds = counter.counts();
      return { port, flows: kinds.reduce((sum, { count }) => sum + count, 0), kinds };
    });
    all.sort((a, b) => b.flows - a.flows || a.port - b.port);
    return { count: all.length, top: all.slice(0, top) };
  }
}
