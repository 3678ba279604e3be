import { firstTimeUs } from './first-time.ts';

/**
 * Puts the files of one capture in order of their first frames: a shell lists `part10` before
 * `part2`. Standard input cannot be looked into and keeps its place, as do files without frames.
 * Throws the CaptureError of a file that cannot be read.
 */
export async function inTimeOrder(paths: readonly string[]): Promise<string[]> {
  if (paths.length < 2) return [...paths];
  const times: number[] = [];
  // One after the other: a rotation may have more files than a process may open.
  for (const path of paths) times.push(await firstTimeUs(path));
  const timed = paths.flatMap((path, i) => (Number.isNaN(times[i]) ? [] : [{ path, time: times[i]! }]));
  timed.sort((a, b) => a.time - b.time);
  let next = 0;
  return paths.map((path, i) => (Number.isNaN(times[i]) ? path : timed[next++]!.path));
}
