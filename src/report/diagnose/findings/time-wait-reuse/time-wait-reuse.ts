import { code } from '../../../../flow/format/word-table.ts';
import { ENDPOINTS, TIME_WAIT_EVIDENCE } from '../../../../flow/format/words.ts';
import { count } from '../../../units.ts';
import { lateByService } from '../../family/openings/late-by-service.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { type Conclusion, certain } from '../../frame/conclusion.ts';
import { settingDuration } from '../../frame/number-text.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context, Rule } from '../../frame/rule.ts';
import { ENDPOINT, endpointSubject, serviceKey, serviceOf } from '../../frame/subjects.ts';
import { whose } from '../../frame/sysctl.ts';

const CASES: Cases = {
  sql: `SELECT w.flow_id, w.endpoint, w.ip, f.client_ip, f.client_port, f.server_ip, f.server_port,
  w.entered_us AS since_us, w.entered_us + w.at_most_us AS until_us,
  w.at_most_us AS reused_after_us, w.expected_us, w.evidence, f.client_syn_tsval,
  (SELECT s.entered_frame FROM state_intervals AS s
   WHERE s.flow_id = w.flow_id AND s.endpoint = w.endpoint AND s.state = 'TIME_WAIT') AS frame
FROM time_waits AS w
JOIN flows AS f ON f.id = w.flow_id
WHERE w.evidence = 'isn-65537'`,
  by: ENDPOINT,
  measures: {
    soonest_us: 'min(reused_after_us)',
    usual_us: 'avg(reused_after_us)',
    length_us: 'max(expected_us)',
  },
  having: 'count >= :several',
  weight: '-reused_after_us',
  marks: ['FIN', 'FIN, ACK of FIN', 'ACK of FIN'],
};

const ACCEPT_MECHANISM =
  'SYNs came from ports whose TIME_WAIT the server still held. Their sequence numbers or timestamps were ' +
  'newer than those of the old connection, so its kernel took them (RFC 6191)';
const IN_ORDER =
  'Nothing has to be done. It would stop if connections were kept and used again (keep-alive, a pool).';
const LATE =
  'See which connections opened late: something on the way may still hold the old ones (finding opened-late). Keep ' +
  'connections and use them again (keep-alive, a pool), so that ports rest for longer.';
const REMEDIES: readonly string[] = [
  'Keep net.ipv4.tcp_timestamps = 1 at both ends: reuse relies on it.',
  'Where SYNs are also refused, see time-wait-refused; where ports get scarce, port-exhaustion.',
];
const NOT_TO_DO: readonly string[] = [
  'net.ipv4.tcp_tw_recycle is another thing (gone since Linux 4.12): it drops connections of clients behind NAT.',
  'Turning timestamps off: then no TIME_WAIT can be taken early by connect().',
];

/** Ports are taken again out of TIME_WAIT, which Linux does safely, and which packets prove. */
export const timeWaitReuse: Rule = {
  code: 'time-wait-reuse',
  title: 'ports are used again while their TIME_WAIT stands, safely',
  looksFor:
    'A new connection of the same addresses and ports in TIME_WAIT whose ISN is the old snd_nxt + 65537: Linux ' +
    'has recycled the TIME_WAIT. At the client that is tcp_tw_reuse, at the server its rule for SYNs.',
  thresholds: ['close-trouble-count'],
  candidates: ENDPOINTS.map(
    (end) => `${end}_time_wait_evidence = ${code(TIME_WAIT_EVIDENCE, 'isn-65537')}`,
  ).join(' OR '),
  several: 'close-trouble-count',
  worst: 'info',
  find: (db, context) =>
    groupCases(db, CASES, { several: context.thresholds['close-trouble-count'] }).map((group) =>
      conclude(group, context),
    ),
};

function conclude(group: CaseGroup, context: Context): Conclusion {
  const lengthUs = group.number('length_us');
  const isClient = group.text('endpoint') === 'client';
  const late = context.once(lateByService).get(serviceKey(serviceOf(group))) ?? 0;
  return {
    group,
    severity: 'info',
    subject: endpointSubject(group),
    numbers: {
      reused: group.count,
      soonest_after_us: group.number('soonest_us'),
      average_after_us: group.number('usual_us'),
      time_wait_us: lengthUs,
      opened_late: ifAny(late),
    },
    advice: {
      title: isClient
        ? 'connect() takes ports out of TIME_WAIT (tcp_tw_reuse)'
        : 'the server takes SYNs out of TIME_WAIT',
      cause:
        `${isClient ? connectMechanism(group, context) : ACCEPT_MECHANISM}. ` +
        `${late === 0 ? 'That is safe and works.' : `The ends agree on that; but ${count(late)} connections to the service opened late.`} ` +
        `It shows that the same ports come round within ${settingDuration(lengthUs)}: connections are opened at a high rate, or from few ports.`,
      remedies: [late === 0 ? IN_ORDER : LATE, ...REMEDIES],
      notToDo: NOT_TO_DO,
    },
    certainty: certain('each new ISN is the old snd_nxt + 65537'),
  };
}

function connectMechanism(group: CaseGroup, { sysctls }: Context): string {
  const setting = sysctls.of(group.text('ip'), 'tcp_tw_reuse');
  return (
    'connect() took ports whose TIME_WAIT was more than a second old: tcp_tw_reuse, ' +
    `which is ${setting.value} here (${whose(setting)}; 1 always, 2 on loopback only)`
  );
}
