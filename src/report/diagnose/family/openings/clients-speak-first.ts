import type { Database } from 'better-sqlite3';
import { tallyServices } from '../../frame/connections.ts';
import type { Context } from '../../frame/rule.ts';
import { serviceKey, servicesOf } from '../../frame/subjects.ts';
import { parametersOf } from '../../frame/thresholds.ts';

/** The services that opened connections at once, of which clients sent first in more than the server did, by serviceKey. */
export function clientsSpeakFirst(db: Database, { thresholds }: Context): Set<string> {
  const atOnce = 'opened < 1e6 * :late_opening AND server_retransmissions = 0';
  const [clients, servers] = tallyServices(
    db,
    [
      `${atOnce} AND (zeek_history GLOB 'ShA[D]*' OR zeek_history GLOB 'ShD*')`,
      `${atOnce} AND zeek_history GLOB 'ShA[d]*'`,
    ],
    parametersOf(thresholds),
  );
  const numbers = [...clients!]
    .filter(([number, n]) => n > (servers!.get(number) ?? 0))
    .map(([number]) => number);
  return new Set(servicesOf(db, numbers).map(serviceKey));
}
