import type { Database } from 'better-sqlite3';
import { endName } from '../../name.ts';
import type { ExampleFlow, ExampleFrame } from './finding.ts';

type Ends = { client_ip: string; client_port: number; server_ip: string; server_port: number };

/**
 * Reads flows, each with those of its segments that have one of these meanings.
 * @param most up to this many segments of each, the first ones
 */
export function exampleReader(
  db: Database,
  meanings: readonly string[],
  most: number,
): (id: number) => ExampleFlow {
  const ends = db.prepare<[number], Ends>(
    'SELECT client_ip, client_port, server_ip, server_port FROM flows WHERE id = ?',
  );
  const frames = db.prepare<[number, string, number], ExampleFrame>(
    `SELECT frame, (SELECT path FROM captures WHERE id = capture_id) AS capture, endpoint, meaning
     FROM close_segments
     WHERE flow_id = ? AND meaning IN (SELECT value FROM json_each(?)) ORDER BY n LIMIT ?`,
  );
  return (id) => {
    const { client_ip, client_port, server_ip, server_port } = ends.get(id)!;
    return {
      id,
      client: endName(client_ip, client_port),
      server: endName(server_ip, server_port),
      frames: frames.all(id, JSON.stringify(meanings), most),
    };
  };
}
