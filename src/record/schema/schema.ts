import { type Column, ROW_COLUMNS } from '../../flow/format/columns.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from '../files/database-file.ts';
import { KERNEL_TABLES } from './kernel-schema.ts';
import { listing } from './listing.ts';
import { VIEWS } from './views.ts';

// The tables: those that are stored. Users read the views (views.ts), whose names and columns are a
// promise. SQLite keeps comments inside CREATE, so `.schema` is the manual.

const CAPTURES = `CREATE TABLE captures ( -- one row per capture file
${listing([
  ['id INTEGER PRIMARY KEY', 'number of the file, in the order of reading'],
  ['path TEXT NOT NULL', 'as given on the command line; - is standard input'],
  [
    'format TEXT NOT NULL',
    'pcap, pcap-ns, pcap-modified or pcapng; +gzip, +zstd, +lz4 or +xz where compressed',
  ],
  ['link_types TEXT NOT NULL', 'JSON array of the LINKTYPE numbers met'],
  ['first_us INTEGER', 'earliest capture time, microseconds since the epoch'],
  ['last_us INTEGER', 'latest capture time'],
  ['frames INTEGER NOT NULL', 'captured packets'],
  ['tcp_segments INTEGER NOT NULL', 'those that held a whole TCP header'],
  ['skipped TEXT NOT NULL', 'JSON object: frames skipped, by reason'],
  ['truncated INTEGER NOT NULL', '1 where the file is cut or damaged: what came before was read'],
  ['damage TEXT', 'what is wrong with the file'],
  ['damage_offset INTEGER', 'byte of the (decompressed) file at which reading stopped'],
  [
    'last_frame INTEGER NOT NULL',
    'number of the last record; more than frames where some are no packets (systemd journal)',
  ],
  ['frame_base INTEGER NOT NULL', 'frame numbers of the files before this one'],
  [
    'missed INTEGER',
    'how often segments were acknowledged that were never captured; of all files of a run, in the first',
  ],
  ['dropped INTEGER', 'packets for which the kernel had no room (live); NULL if nobody counted'],
  [
    'filtered INTEGER',
    'what a filter let through, as the segments show: 1 those with data, 2 those with SYN, FIN or RST, 0 all',
  ],
  [
    'directions INTEGER',
    '1 if of at least 19 flows in 20 (and 5 in all) one end only was captured, and that end acknowledges what the other sent; else 2; NULL if too few flows show it',
  ],
  [
    'places INTEGER',
    '2 if many segments came twice (at least 5, and 1 in 10), as when captured at two places; else 1',
  ],
  [
    'clock_jumps INTEGER',
    'how often its clock went back by more than a second from one segment to the next, or ahead by more than a day; to its first segment from the last of the file before, too',
  ],
])}
)`;

/** Databases of this version that were written before there was this table are without it. */
export const CAPTURE_FILES = `CREATE TABLE capture_files ( -- what capture files are known by, so that none is added twice
${listing([
  ['capture_id INTEGER PRIMARY KEY', 'captures.id; standard input and pipes are not here'],
  ['size INTEGER NOT NULL', 'bytes, as they lay on the disk when reading began'],
  ['head_sha256 TEXT NOT NULL', 'of the first 65536 of them'],
  ['tail_sha256 TEXT NOT NULL', 'of the last 65536 of them'],
])}
)`;

const ADDRESSES = `CREATE TABLE addresses ( -- IP addresses, by number
${listing([
  ['id INTEGER PRIMARY KEY', 'number of the address'],
  ['ip TEXT NOT NULL', 'canonical text, RFC 5952; IPv4 in dotted decimal'],
])}
)`;

/** The table of the flows, by this name. */
export const flowTable = (
  name: string,
) => `CREATE TABLE ${name} ( -- one compact row per flow; read it through the views
${listing([
  ['id INTEGER PRIMARY KEY', 'number of the flow'],
  ...ROW_COLUMNS.map((c): [string, string] => [`${c.name} INTEGER`, storedDoc(c)]),
  ['zeek_history TEXT', "Zeek's history"],
  [
    'segments TEXT',
    'JSON: [at, frame, code, len, seq, ack] each, code = endpoint + 2 * flags + 512 * meaning',
  ],
  ['changed INTEGER', 'number of the commit that changed it last, while a live capture is running'],
])}
)`;

const TIMELINE = `CREATE TABLE timeline ( -- every change of a state, packed: what finwait states counts
${listing([
  ['id INTEGER PRIMARY KEY', 'in a run, in order of time'],
  ['run INTEGER NOT NULL', 'flows are taken in runs; the counts of all runs add up'],
  ['from_us INTEGER NOT NULL', 'first change of the piece, microseconds since the epoch'],
  [
    'counts TEXT NOT NULL',
    "JSON: the run's ends in each state before it: client SYN_SENT to UNKNOWN, then server",
  ],
  [
    'changes BLOB NOT NULL',
    'each: microseconds since the one before, as a varint; a byte, (endpoint * 11 + state left) * 11 + state entered, 10 none',
  ],
])}
)`;

/** What marks a database as finwait's. */
export const NAMES = [`PRAGMA application_id = ${APPLICATION_ID}`, `PRAGMA user_version = ${SCHEMA_VERSION}`];

/** The tables that are what they are also while a live capture writes them. */
export const TABLES = [CAPTURES, CAPTURE_FILES, ADDRESSES, TIMELINE, ...KERNEL_TABLES];

/** The SQL that makes a table only if there is none. */
export const ifMissing = (sql: string) => sql.replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS');

/** Makes an empty database. */
export const CREATE_SCHEMA = [...NAMES, ...TABLES, flowTable('flow_data'), ...VIEWS]
  .map((statement) => `${statement};\n`)
  .join('');

/** Made once the rows are in, which is faster than keeping them up to date. */
export const CREATE_INDEXES = [
  'CREATE INDEX IF NOT EXISTS captures_frame_base ON captures (frame_base, id)',
  'CREATE INDEX IF NOT EXISTS addresses_ip ON addresses (ip)',
  'CREATE INDEX IF NOT EXISTS timeline_from ON timeline (run, from_us)',
];

function storedDoc({ kind, doc, words, name }: Column): string {
  switch (kind) {
    case 'time':
      return `${doc}; microseconds since the epoch`;
    case 'offset':
      return `${doc}; microseconds after first`;
    case 'duration':
      return `${doc}; microseconds`;
    case 'frame':
      return `${doc}; running number over all captures`;
    case 'address':
      return `${doc}; addresses.id`;
    case 'word':
      return `${name.replaceAll('_', ' ')}: ${words?.map((word, code) => `${code} ${word}`).join(', ')}`;
    case 'integer':
      return doc;
  }
}
