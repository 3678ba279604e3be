import type { Database } from 'better-sqlite3';
import { code } from '../../../../flow/format/word-table.ts';
import { CLOSED_FIRST } from '../../../../flow/format/words.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { closeKind } from '../../frame/codes.ts';
import { type Conclusion, possible } from '../../frame/conclusion.ts';
import { connectionsOf } from '../../frame/connections.ts';
import type { Context } from '../../frame/rule.ts';
import { SERVICE, serviceOf, serviceSubject } from '../../frame/subjects.ts';

// A client sends its request and closes its direction at once (shutdown); a proxy takes that for an abort.

/** Who closes later has waited for an answer (client-gave-up). */
const AT_ONCE_US = 100_000;
/** A proxy that takes it for an abort does not work on: it closes sooner than that. */
const SOON_US = 1_000_000;

/** A condition on flow_data that each of them meets. */
export const MAY_BE_HALF_CLOSED =
  `close_kind = ${closeKind('fin')} AND closed_first = ${code(CLOSED_FIRST, 'client')} ` +
  `AND idle_before_close < ${AT_ONCE_US} AND client_bytes > 0 AND server_bytes = 0 AND server_fin - client_fin < ${SOON_US}`;

const ANSWERED = 'server_bytes > 0 AND client_bytes > 0';
/** Data of the server came after the FIN: it knows what a half-close is. */
const ANSWERED_HALF_CLOSED = `closed_first = ${code(CLOSED_FIRST, 'client')} AND idle_before_close < ${AT_ONCE_US} AND late_data >= 0`;

const CASES: Cases = {
  sql: `SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  f.client_fin_us AS since_us, f.server_fin_us AS until_us, f.idle_before_close_us AS closed_after_us,
  f.server_fin_us - f.client_fin_us AS server_closed_after_us, f.first_frame AS frame
FROM flows AS f
WHERE f.close_kind = 'fin' AND f.closed_first = 'client' AND f.idle_before_close_us < ${AT_ONCE_US}
  AND f.client_bytes > 0 AND f.server_bytes = 0 AND f.server_missed = 0
  AND f.client_isn IS NOT NULL AND f.server_isn IS NOT NULL
  AND f.server_fin_us - f.client_fin_us < ${SOON_US}`,
  by: SERVICE,
  measures: {
    closed_after_us: 'avg(closed_after_us)',
    server_closed_after_us: 'avg(server_closed_after_us)',
    clients: 'count(DISTINCT client_ip)',
  },
  having: 'count >= :several',
  marks: ['FIN', 'FIN, ACK of FIN', 'ACK of FIN'],
};

/** Half-closes whose request got no answer, at services that answer others: a protocol that never answers is none. */
export function halfCloses(db: Database, { thresholds }: Context): Conclusion[] {
  const groups = groupCases(db, CASES, { several: thresholds['abort-count'] });
  const services = groups.map(serviceOf);
  const answered = connectionsOf(db, services, ANSWERED);
  const halfClosed = connectionsOf(db, services, ANSWERED_HALF_CLOSED);
  return groups.flatMap((group, i) => {
    const isTrouble = answered[i]! > 0 && halfClosed[i]! < group.count;
    return isTrouble ? [conclude(group, answered[i]!)] : [];
  });
}

function conclude(group: CaseGroup, answered: number): Conclusion {
  return {
    group,
    severity: 'warning',
    subject: serviceSubject(group),
    numbers: {
      half_closed: group.count,
      answered,
      FIN_after_the_request_us: group.number('closed_after_us'),
      server_closed_after_us: group.number('server_closed_after_us'),
      clients: group.number('clients'),
    },
    advice: {
      title: 'half-closes are taken for aborts: a request with FIN behind it gets no answer',
      cause:
        'The clients sent their request and closed their direction right behind it, shutdown(SHUT_WR), as netcat and ' +
        'programs do that mark the end of a request so. The server closed without a byte of an answer, while it answers ' +
        'those who leave their direction open: it, or a proxy before it, takes the FIN for a client that has gone. ' +
        'Clients that do not want an answer look the same.',
      remedies: [
        'At the proxy: nginx proxy_ignore_client_abort on (fastcgi_, uwsgi_, grpc_ likewise); haproxy: no option abortonclose.',
        'In the client: leave the direction open until the answer is there (Content-Length tells where a request ends; ' +
          'nc -N and -q close it, socat -t gives a time).',
        'In a server of your own: recv() of 0 ends the request, not the connection; answer, then close().',
      ],
      notToDo: [
        'Longer timeouts: nobody waits here, the connection is closed at once.',
        'No sysctl: both kernels did what their programs asked for.',
      ],
    },
    certainty: possible('clients that close at once and want no answer look the same'),
  };
}
