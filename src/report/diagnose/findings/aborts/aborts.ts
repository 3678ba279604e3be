import type { Endpoint } from '../../../../flow/format/words.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import { closeKind, resetKind } from '../../frame/codes.ts';
import type { Finding } from '../../frame/finding.ts';
import { type Frequent, frequentPairs } from '../../frame/frequent.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { WORDS } from './abort-advice.ts';
import { ABORTS, GRAVE, measureOf, WAYS, type Way } from './abort-cases.ts';

/** Connections of which neither a refusal nor silence was all. */
const OPENED = `close_kind NOT IN (${closeKind('refused')}, ${closeKind('unanswered')})`;
const KINDS = ['unread-data-or-linger', 'data-after-close', 'injected', 'unknown'] as const;

/** Connections that an end, or somebody between, ends by RST, by what is lost with it. */
export const aborts: Rule = {
  code: 'aborts',
  title: 'connections that are aborted by RST',
  looksFor:
    'RSTs by who sent them and what had gone to and fro: clients that give up waiting, servers that do not read, ' +
    'turn away or cut off, and RSTs that neither end has sent.',
  thresholds: ['abort-count', 'abort-share'],
  candidates:
    `reset_kind IN (${KINDS.map((kind) => resetKind(kind)).join(', ')}) ` +
    `AND close_kind IN (${closeKind('reset')}, ${closeKind('fin-reset')})`,
  several: 'abort-count',
  find: (db, context) =>
    frequentPairs(
      db,
      ABORTS,
      {},
      {
        several: context.thresholds['abort-count'],
        percent: context.thresholds['abort-share'],
        whole: OPENED,
        side: 'reset_by',
        ofServices: 'server',
      },
    ).map((found) => finding(found, context)),
};

function finding({ group, subject, whole, percent }: Frequent, { thresholds }: Context): Finding {
  const endpoint = group.text('reset_by') === 'client' ? 'client' : 'server';
  const way = worstOf(group, endpoint);
  const grave = WAYS.filter((one) => isGrave(one, endpoint)).reduce(
    (all, one) => all + countOf(group, one),
    0,
  );
  const isWarning = grave >= thresholds['abort-count'] && (100 * grave) / whole >= thresholds['abort-share'];
  return {
    code: aborts.code,
    title: WORDS[way].title,
    severity: isWarning ? 'warning' : 'info',
    subject,
    count: group.count,
    sinceUs: group.sinceUs,
    untilUs: group.untilUs,
    evidence: group.evidence({
      aborted: group.count,
      of: whole,
      share_percent: percent,
      ...Object.fromEntries(WAYS.map((one) => [measureOf(one), ifAny(countOf(group, one))])),
      after_by_average_us: group.isNull('usual_us') ? undefined : Math.round(group.number('usual_us')),
      bytes_of_the_peer: group.number('peer_bytes'),
      clients: group.number('clients'),
    }),
    cause: WORDS[way].cause,
    remedies: WORDS[way].remedies,
    notToDo: WORDS[way].notToDo,
    ...confidenceOf(way, countOf(group, way) === group.count),
  };
}

function countOf(group: CaseGroup, way: Way): number {
  return group.number(measureOf(way));
}

/** A request that meets a server which has just closed is lost; a client that closes early wants it so. */
function isGrave(way: Way, endpoint: Endpoint): boolean {
  return GRAVE.has(way) || (way === 'closed' && endpoint === 'server');
}

/** What most of them are; those that are trouble before those that are not. */
function worstOf(group: CaseGroup, endpoint: Endpoint): Way {
  const weight = (way: Way) => countOf(group, way) * (isGrave(way, endpoint) ? 2 : 1);
  return WAYS.reduce((worst, way) => (weight(way) > weight(worst) ? way : worst));
}

function confidenceOf(way: Way, isAll: boolean): Pick<Finding, 'confidence' | 'confidenceReason'> {
  const confidenceReason = isAll ? 'all of them are so' : 'most of them are so';
  switch (way) {
    case 'injected':
      return { confidence: 'likely', confidenceReason: 'the TTL, or the end that goes on, speaks for it' };
    case 'cut':
    case 'after answer':
      return { confidence: 'possible', confidenceReason: 'whether data was unread no packet tells' };
    default:
      return { confidence: 'likely', confidenceReason };
  }
}
