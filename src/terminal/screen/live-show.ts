import type { Losses } from '../../capture/live/live-tcpdump.ts';
import type { Live } from '../../run/live.ts';
import type { Source } from '../../run/live-source.ts';
import { printError } from '../base/exit.ts';
import { isTerminal, print, styleFor } from '../base/output.ts';
import { liveLine } from './line.ts';
import type { Screen } from './screen.ts';
import type { LiveView } from './view.ts';
import { viewOf } from './view-of.ts';

const PICTURE_MS = 500;
const LINE_MS = 1000;

/** A capture that is shown. */
export interface LiveShow {
  /** Says something beside it, on standard error or, on a terminal, above the picture. */
  say: (message: string) => void;
  /** Shows it once more, and no more after that. */
  end: () => void;
}

/**
 * Shows how a capture is doing, on a terminal in place, else by lines of JSON. The user at the
 * terminal may `stop` it.
 */
export async function showLive(
  name: string,
  source: Source,
  capture: Live,
  { losses, stop }: { losses: () => Losses | undefined; stop: () => void },
): Promise<LiveShow> {
  const startedAt = performance.now();
  const view = (): LiveView => {
    const nowUs = capture.nowUs || Date.now() * 1000;
    return viewOf(capture.tracker, {
      source: name,
      via: source.via,
      database: capture.database,
      nowUs,
      startedUs: nowUs - Math.round((performance.now() - startedAt) * 1000),
      packets: capture.frames,
      segments: capture.segments,
      kernelDrops: losses()?.dropped,
      unread: losses()?.unread,
      memoryBytes: process.memoryUsage.rss(),
    });
  };
  const screen = isTerminal(process.stdout) ? await newScreen(name, stop) : undefined;
  let before: LiveView | undefined;
  let isPrinting = false;
  const showNow = () => {
    const now = view();
    if (screen !== undefined) screen.draw(now);
    else if (!isPrinting) {
      // A slow reader gets fewer lines, and does not hold up the capture or its end.
      isPrinting = true;
      void print([`${liveLine(now, before)}\n`]).then(() => {
        isPrinting = false;
      });
    } else return;
    before = now;
  };
  const timer = setInterval(showNow, screen === undefined ? LINE_MS : PICTURE_MS);
  let isOver = false;
  return {
    say: (message) => {
      if (screen === undefined || isOver) printError(message);
      else screen.say(`finwait: ${message}`);
    },
    end: () => {
      if (isOver) return;
      isOver = true;
      clearInterval(timer);
      showNow();
      screen?.end();
    },
  };
}

async function newScreen(name: string, stop: () => void): Promise<Screen> {
  const { Screen } = await import('./screen.ts');
  return new Screen({
    output: process.stdout,
    input: name === '-' || !process.stdin.isTTY ? undefined : process.stdin,
    onQuit: stop,
    style: styleFor(process.stdout),
  });
}
