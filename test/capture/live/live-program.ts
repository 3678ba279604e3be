import { setTimeout as sleep } from 'node:timers/promises';
import { readCapture } from '../../../src/capture/files/read.ts';
import { openLive } from '../../../src/capture/live/live.ts';
import type { LiveEnd } from '../../../src/capture/live/live-end.ts';
import { LiveError } from '../../../src/capture/live/live-error.ts';
import type { Losses } from '../../../src/capture/live/live-tcpdump.ts';

// Captures in the network namespace it is run in, and tells the test: DEVICE OPTIONS.

/** A frame as it came out. */
export interface SeenFrame {
  hex: string;
  timeUs: number;
  wireLength: number;
}

export type Received =
  | { kind: 'refused'; problem: string; message: string; advice: string | undefined }
  | { kind: 'open'; pid: number }
  | { kind: 'frames'; count: number }
  | { kind: 'losses'; losses: Losses | null }
  | { kind: 'ended'; end: LiveEnd; linkTypes: number[]; damage: string | null; frames: SeenFrame[] };

/** `frames`: tell when so many have come; `dawdle`: from now on wait so long after each piece of the stream; `leave`: end. */
export type Asked =
  | { kind: 'stop' | 'losses' | 'leave' }
  | { kind: 'frames'; count: number }
  | { kind: 'dawdle'; ms: number };

const tell = (heard: Received) => new Promise((sent) => process.send?.(heard, sent));
const [device = '', options = ''] = process.argv.slice(2);
let wanted = Number.POSITIVE_INFINITY;
let dawdleMs = 0;

try {
  const live = await openLive(device, JSON.parse(options));
  const frames: SeenFrame[] = [];
  const tellFrames = () => {
    if (frames.length < wanted) return;
    wanted = Number.POSITIVE_INFINITY;
    tell({ kind: 'frames', count: frames.length });
  };
  process.on('message', async (asked: Asked) => {
    if (asked.kind === 'stop') await live.stop();
    if (asked.kind === 'losses') tell({ kind: 'losses', losses: (await live.losses(frames.length)) ?? null });
    if (asked.kind === 'leave') process.disconnect?.();
    if (asked.kind === 'dawdle') dawdleMs = asked.ms;
    if (asked.kind === 'frames') {
      wanted = asked.count;
      tellFrames();
    }
  });
  tell({ kind: 'open', pid: live.pid ?? 0 });
  const { linkTypes, damage } = await readCapture(
    '-',
    ({ bytes, start, end, timeUs, wireLength }) => {
      frames.push({ hex: Buffer.from(bytes.subarray(start, end)).toString('hex'), timeUs, wireLength });
      tellFrames();
    },
    { input: live.stream, hold: async () => void (dawdleMs > 0 && (await sleep(dawdleMs))) },
  );
  await tell({ kind: 'ended', end: await live.ended, linkTypes, damage: damage?.message ?? null, frames });
} catch (error) {
  if (!(error instanceof LiveError)) throw error;
  await tell({ kind: 'refused', problem: error.problem, message: error.message, advice: error.advice });
  process.disconnect?.();
}
