import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveChild } from './live-child.ts';

/** What a capture has lost since it began, in packets that pass the filter. */
export interface Losses {
  /** All that came. */
  received: number;
  /** Of these, dropped by the kernel, which had no room. */
  dropped: number;
  /** And those that the kernel still had when the capture ended, because nobody took them in time. */
  unread: number;
}

/** What tcpdump counts. */
export interface TcpdumpCounts {
  /** Written to the stream. */
  captured: number;
  received: number;
  dropped: number;
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
  const before = child.saidLength;
  let counts: TcpdumpCounts | undefined;
  const answered = child.hears(() => {
    counts ??= lastCounts(child.saidSince(before));
    return counts !== undefined;
  });
  child.kill('SIGUSR1');
  await Promise.race([answered, sleep(ANSWER_MS, undefined, { ref: false })]);
  return counts;
}

/**
 * Ends it when it has written all that had arrived before, which its end alone would throw away. Resolves with
 * what it had counted when it was to end, where it said that.
 */
export async function stopTcpdump(child: LiveChild): Promise<TcpdumpCounts | undefined> {
  const deadline = performance.now() + DRAIN_MS;
  const atStop = await tcpdumpCounts(child);
  let now = atStop;
  while (atStop && now && now.captured < atStop.received - now.dropped && performance.now() < deadline) {
    await sleep(10);
    now = await tcpdumpCounts(child);
  }
  child.kill('SIGTERM');
  return atStop;
}

/**
 * What was lost of a capture of which `read` packets came out, by what it counted at its end; what came after
 * it was to end is no loss.
 */
export function lossesOf(atEnd: TcpdumpCounts, read: number, atStop = atEnd): Losses {
  const { received, dropped } = atEnd;
  return { received, dropped, unread: Math.max(0, atStop.received - atStop.dropped - read) };
}

/** The last counts in what it said: SIGUSR1 has it say them in a line, its end in three. */
export function lastCounts(said: string): TcpdumpCounts | undefined {
  const counts =
    /(\d+) packets? captured,?\s+(\d+) packets? received by filter,?\s+(\d+) packets? dropped by kernel/g;
  const last = [...said.matchAll(counts)].at(-1);
  if (last === undefined) return undefined;
  return { captured: Number(last[1]), received: Number(last[2]), dropped: Number(last[3]) };
}
