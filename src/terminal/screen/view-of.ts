import { code } from '../../flow/format/word-table.ts';
import { CLIENT, CLOSE_KINDS, CLOSED_FIRST, ENDPOINTS, SERVER, STATES } from '../../flow/format/words.ts';
import { NO_STATE } from '../../flow/rows/live-flows.ts';
import type { Tracker } from '../../flow/tracker.ts';
import { HELD_STATES, type LiveView } from './view.ts';

const HELD = HELD_STATES.map((state) => code(STATES, state));

/** What a live capture is, and what is known of it beside its flows. */
export type LiveFacts = Omit<
  LiveView,
  'flows' | 'openFlows' | 'states' | 'closes' | 'closedFirst' | 'holders' | 'gaps'
>;

/** The view of a live capture's flows as they were last written. */
export function viewOf(tracker: Tracker, facts: LiveFacts): LiveView {
  const live = tracker.live!;
  return {
    ...facts,
    flows: tracker.written + tracker.watched,
    openFlows: tracker.watched,
    gaps: tracker.gaps,
    states: STATES.slice(0, NO_STATE).map((state, code) => ({
      state,
      client: live.counts[CLIENT * NO_STATE + code]!,
      server: live.counts[SERVER * NO_STATE + code]!,
    })),
    closes: CLOSE_KINDS.map((kind, code) => ({ kind, count: live.closes[code]! })),
    closedFirst: CLOSED_FIRST.map((end, code) => ({ end, count: live.closedFirst[code]! })),
    holders: tracker.endpointCounts(HELD).map(({ state, end, ip, port, count, sinceUs }) => ({
      state: STATES[state]!,
      endpoint: ENDPOINTS[end]!,
      ip,
      port,
      count,
      longestUs: Math.max(0, facts.nowUs - sinceUs),
    })),
  };
}
