import { CLOSE_KINDS, CLOSED_FIRST, STATES } from '../../flow/format/words.ts';
import { HELD_STATES, holdersOf, type LiveView } from './view.ts';

const STANDING = STATES.filter((state) => state !== 'CLOSED');
const CLOSES = CLOSE_KINDS.filter((kind) => kind !== 'open');
/** Holders named of each state. */
const TOP = 3;

/**
 * A view as one line of JSON, without a line end, for whatever is not a terminal. Every line has the same
 * keys in the same order; what did not happen is 0, what is not known null. Times and durations are in
 * microseconds.
 * - `at_us`, `started_us`; `packets`, `segments`, `flows` since the start; `open_flows` now
 * - `client`, `server`: ends in each state now, `{"SYN_SENT":0,...,"LAST_ACK":0}`
 * - `closes`, `closed_first`: since the line before, by kind and by who closed first; `closes_total`,
 *   `closed_first_total`: since the start
 * - `holders`: of CLOSE_WAIT, FIN_WAIT_2 and TIME_WAIT the three largest, `[{"endpoint":"server",
 *   "ip":"10.0.0.7","port":8080,"count":41,"longest_us":12000000}]`; a client's `port` is null
 * - `kernel_drops`, `unread`: packets the kernel dropped, and those it still had when the capture ended, which
 *   nobody took in time (0 until then); `gaps`: TCP segments acknowledged but never seen; `memory_bytes`
 *
 * @param before the view of the line before; undefined for the first
 */
export function liveLine(view: LiveView, before: LiveView | undefined): string {
  const closes = (of: LiveView | undefined) =>
    totals(CLOSES, of?.closes.map(({ kind, count }) => [kind, count]) ?? []);
  const first = (of: LiveView | undefined) =>
    totals(CLOSED_FIRST, of?.closedFirst.map(({ end, count }) => [end, count]) ?? []);
  return JSON.stringify({
    at_us: view.nowUs,
    started_us: view.startedUs,
    packets: view.packets,
    segments: view.segments,
    flows: view.flows,
    open_flows: view.openFlows,
    client: totals(
      STANDING,
      view.states.map(({ state, client }) => [state, client]),
    ),
    server: totals(
      STANDING,
      view.states.map(({ state, server }) => [state, server]),
    ),
    closes: difference(closes(view), closes(before)),
    closed_first: difference(first(view), first(before)),
    closes_total: closes(view),
    closed_first_total: first(view),
    holders: Object.fromEntries(HELD_STATES.map((state) => [state, largest(view, state)])),
    kernel_drops: view.kernelDrops ?? null,
    unread: view.unread ?? null,
    gaps: view.gaps ?? null,
    memory_bytes: view.memoryBytes,
  });
}

type Totals = Record<string, number>;

/** A number for each of the words, in their order. */
function totals(words: readonly string[], counts: readonly (readonly [string, number])[]): Totals {
  const known = new Map(counts);
  return Object.fromEntries(words.map((word) => [word, known.get(word) ?? 0]));
}

function difference(now: Totals, before: Totals): Totals {
  return Object.fromEntries(Object.entries(now).map(([word, count]) => [word, count - (before[word] ?? 0)]));
}

function largest(view: LiveView, state: string) {
  return holdersOf(view, state, 'count')
    .slice(0, TOP)
    .map(({ endpoint, ip, port, count, longestUs }) => ({
      endpoint,
      ip,
      port,
      count,
      longest_us: longestUs,
    }));
}
