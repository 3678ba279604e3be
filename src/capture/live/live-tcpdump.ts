import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveChild } from './live-child.ts';

/** What a capture has lost since it began, in packets that pass the filter. */
export interface Losses {
  /** Dropped by the kernel, which had no room. */
  dropped: number;
  /** Those that the kernel still had when the capture ended, because nobody took them in time; undefined if unknown. */
  unread: number | undefined;
  /** The kernel counts what loops back twice, going out and coming in: `dropped` is the most that it can be. */
  countedTwice: boolean;
}

/** What tcpdump counts. */
export interface TcpdumpCounts {
  /** Written to the stream. */
  captured: number;
  received: number;
  dropped: number;
}

/** Enough for Ethernet with a tag, IPv6 and TCP with all options, or SLL2 and the same. */
export const SNAP_LENGTH = 128;
/** KiB of the kernel's ring; at the usual snap length some 300 000 frames. */
export const RING_KIB = 65_536;
/** The most that frames in the ring are waited for, and an answer. */
const DRAIN_MS = 3000;
const ANSWER_MS = 1000;
/** So many answers without a packet taken in between, some hundredths of a second apart: there is none. */
const IDLE_ANSWERS = 5;

/**
 * tcpdump's arguments for a capture to its standard output. By default frames reach it up to a second
 * late; in immediate mode at once, and as its ring's slots are of the snap length, it holds as many.
 * `user` is who it shall be once the capture is open.
 */
export function tcpdumpArgs(
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
  return (await child.begins()) && (await child.waitForStderr((stderr) => stderr.includes('listening on ')));
}

/** What it counts now; undefined if it gives no answer. */
export async function tcpdumpCounts(child: LiveChild): Promise<TcpdumpCounts | undefined> {
  const before = child.stderrLength;
  let counts: TcpdumpCounts | undefined;
  const answered = child.waitForStderr(() => {
    counts ??= lastCounts(child.stderrSince(before));
    return counts !== undefined;
  });
  child.kill('SIGUSR1');
  await Promise.race([answered, sleep(ANSWER_MS, undefined, { ref: false })]);
  return counts;
}

/** How a capture by tcpdump was when it was to end. */
export interface TcpdumpStop {
  /** What it had counted, if it reported that. */
  counts: TcpdumpCounts | undefined;
  /** It had written all that had arrived before. */
  isDrained: boolean;
}

/** Ends it when it has written all that had arrived before, which its end alone would throw away. */
export async function stopTcpdump(child: LiveChild): Promise<TcpdumpStop> {
  const deadline = performance.now() + DRAIN_MS;
  const counts = await tcpdumpCounts(child);
  let isDrained = false;
  let now = counts;
  for (let idle = 0; counts !== undefined && now !== undefined && performance.now() < deadline; ) {
    // Not all that the kernel counts is for tcpdump: see countsTwice. One that answers and takes nothing has taken all.
    isDrained = now.captured >= counts.received - now.dropped || idle >= IDLE_ANSWERS;
    if (isDrained) break;
    await sleep(10);
    const before = now.captured;
    now = await tcpdumpCounts(child);
    idle = now?.captured === before ? idle + 1 : 0;
  }
  child.kill('SIGTERM');
  return { counts, isDrained };
}

/** Whether the kernel counts packets of a device twice of which libpcap takes one: those that loop back. */
export function countsTwice(device: string): boolean {
  return device === 'lo' || device === 'any';
}

/** What was lost of a capture of which `read` packets came out, by what it counted at its end. */
export function lossesOf(
  device: string,
  atEnd: TcpdumpCounts,
  { read, stop }: { read: number; stop: TcpdumpStop | undefined },
): Losses {
  const { dropped } = atEnd;
  const countedTwice = countsTwice(device);
  if (stop?.isDrained) return { dropped, unread: 0, countedTwice };
  // What came after it was to end is no loss.
  const due = stop?.counts ?? atEnd;
  const unread = Math.max(0, due.received - due.dropped - read);
  return { dropped, unread: countedTwice && unread > 0 ? undefined : unread, countedTwice };
}

/** The last counts that it reported: one line on SIGUSR1, three at its end. */
export function lastCounts(stderr: string): TcpdumpCounts | undefined {
  const counts =
    /(\d+) packets? captured,?\s+(\d+) packets? received by filter,?\s+(\d+) packets? dropped by kernel/g;
  const last = [...stderr.matchAll(counts)].at(-1);
  if (last === undefined) return undefined;
  return { captured: Number(last[1]), received: Number(last[2]), dropped: Number(last[3]) };
}
