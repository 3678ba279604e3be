import { REFUSED_FIN_MARKS, REFUSED_FINS } from '../../family/fin-refused/fin-refused-cases.ts';
import type { Cases } from '../../frame/cases.ts';
import { eachEnd } from '../../frame/frequent.ts';
import { wouldBeSeen } from '../../frame/visible.ts';

/** Orphans that the kernel had given up when the peer closed at last. */
export const ORPHANS: Omit<Cases, 'by'> = {
  sql: `SELECT * FROM (
${REFUSED_FINS}
) WHERE lasted_us >= :orphan_us`,
  measures: {
    soonest_us: 'min(lasted_us)',
    latest_us: 'max(lasted_us)',
    holder: 'min(ip)',
    holders: 'count(DISTINCT ip)',
  },
  weight: 'lasted_us',
  marks: REFUSED_FIN_MARKS,
};

/**
 * FIN_WAIT_2 that stood when the capture ended, and for longer than an orphan lives. `alive`: the last
 * keep-alive of the peer came later than that, and was answered, by no RST.
 */
export const STANDING: Omit<Cases, 'by'> = {
  sql: eachEnd(`SELECT f.id AS flow_id, '%' AS endpoint, f.%_ip AS ip,
  f.client_ip, f.client_port, f.server_ip, f.server_port,
  s.entered_us AS since_us, f.observed_us AS until_us, f.observed_us - s.entered_us AS lasted_us,
  coalesce((SELECT max(k.at_us) FROM close_segments AS k
    WHERE k.flow_id = f.id AND k.endpoint = '@' AND k.meaning = 'keep-alive'
  ) BETWEEN s.entered_us + :age_us AND f.last_us - 1, 0) AS alive,
  f.@_state AS peer_state, s.entered_frame AS frame
FROM flows AS f
JOIN state_intervals AS s ON s.flow_id = f.id AND s.endpoint = '%' AND s.state = 'FIN_WAIT_2'
WHERE f.%_state = 'FIN_WAIT_2' AND f.evicted = 0 AND f.observed_us - s.entered_us >= :age_us
  AND ${wouldBeSeen('f')}`),
  measures: { alive: 'sum(alive)', oldest_us: 'max(lasted_us)', holder: 'min(ip)' },
  weight: 'alive * 1e15 + lasted_us',
  marks: ['FIN', 'ACK of FIN', 'data after FIN', 'keep-alive'],
};

/** The whole: those that entered FIN_WAIT_2. */
export const ENTERED = {
  client: 'client_fin_wait_2 IS NOT NULL',
  server: 'server_fin_wait_2 IS NOT NULL',
} as const;
