import { statSync } from 'node:fs';
import { readCapture } from './read.ts';

/**
 * The capture time of a file's first frame, to put rotated files in order; NaN if there is no
 * frame, and where looking would take bytes away: standard input, a pipe.
 * @throws CaptureError where nothing can be read
 */
export async function firstTimeUs(path: string): Promise<number> {
  if (path === '-' || statSync(path, { throwIfNoEntry: false })?.isFile() === false) return Number.NaN;
  const found = new AbortController();
  let first = Number.NaN;
  try {
    await readCapture(
      path,
      (frame) => {
        if (found.signal.aborted) return;
        first = frame.timeUs;
        found.abort();
      },
      { signal: found.signal },
    );
  } catch (error) {
    if (!found.signal.aborted) throw error;
  }
  return first;
}
