import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveChild } from './live-child.ts';

/** What the kernel has counted for a capture since it began, in packets that pass the filter. */
export interface KernelDrops {
  received: number;
  /** Of these, lost because there was no room. */
  dropped: number;
}

interface TcpdumpCounts extends KernelDrops {
  /** Written to the stream. */
  captured: number;
}

/** KiB of the kernel's ring; at the usual snap length some 300 000 frames. */
const RING_KIB = 65_536;
/** The most that frames in the ring are waited for, and an answer. */
const DRAIN_MS = 3000;
const ANSWER_MS = 1000;

/**
 * tcpdump's words for a capture to its standard output. By default frames reach it up to a second
 * late; in immediate mode at once, and as its ring's slots are of the snap length, it holds as many.
 * `user` is who it shall be once the capture is open.
 */
export function tcpdumpWords(
  device: string,
  filter: string,
  snapLength: number,
  user: string | undefined,
): string[] {
  return [
    ...['-i', device, '-n', '-s', `${snapLength}`, '-B', `${RING_KIB}`, '--immediate-mode'],
    ...(user === undefined ? [] : ['-Z', user]),
    ...['-U', '-w', '-', '--', ...(filter === '' ? [] : [filter])],
  ];
}

/** Resolves when it captures; with false when it ends before. */
export async function tcpdumpBegins(child: LiveChild): Promise<boolean> {
  return (await child.begins()) && (await child.hears((said) => said.includes('listening on ')));
}

/** What it counts now; undefined where it gives no answer. */
export async function tcpdumpCounts(child: LiveChild): Promise<TcpdumpCounts | undefined> {
  child.forget();
  let counts: TcpdumpCounts | undefined;
  const answered = child.hears((said) => {
    counts ??= lastCounts(said);
    return counts !== undefined;
  });
  child.kill('SIGUSR1');
  await Promise.race([answered, sleep(ANSWER_MS, undefined, { ref: false })]);
  return counts;
}

/** Ends it when it has written all that had arrived before, which its end alone would throw away. */
export async function stopTcpdump(child: LiveChild): Promise<void> {
  const deadline = performance.now() + DRAIN_MS;
  const atStop = await tcpdumpCounts(child);
  let now = atStop;
  while (atStop && now && now.captured < atStop.received - now.dropped && performance.now() < deadline) {
    await sleep(10);
    now = await tcpdumpCounts(child);
  }
  child.kill('SIGTERM');
}

/** The last counts in what it said: SIGUSR1 has it say them in a line, its end in three. */
export function lastCounts(said: string): TcpdumpCounts | undefined {
  const counts =
    /(\d+) packets? captured,?\s+(\d+) packets? received by filter,?\s+(\d+) packets? dropped by kernel/g;
  const last = [...said.matchAll(counts)].at(-1);
  if (last === undefined) return undefined;
  return { captured: Number(last[1]), received: Number(last[2]), dropped: Number(last[3]) };
}
