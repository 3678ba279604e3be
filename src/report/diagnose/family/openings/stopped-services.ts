import type { Database } from 'better-sqlite3';
import type { TroubledService } from './troubled-services.ts';

// A service that answers no new SYN for a while: was its host away, or only this port, or is a limit reached?

/** What else was seen of a service's host while it answered no SYN. */
export interface Meanwhile {
  /** Connections to the service that were open before, and stayed open. */
  standing: number;
  /** Of these, how many the server had sent data: a program serves them, and no queue holds them. */
  served: number;
  /** Of these, how many went on to send and be acknowledged. */
  active: number;
  /** Connections that other ports of the host opened. */
  elsewhere: number;
}

const MEANWHILE = `SELECT
    count(*) FILTER (WHERE server_port = :port AND first + opened <= :since
      AND (close_started IS NULL OR first + close_started >= :until)) AS standing,
    count(*) FILTER (WHERE server_port = :port AND first + opened <= :since AND server_bytes > 0
      AND (close_started IS NULL OR first + close_started >= :until)) AS served,
    count(*) FILTER (WHERE server_port = :port AND first + opened <= :since
      AND (close_started IS NULL OR first + close_started >= :until)
      AND first + last > :since + 1000000 AND client_retransmissions + server_retransmissions = 0
      AND server_segments > 1) AS active,
    count(*) FILTER (WHERE server_port <> :port AND first + opened BETWEEN :since AND :until) AS elsewhere
  FROM flow_data WHERE server_address = (SELECT id FROM addresses WHERE ip = :ip)`;

/** The services, each with what was seen from its first SYN without answer to its last. */
export function meanwhileOf(
  db: Database,
  services: readonly TroubledService[],
): (TroubledService & Meanwhile)[] {
  const read = db.prepare<[object], Meanwhile>(MEANWHILE);
  return services.map((service) => {
    const { server_ip: ip, server_port: port, slow_since: since, slow_until: until } = service;
    return { ...service, ...read.get({ ip, port, since, until })! };
  });
}
