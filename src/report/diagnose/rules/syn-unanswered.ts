import type { Database } from 'better-sqlite3';
import { CLOSE_KINDS } from '../../../flow/words.ts';
import { endName } from '../../flows/name.ts';
import { type CaseGroup, type Cases, groupCases } from '../cases.ts';
import type { Finding, Quantity } from '../finding.ts';
import type { Literals } from '../literals.ts';
import type { Rule } from '../rule.ts';
import { openingCauses, pairKey } from './opening-causes.ts';
import {
  ENDS,
  hasScanners,
  OF_SERVICES,
  openingValues,
  SCANNERS,
  serviceList,
  UNANSWERED,
} from './openings.ts';
import { type Silence, WORDS } from './syn-unanswered-words.ts';

const ROWS = `SELECT ${ENDS}, last_us AS until_us,
  client_segments AS syns, first_frame AS frame
FROM flows
WHERE ${UNANSWERED}`;
const MEASURES = {
  clients: 'count(DISTINCT client_ip)',
  ports: 'count(DISTINCT server_port)',
  targets: "count(DISTINCT server_ip || ' ' || server_port)",
  syns: 'sum(syns)',
};
const SERVICE = ['server_ip', 'server_port'];
const OTHERS = `${ROWS}\n  AND client_ip NOT IN (${SCANNERS})`;

/** Whose SYNs count together. */
const CASES: Readonly<Record<Silence, Cases>> = {
  dead: casesBy(OTHERS, ['server_ip']),
  dropped: casesBy(OTHERS, SERVICE),
  stopped: casesBy(OTHERS, SERVICE),
  filtered: casesBy(OTHERS, ['client_ip', ...SERVICE]),
  scan: casesBy(`${ROWS}\n  AND client_ip IN (${SCANNERS})`, ['client_ip']),
};

function casesBy(sql: string, by: readonly string[]): Cases {
  return { sql, by, measures: MEASURES, having: 'count >= :several', marks: ['SYN', 'retransmitted SYN'] };
}

/** SYNs that nobody answers: an address, a port, a client for which that is so. Some of many: backlog-overflow. */
export const synUnanswered: Rule = {
  code: 'syn-unanswered',
  title: 'connections that nobody answers',
  looksFor:
    'SYNs without any answer: of an address that is silent altogether, of one port of an address that answers, ' +
    'of one client among others, or of one client that tries many targets.',
  thresholds: ['opening-count', 'late-opening', 'scan-targets'],
  candidates: `close_kind = ${CLOSE_KINDS.indexOf('unanswered')} AND observed >= 1e6 * :late_opening`,
  find(db, context) {
    const { dead, dropped, stopped, filtered } = openingCauses(db, context);
    const values = { ...openingValues(context), several: context.thresholds['opening-count'] };
    const pairs = JSON.stringify(filtered.map(pairKey));
    return [
      ...silences(db, 'dead', { ...values, ips: JSON.stringify(dead) }, `server_ip IN ${listed('ips')}`),
      ...silences(db, 'dropped', { ...values, services: serviceList(dropped) }, OF_SERVICES),
      ...silences(db, 'stopped', { ...values, services: serviceList(stopped) }, OF_SERVICES),
      ...silences(
        db,
        'filtered',
        { ...values, pairs },
        `client_ip || ' ' || server_ip || ' ' || server_port IN ${listed('pairs')}`,
      ),
      ...(hasScanners(db, context) ? silences(db, 'scan', values, '1') : []),
    ];
  },
};

function listed(name: string): string {
  return `(SELECT value FROM json_each(:${name}))`;
}

function silences(db: Database, silence: Silence, values: Literals, among: string): Finding[] {
  if (['[]'].includes(String(values.ips ?? values.services ?? values.pairs))) return [];
  return groupCases(db, CASES[silence], values, among).map((group) => finding(group, silence));
}

function finding(group: CaseGroup, silence: Silence): Finding {
  const { title, cause, remedies, notToDo, confidence, confidenceReason } = WORDS[silence];
  const numbers: Quantity[] = [
    { name: 'connections', value: group.count, kind: 'count' },
    { name: 'SYNs', value: group.number('syns'), kind: 'count' },
    ...(silence === 'scan' || silence === 'dead'
      ? [{ name: 'targets', value: group.number('targets'), kind: 'count' } as const]
      : []),
    ...(silence === 'scan' || silence === 'filtered'
      ? []
      : [{ name: 'clients', value: group.number('clients'), kind: 'count' } as const]),
  ];
  return {
    code: synUnanswered.code,
    title,
    severity: silence === 'scan' ? 'info' : 'warning',
    subject: subjectOf(group, silence),
    count: group.count,
    sinceUs: group.sinceUs,
    untilUs: group.untilUs,
    evidence: group.evidence(numbers),
    cause,
    remedies,
    notToDo,
    confidence,
    confidenceReason,
  };
}

function subjectOf(group: CaseGroup, silence: Silence): string {
  switch (silence) {
    case 'scan':
      return group.text('client_ip');
    case 'dead':
      return group.text('server_ip');
    case 'filtered':
      return `${group.text('client_ip')} -> ${endName(group.text('server_ip'), group.number('server_port'))}`;
    default:
      return endName(group.text('server_ip'), group.number('server_port'));
  }
}
