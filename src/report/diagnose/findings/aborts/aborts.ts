import type { Endpoint } from '../../../../flow/format/words.ts';
import { timedOut } from '../../family/forgotten/timed-out.ts';
import { untranslated } from '../../family/untranslated/untranslated.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import { closeKind, resetKind } from '../../frame/codes.ts';
import { type Certainty, type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import { type Frequent, frequentPairs, shareNumbers } from '../../frame/frequent.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { serviceList, serviceOf } from '../../frame/subjects.ts';
import { ADVICE } from './abort-advice.ts';
import { ABORT_KINDS, ABORTS, type AbortKind, HARMFUL, measureOf } from './abort-cases.ts';

/** Connections that were neither refused nor left without an answer. */
const OPENED = `close_kind NOT IN (${closeKind('refused')}, ${closeKind('unanswered')})`;
const RESET_KINDS = ['unread-data-or-linger', 'data-after-close', 'injected', 'unknown'] as const;

/** Connections that an end, or a box on the way, ends by RST, by what is lost with it. */
export const aborts: Rule = {
  code: 'aborts',
  title: 'connections that are aborted by RST',
  looksFor:
    'RSTs by who sent them and what had gone to and fro: clients that give up waiting, servers that do not read, ' +
    'turn away or cut off, and RSTs that neither end has sent.',
  thresholds: ['abort-count', 'abort-share'],
  candidates:
    `reset_kind IN (${RESET_KINDS.map((kind) => resetKind(kind)).join(', ')}) ` +
    `AND close_kind IN (${closeKind('reset')}, ${closeKind('fin-reset')})`,
  several: 'abort-count',
  find: (db, context) =>
    frequentPairs(
      db,
      ABORTS,
      {
        untranslated: JSON.stringify(
          context
            .once(untranslated)
            .filter(({ isSeveral }) => isSeveral)
            .flatMap(({ ids }) => ids),
        ),
        timers: serviceList(context.once(timedOut).map(({ group }) => serviceOf(group))),
      },
      {
        several: context.thresholds['abort-count'],
        percent: context.thresholds['abort-share'],
        whole: OPENED,
        side: 'reset_by',
        ofServices: 'server',
      },
    ).map((frequent) => conclude(frequent, context)),
};

function conclude(frequent: Frequent, { thresholds }: Context): Conclusion {
  const { group, subject, whole } = frequent;
  const endpoint = group.text('reset_by') === 'client' ? 'client' : 'server';
  const kind = worstOf(group, endpoint);
  const harmful = ABORT_KINDS.filter((one) => isHarmful(one, endpoint)).reduce(
    (all, one) => all + countOf(group, one),
    0,
  );
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
      bytes_of_the_peer: group.number('peer_bytes'),
      clients: group.number('clients'),
    },
    advice: ADVICE[kind],
    certainty: certaintyOf(kind, countOf(group, kind) === group.count),
  };
}

function countOf(group: CaseGroup, kind: AbortKind): number {
  return group.number(measureOf(kind));
}

/** A request that meets a server which has just closed is lost; a client that closes early wants it so. */
function isHarmful(kind: AbortKind, endpoint: Endpoint): boolean {
  return HARMFUL.has(kind) || (kind === 'closed' && endpoint === 'server');
}

/** What most of them are; harmful ones before the others. */
function worstOf(group: CaseGroup, endpoint: Endpoint): AbortKind {
  const weight = (kind: AbortKind) => countOf(group, kind) * (isHarmful(kind, endpoint) ? 2 : 1);
  return ABORT_KINDS.reduce((worst, kind) => (weight(kind) > weight(worst) ? kind : worst));
}

function certaintyOf(kind: AbortKind, isAll: boolean): Certainty {
  switch (kind) {
    case 'injected':
      return likely('the TTL, or the end that goes on, speaks for it');
    case 'cut':
    case 'after answer':
      return possible('whether data was unread no packet tells');
    default:
      return likely(isAll ? 'all of them are so' : 'most of them are so');
  }
}
