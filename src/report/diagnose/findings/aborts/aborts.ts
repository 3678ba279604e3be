import type { Database } from 'better-sqlite3';
import { timedOut } from '../../family/forgotten/timed-out.ts';
import { answering } from '../../family/gave-up/gave-up.ts';
import { untranslated } from '../../family/untranslated/untranslated.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import { closeKind, resetKind } from '../../frame/codes.ts';
import { type Certainty, type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import { areSeveral, type Frequent, frequentPairs, shareNumbers } from '../../frame/frequent.ts';
import { ifAny, type OptionalNumbers } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { spreadOf } from '../../frame/spread.ts';
import { serviceList, serviceOf } from '../../frame/subjects.ts';
import { ADVICE } from './abort-advice.ts';
import { ABORT_KINDS, ABORTS, type AbortKind, HARMFUL, measureOf } from './abort-cases.ts';
import { halfCloses, MAY_BE_HALF_CLOSED } from './half-closes.ts';
import { halfOpenScans, MAY_BE_SCANNED } from './half-open-scans.ts';

/** Connections that were neither refused nor left without an answer. */
const OPENED = `close_kind NOT IN (${closeKind('refused')}, ${closeKind('unanswered')})`;
const RESET_KINDS = ['unread-data-or-linger', 'data-after-close', 'injected', 'unknown'] as const;
const ABORTED =
  `reset_kind IN (${RESET_KINDS.map((kind) => resetKind(kind)).join(', ')}) ` +
  `AND close_kind IN (${closeKind('reset')}, ${closeKind('fin-reset')})`;

/** Connections that an end, or a box on the way, ends by RST, by what is lost with it. */
export const aborts: Rule = {
  code: 'aborts',
  title: 'connections that are aborted by RST',
  looksFor:
    'RSTs by who sent them and what had gone to and fro: clients that give up waiting, servers that do not read, ' +
    'turn away or cut off, and RSTs that neither end has sent; half-open scans; and requests with a FIN right ' +
    'behind them that get no answer.',
  thresholds: ['abort-count', 'abort-share'],
  candidates: `${ABORTED} OR ${MAY_BE_HALF_CLOSED} OR ${MAY_BE_SCANNED}`,
  several: 'abort-count',
  find(db, context) {
    const several = context.thresholds['abort-count'];
    return [
      ...(areSeveral(db, ABORTED, several) ? abortsByRst(db, context) : []),
      ...(areSeveral(db, MAY_BE_HALF_CLOSED, several) ? halfCloses(db, context) : []),
      ...(areSeveral(db, MAY_BE_SCANNED, several) ? halfOpenScans(db, context) : []),
    ];
  },
};

function abortsByRst(db: Database, context: Context): Conclusion[] {
  const measure = {
    several: context.thresholds['abort-count'],
    percent: context.thresholds['abort-share'],
    whole: OPENED,
    side: 'side',
    ofServices: 'server',
  } as const;
  const values = {
    untranslated: JSON.stringify(
      context
        .once(untranslated)
        .filter(({ isSeveral }) => isSeveral)
        .flatMap(({ ids }) => ids),
    ),
    answering: serviceList(context.once(answering)),
    timers: serviceList(context.once(timedOut).map(({ group }) => serviceOf(group))),
  };
  return frequentPairs(db, ABORTS, values, measure).map((frequent) => conclude(frequent, context));
}

function conclude(frequent: Frequent, { thresholds }: Context): Conclusion {
  const { group, subject, whole } = frequent;
  const kind = worstOf(group);
  const harmful = [...HARMFUL].reduce((all, one) => all + countOf(group, one), 0);
  const isFrequent = harmful >= thresholds['abort-count'];
  const isWarning = isFrequent && (100 * harmful) / whole >= thresholds['abort-share'];
  return {
    group,
    severity: isWarning ? 'warning' : 'info',
    subject,
    numbers: {
      aborted: group.count,
      ...shareNumbers(frequent),
      ...Object.fromEntries(ABORT_KINDS.map((one) => [measureOf(one), ifAny(countOf(group, one))])),
      after_by_average_us: group.isNull('usual_us') ? undefined : Math.round(group.number('usual_us')),
      ...idleNumbers(group),
      bytes_of_the_peer: group.number('peer_bytes'),
      clients: group.number('clients'),
    },
    advice: ADVICE[kind],
    certainty: certaintyOf(kind, countOf(group, kind) === group.count),
  };
}

/** How long those were idle that ended so. */
function idleNumbers(group: CaseGroup): OptionalNumbers {
  const idles = JSON.parse(group.text('idles') || '[]') as number[];
  if (idles.length === 0) return {};
  const { shortestUs, medianUs, longestUs } = spreadOf(idles);
  return { shortest_idle_us: shortestUs, median_idle_us: medianUs, longest_idle_us: longestUs };
}

function countOf(group: CaseGroup, kind: AbortKind): number {
  return group.number(measureOf(kind));
}

/** What most of them are; harmful ones before the others. */
function worstOf(group: CaseGroup): AbortKind {
  const weight = (kind: AbortKind) => countOf(group, kind) * (HARMFUL.has(kind) ? 2 : 1);
  return ABORT_KINDS.reduce((worst, kind) => (weight(kind) > weight(worst) ? kind : worst));
}

function certaintyOf(kind: AbortKind, isAll: boolean): Certainty {
  switch (kind) {
    case 'injected':
      return likely('the TTL, or the end that goes on, speaks for it');
    case 'cut':
    case 'idle':
    case 'after answer':
      return possible('whether data was unread no packet tells');
    default:
      return likely(isAll ? 'all of them are so' : 'most of them are so');
  }
}
