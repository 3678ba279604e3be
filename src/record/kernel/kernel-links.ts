import type { Database, Statement } from 'better-sqlite3';

/** A socket as its row in kernel_socket_data has it; times are microseconds since the epoch. */
export interface LinkedSocket {
  id: number;
  ip: string;
  port: number;
  peerIp: string;
  peerPort: number;
  firstSeen: number;
  lastSeen: number;
  /** NULL while it stands. */
  gone: number | null;
}

/** How much later than its socket was seen a packet may be stamped. */
const SLACK_US = 100_000;

const OWN = { ip: 'ip', port: 'port' };
const PEER = { ip: 'peerIp', port: 'peerPort' };
/** What a socket's ends are where it is the client's, then where it is the server's. */
const AS_ENDPOINT = [
  { client: OWN, server: PEER },
  { client: PEER, server: OWN },
];

const INDEX = 'flows_by_ports';

/** Finds the flow of a socket: the latest one between its addresses and ports that was watched when it was seen. */
export class KernelLinks {
  readonly #db: Database;
  readonly #find: Statement<[object], number>[];
  readonly #link: Statement<[number, number, number]>;

  /** @param flows the table of the flows: `live_flows` in a live database, else `flow_data` */
  constructor(db: Database, flows: 'live_flows' | 'flow_data') {
    this.#db = db;
    db.exec(`CREATE INDEX IF NOT EXISTS ${INDEX} ON ${flows} (client_port, server_port, first)`);
    this.#find = AS_ENDPOINT.map(({ client, server }) =>
      db
        .prepare<[object], number>(
          `SELECT id FROM ${flows}
           WHERE client_port = :${client.port} AND server_port = :${server.port}
             AND first <= :until AND (:underWay = 0 OR client_isn IS NULL AND server_isn IS NULL)
             AND (observed IS NULL OR first + observed >= :firstSeen)
             AND (SELECT ip FROM addresses WHERE id = client_address) = :${client.ip}
             AND (SELECT ip FROM addresses WHERE id = server_address) = :${server.ip}
           ORDER BY first DESC LIMIT 1`,
        )
        .pluck(),
    );
    this.#link = db.prepare('UPDATE kernel_socket_data SET flow_id = ?, endpoint = ? WHERE id = ?');
  }

  /** Notes the flow of a socket, which is gone or still stands, in its row; false if none is known. */
  link(socket: LinkedSocket, isGone: boolean): boolean {
    const { lastSeen, gone } = socket;
    if (this.#linkUntil(socket, lastSeen)) return true;
    if (isGone && this.#linkUntil(socket, lastSeen + SLACK_US)) return true;
    // A flow met under way may begin with what ended it; one that begins with a SYN has another socket.
    return gone !== null && this.#linkUntil(socket, gone, true);
  }

  #linkUntil(socket: LinkedSocket, until: number, underWay = false): boolean {
    for (const [end, find] of this.#find.entries()) {
      const flow = find.get({ ...socket, until, underWay: Number(underWay) });
      if (flow === undefined) continue;
      this.#link.run(flow, end, socket.id);
      return true;
    }
    return false;
  }

  /** The index has served its purpose. */
  end(): void {
    this.#db.exec(`DROP INDEX ${INDEX}`);
  }
}
