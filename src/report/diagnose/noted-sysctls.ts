import type { Database } from 'better-sqlite3';
import { parseSysctls, type Sysctls } from './frame/sysctl.ts';

/**
 * What live captures with --kernel have noted of their own hosts, by each of the hosts' addresses that
 * had a socket; of two captures the later counts.
 */
export function notedSysctls(db: Database): Map<string, Sysctls> {
  const hasTable = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kernel_settings'").get();
  if (hasTable === undefined) return new Map();
  const settings = db
    .prepare<[], { captureId: number; text: string }>(
      `SELECT capture_id AS captureId, group_concat(name || ' = ' || value, char(10)) AS text
       FROM kernel_settings GROUP BY capture_id ORDER BY capture_id`,
    )
    .all();
  const addresses = db
    .prepare<[number], string>('SELECT DISTINCT ip FROM kernel_socket_data WHERE capture_id = ?')
    .pluck();
  return new Map(
    settings.flatMap(({ captureId, text }) => {
      const noted = parseSysctls(text);
      return addresses.all(captureId).map((ip): [string, Sysctls] => [ip, noted]);
    }),
  );
}
