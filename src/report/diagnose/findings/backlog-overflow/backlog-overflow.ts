import { count } from '../../../units.ts';
import { isByTimestamps } from '../../family/openings/backward-timestamps.ts';
import { clientsSpeakFirst } from '../../family/openings/clients-speak-first.ts';
import { lateOpenings } from '../../family/openings/late-openings.ts';
import { openedTimes } from '../../family/openings/opened-times.ts';
import { openingCauses } from '../../family/openings/opening-causes.ts';
import { ENDS, notOfScanners, openingValues, SLOW, SLOW_STORED } from '../../family/openings/openings.ts';
import { readPeak } from '../../frame/aggregates/standing-peak.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { type Advice, type Certainty, type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import {
  OF_SERVICES,
  SERVICE,
  serviceKey,
  serviceList,
  serviceOf,
  serviceSubject,
} from '../../frame/subjects.ts';

const casesOf = (rest: string): Cases => ({
  sql: `SELECT ${ENDS},
  CASE
    WHEN close_kind = 'unanswered' THEN last_us
    WHEN close_kind = 'reset' AND server_segments = server_rsts + 1 THEN close_started_us
    WHEN opened_us - first_us >= :late_us THEN opened_us
    -- Sent again after 0.2 s, 0.4 s, 0.8 s ...
    ELSE min(last_us, opened_us + 200000 * ((1 << min(client_retransmissions, 10)) - 1))
  END AS until_us,
  CASE
    WHEN close_kind = 'unanswered' THEN 'SYN'
    WHEN close_kind = 'reset' AND server_segments = server_rsts + 1 THEN 'ACK, refused'
    WHEN opened_us - first_us < :late_us THEN 'request'
    WHEN server_retransmissions > 0 THEN 'ACK'
    ELSE 'SYN'
  END AS dropped,
  opened_us, client_retransmissions, server_retransmissions, zeek_history, first_frame AS frame
FROM flows
WHERE ${SLOW}${rest}`,
  by: SERVICE,
  measures: {
    peak: 'standing_peak(since_us, until_us)',
    syns: "sum(dropped = 'SYN')",
    acks: "sum(dropped = 'ACK')",
    // The client was acknowledged, and had nothing to send that could be ignored.
    mute: "sum(dropped = 'ACK' AND client_retransmissions = 0 AND zeek_history GLOB '*hA*' AND zeek_history NOT GLOB '*hA[dh]*')",
    requests: "sum(dropped = 'request')",
    refused: "sum(dropped = 'ACK, refused')",
    unanswered: 'sum(opened_us IS NULL)',
    longest_us: 'max(until_us - since_us)',
    clients: 'count(DISTINCT client_ip)',
  },
  having: 'count >= :several',
  weight: 'until_us - since_us',
  marks: ['SYN', 'retransmitted SYN', 'SYN-ACK', 'retransmitted SYN-ACK', 'RST'],
});

const REMEDIES: readonly string[] = [
  'See it on the host: nstat -az TcpExtListenOverflows TcpExtListenDrops count it; ss -ltn shows the queue (Recv-Q) ' +
    'and its limit (Send-Q) of each listener.',
  'Find what keeps the program from accept(): a stack dump while it happens; garbage collection, a lock, workers that ' +
    'are all busy, one thread that accepts and works.',
  'For bursts: a longer backlog, in the program (listen(fd, n)) and net.core.somaxconn alike, for the smaller one holds ' +
    'from the next listen() on; with tcp_syncookies = 0 also net.ipv4.tcp_max_syn_backlog. More listeners with SO_REUSEPORT.',
  'Fewer connections: keep-alive and pools in the clients.',
];
const NOT_TO_DO: readonly string[] = [
  'A longer backlog for a program that is too slow on the average: it fills up as well, and clients wait for longer.',
  'net.ipv4.tcp_abort_on_overflow = 1: clients get RST instead of a second try, for a burst that would have passed.',
  'net.ipv4.tcp_syncookies has to do with floods of SYNs; a full accept queue stays full with them.',
];

const DEFERRED: Advice = {
  title: 'connections that send nothing get their SYN-ACK again: deferred accept',
  cause:
    'The last ACK of the handshake came, and the SYN-ACK was sent again after a second; the client had sent nothing. Those that ' +
    'send their request at once are served at once. That is what TCP_DEFER_ACCEPT does (nginx: listen ... deferred, Apache: ' +
    'AcceptFilter, on FreeBSD accf_data): the program sees a connection only when data is there. The queue is not full.',
  remedies: [
    'Nothing, if those that connect without a word are probes, or browsers that connect in advance.',
    'If they wait for the server to speak first, take deferred accept off this port.',
  ],
  notToDo: ['A longer backlog, or more workers: nothing waits for them here.'],
};

/** The kernel drops what opens connections, because the program does not accept those that wait. */
export const backlogOverflow: Rule = {
  code: 'backlog-overflow',
  title: 'a listener whose queue is full: connections open late or not at all',
  looksFor:
    'SYNs without answer or sent again, SYN-ACKs sent again because the ACK was ignored, first requests sent ' +
    'again and again, while the same service opens other connections at once.',
  thresholds: ['opening-count', 'opening-share', 'late-opening'],
  candidates: SLOW_STORED,
  several: 'opening-count',
  find(db, context) {
    const oneByOne = new Set(
      context
        .once(lateOpenings)
        .filter(({ isFullQueue }) => !isFullQueue)
        .map(serviceKey),
    );
    const overrun = context
      .once(openingCauses)
      .overrun.filter((one) => !isByTimestamps(one, context) && !oneByOne.has(serviceKey(one)));
    if (overrun.length === 0) return [];
    const several = context.thresholds['opening-count'];
    const values = { ...openingValues(context), several, services: serviceList(overrun) };
    return groupCases(db, casesOf(notOfScanners(context)), values, OF_SERVICES)
      .filter((group) => readPeak(group.text('peak')).atOnce >= several)
      .flatMap((group) =>
        isOfMute(group) && context.once(clientsSpeakFirst).has(serviceKey(serviceOf(group)))
          ? [deferred(group)]
          : overflow(group, context),
      );
  },
};

/** Nearly all, for a capture may lack some segments; and no request that was ignored, no ACK that was refused. */
function isOfMute(group: CaseGroup): boolean {
  return (
    group.number('mute') >= 0.8 * group.count && group.number('requests') + group.number('refused') === 0
  );
}

/** TCP_DEFER_ACCEPT: the ACK is not enough, data has to come; connections whose clients send at once open at once. */
function deferred(group: CaseGroup): Conclusion {
  return {
    group,
    severity: 'info',
    subject: serviceSubject(group),
    numbers: { mute: group.count, longest_us: group.number('longest_us'), clients: group.number('clients') },
    advice: DEFERRED,
    certainty: likely(
      'only clients that send nothing get their SYN-ACK again; those that send at once are served at once',
    ),
  };
}

function overflow(group: CaseGroup, { thresholds, once }: Context): Conclusion[] {
  const { atOnce, atUs } = readPeak(group.text('peak'));
  const { opened = 0, lossy = 0 } =
    once(openedTimes)
      .get(serviceKey(serviceOf(group)))
      ?.near(atUs) ?? {};
  const percent = (100 * atOnce) / (atOnce + opened);
  if (percent < thresholds['opening-share']) return [];
  // A path that loses handshakes loses data as well.
  const isLoss = opened > 0 && lossy / opened >= percent / 200;
  return [
    {
      group,
      severity: isLoss ? 'info' : 'warning',
      subject: serviceSubject(group),
      numbers: {
        SYNs_dropped: ifAny(group.number('syns')),
        last_ACKs_ignored: ifAny(group.number('acks')),
        first_requests_ignored: ifAny(group.number('requests')),
        last_ACKs_refused: ifAny(group.number('refused')),
        unanswered: ifAny(group.number('unanswered')),
        waiting_at_once: atOnce,
        opened_at_once_then: opened,
        late_then_percent: percent,
        longest_us: group.number('longest_us'),
        clients: group.number('clients'),
      },
      advice: {
        title: isLoss
          ? 'connections open late: a path that loses packets, or a full queue'
          : 'full queue of a listener: connections open late or not at all',
        cause: causeOf(group, isLoss),
        remedies: REMEDIES,
        notToDo: NOT_TO_DO,
      },
      certainty: certaintyOf(group, isLoss),
    },
  ];
}

function causeOf(group: CaseGroup, isLoss: boolean): string {
  const waited =
    `The service opened others, but ${count(group.count)} connections had to send again what opens them. While the ` +
    'queue of connections that wait for accept() is full, Linux drops new SYNs and ignores the last ACK of the ' +
    'handshake; the client believes that it is connected, and its request is ignored, too.';
  if (!isLoss) return waited;
  return `${waited} Here other connections of the service lost packets as well: it may be the path alone.`;
}

function certaintyOf(group: CaseGroup, isLoss: boolean): Certainty {
  if (isLoss) return possible('others lost data meanwhile');
  const isProven = group.number('acks') + group.number('requests') + group.number('refused') > 0;
  return isProven
    ? likely('SYNs got through, and what followed was ignored')
    : possible('SYNs alone were dropped, as a filter with a limit does, too');
}
