import { ENDPOINTS } from '../../flow/format/words.ts';
import { listing } from './listing.ts';

// The captured host's kernel socket table, beside what the packets show. The tables are in
// every database, and empty if no live capture asked for it.

const US = 'microseconds since the epoch';

const SAMPLES = `CREATE TABLE kernel_samples ( -- one row per capture during which the kernel's sockets were read
${listing([
  ['capture_id INTEGER PRIMARY KEY', 'captures.id'],
  ['first_us INTEGER NOT NULL', `first reading, ${US}, by the clock of the host`],
  ['last_us INTEGER NOT NULL', 'last reading'],
  ['samples INTEGER NOT NULL', 'how many readings'],
  ['longest_us INTEGER NOT NULL', 'longest time between two readings, microseconds'],
])}
)`;

const SOCKETS = `CREATE TABLE kernel_socket_data ( -- one row per socket and state; read it through kernel_sockets
${listing([
  ['id INTEGER PRIMARY KEY', 'in the order of being seen'],
  ['capture_id INTEGER NOT NULL', 'captures.id'],
  ['ip TEXT NOT NULL', 'address of this host'],
  ['port INTEGER NOT NULL', 'its port'],
  ['peer_ip TEXT NOT NULL', 'address of the peer'],
  ['peer_port INTEGER NOT NULL', 'its port'],
  ['state TEXT NOT NULL', 'state of RFC 9293'],
  ['first_seen INTEGER NOT NULL', US],
  ['last_seen INTEGER', `${US}; NULL if the last reading had it`],
  ['gone INTEGER', `${US}; NULL if it was not seen gone`],
  ['timer TEXT', 'what its timer was for'],
  ['timer_us INTEGER', 'how long that was to run on, microseconds'],
  ['uid INTEGER', 'number of the owner'],
  ['pid INTEGER', 'number of the process'],
  ['program TEXT', 'name of the process'],
  ['in_backlog INTEGER NOT NULL', '1 where no program has accepted it'],
  ['unread INTEGER NOT NULL', 'bytes in the receive queue'],
  ['unsent INTEGER NOT NULL', 'bytes in the send queue'],
  ['flow_id INTEGER', 'flows.id'],
  ['endpoint INTEGER', `which end of the flow: ${ENDPOINTS.map((end, i) => `${i} ${end}`).join(', ')}`],
])}
)`;

const SETTINGS = `CREATE TABLE kernel_settings ( -- one row per TCP setting of the captured host (live --kernel)
${listing([
  ['id INTEGER PRIMARY KEY', 'in no order'],
  ['capture_id INTEGER NOT NULL', 'captures.id'],
  ['name TEXT NOT NULL', 'as sysctl -a prints it: net.ipv4.tcp_fin_timeout'],
  ['value TEXT NOT NULL', 'when the capture began; numbers parted by a blank'],
])}
)`;

/** Tables of every database. */
export const KERNEL_TABLES = [SAMPLES, SOCKETS, SETTINGS];

/** What users read. */
export const KERNEL_SOCKETS = `CREATE VIEW kernel_sockets ( -- one row per TCP socket of the captured host's kernel, and state (live --kernel)
${listing([
  ['ip', 'address of this host'],
  ['port', 'its port'],
  ['peer_ip', 'address of the peer'],
  ['peer_port', 'its port'],
  ['state', 'the state that the kernel had it in, by its name in RFC 9293'],
  ['first_seen_us', `first reading of the kernel's table that had it so, ${US}`],
  ['last_seen_us', 'last reading that had it so'],
  ['gone_us', 'end of the first reading that had it so no more; NULL if there was none'],
  ['timer_us', 'when first seen: how long its timer was to run on, microseconds; NULL without'],
  ['uid', 'number of the user; NULL if the kernel had forgotten it'],
  ['pid', 'the process that has it, had it before closing it, or (in_backlog) listens; NULL if not found'],
  ['program', 'name of that process, as it calls itself'],
  ['flow_id', 'flows.id; NULL if none of its packets was captured in that time'],
  ['endpoint', 'client or server: which end of the flow it is'],
  [
    'timer',
    'what timer_us is of: retransmit, keep-alive, time-wait (also of FIN_WAIT_2), probe; NULL without',
  ],
  ['in_backlog', '1 where no program has accepted it yet, else 0'],
  ['unread', 'bytes that the program has not read, a FIN counts one; of ESTABLISHED when first seen'],
  ['unsent', 'bytes that the peer has not acknowledged; of ESTABLISHED when first seen'],
  ['capture_id', 'captures.id'],
  ['id', 'in the order of being seen'],
])}
) AS SELECT k.ip, k.port, k.peer_ip, k.peer_port, k.state, k.first_seen, coalesce(k.last_seen, s.last_us), k.gone,
  k.timer_us, k.uid, k.pid, k.program, k.flow_id, CASE k.endpoint WHEN 0 THEN 'client' WHEN 1 THEN 'server' END,
  k.timer, k.in_backlog, k.unread, k.unsent, k.capture_id, k.id
  FROM kernel_socket_data AS k JOIN kernel_samples AS s ON s.capture_id = k.capture_id`;
