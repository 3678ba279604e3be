import type { Database } from 'better-sqlite3';
import { counted } from '../../../units.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { closeKind, resetEvidence } from '../../frame/codes.ts';
import { type Conclusion, likely } from '../../frame/conclusion.ts';
import type { Context } from '../../frame/rule.ts';
import { SERVICE_KEY } from '../../frame/subjects.ts';

// A SYN made by a program, not by its kernel, which refuses the SYN-ACK: a half-open scan, or a check.

/** A condition on flow_data that each of them meets. */
export const MAY_BE_SCANNED =
  `close_kind = ${closeKind('reset')} AND opened IS NULL AND reset_evidence = ${resetEvidence('no-socket')} ` +
  'AND client_bytes + server_bytes = 0';

const CASES: Cases = {
  sql: `SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  f.first_us AS since_us, f.last_us AS until_us, f.client_ttl, f.first_frame AS frame
FROM flows AS f
WHERE f.close_kind = 'reset' AND f.reset_by = 'client' AND f.reset_evidence = 'no-socket' AND f.opened_us IS NULL
  AND f.client_isn IS NOT NULL AND f.server_isn IS NOT NULL AND f.client_bytes + f.server_bytes = 0`,
  by: ['client_ip'],
  measures: { targets: `count(DISTINCT ${SERVICE_KEY})` },
  having: 'count >= :several',
  marks: ['SYN', 'SYN-ACK', 'RST'],
};

/** By client, what it opened by half and its kernel knew nothing of. */
export function halfOpenScans(db: Database, { thresholds }: Context): Conclusion[] {
  return groupCases(db, CASES, { several: thresholds['abort-count'] }).map(conclude);
}

function conclude(group: CaseGroup): Conclusion {
  const targets = group.number('targets');
  return {
    group,
    severity: 'info',
    subject: group.text('client_ip'),
    numbers: { opened_by_half: group.count, services: targets },
    advice: {
      title: `a half-open scan: SYNs of a program, whose kernel refuses the SYN-ACKs of ${counted(targets, 'service')}`,
      cause:
        'A program made the SYNs itself (nmap -sS, masscan, zmap; the half-open monitor of some balancers). The kernel ' +
        'of its host knows no such connection and answers the SYN-ACK by RST without ACK, with a TTL of its own. ' +
        'Each shows that the port is open.',
      remedies: [
        'Nothing, if the scanner or the balancer is yours; else find out who scans, and what it can reach.',
      ],
      notToDo: [
        'Looking for a box on the way because of the other TTL: both come from the same host.',
        'Dropping RSTs in a filter: half-open connections then stand until the SYN-ACKs are given up.',
      ],
    },
    certainty: likely(
      'the RST has no ACK and answers the SYN-ACK: no kernel that had sent the SYN does that',
    ),
  };
}
