/** What a run took: milliseconds from start to end, milliseconds of processor time, bytes of memory at most. */
export interface Sample {
  ms: number;
  /** Null where only the time is known. */
  cpuMs: number | null;
  peak: number | null;
}

/** Something that is run again and again. */
export interface Program {
  name: string;
  /** Takes so long that it may be run less often, and need not be warmed up. */
  slow?: boolean;
  run(): Promise<Sample>;
}

/** A program and its runs. */
export interface Series {
  name: string;
  /** By round; a slow program has fewer. */
  samples: Sample[];
  /** Why it could not be run. */
  failure: string | undefined;
}

/** How often programs are run. */
export interface Rounds {
  runs: number;
  slowRuns: number;
}

/**
 * Runs all programs once to warm up, then in rounds: each once in a round, and each round begins with
 * another one. One that fails is not run again.
 */
export async function runRounds(
  programs: readonly Program[],
  { runs, slowRuns }: Rounds,
  onRound: (round: number) => void = () => {},
): Promise<Series[]> {
  const series = programs.map(({ name }): Series => ({ name, samples: [], failure: undefined }));
  for (let round = -1; round < runs; round++) {
    onRound(round);
    for (let i = 0; i < programs.length; i++) {
      const turn = (i + Math.max(round, 0)) % programs.length;
      const { run, slow = false } = programs[turn]!;
      const one = series[turn]!;
      if (one.failure !== undefined || (slow && (round < 0 || round >= slowRuns))) continue;
      try {
        const sample = await run();
        if (round >= 0) one.samples.push(sample);
      } catch (error) {
        one.failure = (error as Error).message;
      }
    }
  }
  return series;
}

/** The middle one of some numbers; the mean of the two in the middle. NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** How many times as long one took as the other, round by round: the median. NaN where they share no round. */
export function ratio(one: Series, other: Series): number {
  const shared = Math.min(one.samples.length, other.samples.length);
  return median(one.samples.slice(0, shared).map(({ ms }, round) => ms / other.samples[round]!.ms));
}
