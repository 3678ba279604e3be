import type { Database } from 'better-sqlite3';
import { readFlow } from '../ladder/ladder.ts';
import { endName } from '../name.ts';
import { tableLines } from '../table.ts';
import { count, isoTime } from '../units.ts';

/** Flows listed one by one. */
const LIST = 10;

/** The flows that a name could mean, one a line: number, first segment, both ends, how it closed. */
export function choiceLines(db: Database, ids: readonly number[], utc: boolean): string[] {
  const rows = ids.slice(0, LIST).flatMap((id) => {
    const flow = readFlow(db, id);
    if (flow === undefined) return [];
    const { first_us, client_ip, client_port, server_ip, server_port, close_kind } = flow;
    const ends = [endName(client_ip, client_port), endName(server_ip, server_port)];
    return [[String(id), isoTime(first_us, utc), ...ends, close_kind]];
  });
  const lines = tableLines(rows, { head: ['flow', 'first', 'client', 'server', 'close'] });
  return ids.length > LIST ? [...lines, `… and ${count(ids.length - LIST)} more`] : lines;
}
