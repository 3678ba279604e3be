import type { Database } from 'better-sqlite3';
import { endName } from '../flows/name.ts';
import type { ExampleFlow, ExampleFrame } from './finding.ts';

type Ends = { client_ip: string; client_port: number; server_ip: string; server_port: number };

/** A flow with those of its segments that have one of these meanings, the first ones. */
export function exampleFlow(
  db: Database,
  id: number,
  meanings: readonly string[],
  most: number,
): ExampleFlow {
  const ends = db
    .prepare<[number], Ends>('SELECT client_ip, client_port, server_ip, server_port FROM flows WHERE id = ?')
    .get(id)!;
  const frames = db
    .prepare<[number, string, number], ExampleFrame>(
      `SELECT frame, (SELECT path FROM captures WHERE id = capture_id) AS capture, endpoint, meaning
       FROM close_segments
       WHERE flow_id = ? AND meaning IN (SELECT value FROM json_each(?)) ORDER BY n LIMIT ?`,
    )
    .all(id, JSON.stringify(meanings), most);
  return {
    id,
    client: endName(ends.client_ip, ends.client_port),
    server: endName(ends.server_ip, ends.server_port),
    frames,
  };
}
