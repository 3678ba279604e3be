import { type Column, columnIndex, ROW_COLUMNS } from '../../flow/format/columns.ts';
import {
  ENDPOINTS,
  type Endpoint,
  EVIDENCE,
  MEANINGS,
  PROFILE_EVIDENCE,
  PROFILES,
  STATES,
  type StateName,
  TIME_WAIT_ENDS,
  TIME_WAIT_EVIDENCE,
} from '../../flow/format/words.ts';
import { KERNEL_SOCKETS } from './kernel-schema.ts';
import { enteredColumn } from './state-columns.ts';
import { address, ENDPOINT, fileOf, frameInFile, ipOf, type Shown, US, view, wordOf } from './view-sql.ts';

// The views are what users query. Each names its columns with a comment first, the machinery below.
// They need nothing but SQLite 3.28 with JSON1 (tried): no application-defined functions, no iif().

const FLOWS = (() => {
  const column = (name: string): Shown => shownColumn(ROW_COLUMNS[columnIndex(name)]!);
  const each = (...names: string[]) =>
    names.flatMap((name) => ENDPOINTS.map((end) => column(`${end}_${name}`)));
  const columns: Shown[] = [
    ['id', 'number of the flow', 'f.id'],
    column('capture_id'),
    ...ENDPOINTS.flatMap((end) => [column(`${end}_address`), column(`${end}_port`)]),
    ...['role_evidence', 'first', 'last', 'opened', 'close_kind', 'closed_first'].map(column),
    ...['close_started', 'close_ended', 'reset_by', 'reset_kind'].map(column),
    ...each('state', 'fin', 'fins', 'rsts', 'bytes', 'segments', 'retransmissions'),
    column('zeek_conn_state'),
    ['zeek_history', "Zeek's history: upper case client, lower case server", 'f.zeek_history'],
    ...['wireshark_completeness', 'observed', 'first_frame', 'evicted'].map(column),
    ...each('duplicates'),
    column('reset_evidence'),
    ...each('stack'),
    column('client_syn_tsval'),
    column('last_frame'),
    ...each('isn', 'ttl'),
    column('capture_near'),
    ...each('missed', 'dsacks', 'zero_window'),
    ...['idle_before_close', 'late_data', 'late_data_is_alert'].map(column),
    ...['exchanges', 'last_data_by', 'last_data_after', 'last_data_length'].map(column),
    ...['icmp', 'icmp_type', 'icmp_code', 'icmp_from'].map(column),
    ...each('translated_address', 'translated_port'),
    column('carried'),
  ];
  return view(
    'flows',
    'one row per TCP connection',
    [columns],
    [`flow_data AS f ${ENDPOINTS.map(address).join(' ')}`],
  );
})();

/** How a stored column of `flow_data` is shown. */
function shownColumn({ name, kind, doc, words }: Column): Shown {
  switch (kind) {
    case 'time':
      return [`${name}_us`, `${doc}, ${US}`, `f.${name}`];
    case 'offset':
      return [`${name}_us`, `${doc}, ${US}`, `f.first + f.${name}`];
    case 'duration':
      return [`${name}_us`, `${doc}, microseconds`, `f.${name}`];
    case 'frame':
      return [name, `${doc}, as Wireshark numbers them in the file`, frameInFile(`f.${name}`)];
    case 'address': {
      const whose = name.replace('_address', '');
      const isJoined = ENDPOINTS.some((end) => end === whose);
      return [`${whose}_ip`, doc, isJoined ? `${whose}.ip` : ipOf(`f.${name}`)];
    }
    case 'word':
      return [name, doc, wordOf(`f.${name}`, words ?? [])];
    case 'integer':
      return [name, doc, `f.${name}`];
  }
}

/** One arm an endpoint and state, so that a WHERE on either leaves the other arms unread. */
const STATE_ARMS = ENDPOINTS.flatMap((end) =>
  STATES.map((state, i) => {
    const column = (name: StateName) => `f.${enteredColumn(end, name)}`;
    const later = STATES.slice(i + 1).map(column);
    const left = later.length > 1 ? `coalesce(${later.join(', ')})` : (later[0] ?? 'NULL');
    const step = `1${STATES.slice(0, i)
      .map((earlier) => ` + (${column(earlier)} IS NOT NULL)`)
      .join('')}`;
    return (
      `SELECT f.id AS flow_id, '${end}' AS endpoint, '${state}' AS state, f.first + ${column(state)} AS entered_us, ` +
      `f.first + ${left} AS left_us, ${column(state)}_frame AS frame, (f.${end}_evidence >> ${4 * i}) & 15 AS evidence, ${step} AS step ` +
      `FROM flow_data AS f WHERE ${column(state)} IS NOT NULL`
    );
  }),
);

const STATE_INTERVALS = view(
  'state_intervals',
  'one row per state that an endpoint was in',
  [
    [
      ['flow_id', 'flows.id', 'flow_id'],
      ['endpoint', 'client or server', 'endpoint'],
      ['state', STATES.join(', '), 'state'],
      ['entered_us', US, 'entered_us'],
      ['left_us', `${US}; NULL if nothing later was seen, and for CLOSED`, 'left_us'],
      ['entered_frame', 'the frame that shows it, by its number in the file', frameInFile('frame')],
      ['evidence', `why: ${EVIDENCE.join(', ')}`, wordOf('evidence', EVIDENCE)],
      ['entered_capture_id', 'the file of entered_frame, captures.id', fileOf('frame', 'id')],
      [
        'step',
        'from 1, in the order of entering; one segment may show two states: ORDER BY entered_us, step',
        'step',
      ],
    ],
  ],
  [`(\n  ${STATE_ARMS.join('\n  UNION ALL ')}\n)`],
);

const FLAG_NAMES = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];
const part = (i: number) => `json_extract(s.value, '$[${i}]')`;
const code = part(2);
const flagText = FLAG_NAMES.map(
  (name, i) => `CASE WHEN ${code} & ${2 << i} THEN '${name},' ELSE '' END`,
).join(' || ');

const CLOSE_SEGMENTS = view(
  'close_segments',
  'the SYN, FIN and RST segments of a flow, the ACKs that matter, and the first ICMP error about it',
  [
    [
      ['flow_id', 'flows.id', 'f.id'],
      ['n', 'from 1, in order of capture', 's.key + 1'],
      ['at_us', `capture time, ${US}`, `f.first + ${part(0)}`],
      ['frame', 'number of the frame in its file', frameInFile(part(1))],
      [
        'endpoint',
        'client or server: the sender; of an ICMP error, the end whose segment it quotes',
        wordOf(`${code} & 1`, ENDPOINTS),
      ],
      ['flags', "flags that are set, as in FIN,ACK; '' for an ICMP error", `rtrim(${flagText}, ',')`],
      ['seq', 'relative to the first sequence number of `endpoint`', part(4)],
      ['ack', "relative to the peer's first sequence number; NULL without ACK", part(5)],
      ['len', 'payload bytes', part(3)],
      [
        'meaning',
        'what it meant for the close: FIN, ACK of FIN, RST in TIME_WAIT ...',
        wordOf(`${code} >> 9`, MEANINGS),
      ],
      ['capture_id', 'the file of the frame, captures.id', fileOf(part(1), 'id')],
    ],
  ],
  ['flow_data AS f, json_each(f.segments) AS s'],
);

/** The columns that time_waits and close_waits begin with: the end that waits, and its peer. */
function waiting(end: Endpoint, state: StateName): Shown[] {
  const peer = ENDPOINTS.find((other) => other !== end);
  return [
    ['flow_id', 'flows.id', 'f.id'],
    [...ENDPOINT, `'${end}'`],
    ['ip', 'address of the endpoint', `${end}.ip`],
    ['port', 'port of the endpoint', `f.${end}_port`],
    ['peer_ip', 'address of its peer', `${peer}.ip`],
    ['peer_port', 'port of its peer', `f.${peer}_port`],
    ['entered_us', `entered ${state}, ${US}`, `f.first + f.${enteredColumn(end, state)}`],
  ];
}

const waitingFrom = (state: StateName) =>
  ENDPOINTS.map(
    (end) =>
      `flow_data AS f ${ENDPOINTS.map(address).join(' ')} WHERE f.${enteredColumn(end, state)} IS NOT NULL`,
  );

const TIME_WAITS = view(
  'time_waits',
  'one row per TIME_WAIT: what packets prove of its length',
  ENDPOINTS.map((end): Shown[] => [
    ...waiting(end, 'TIME_WAIT'),
    ['at_least_us', 'it lasted at least this long, microseconds', `f.${end}_time_wait_at_least`],
    [
      'at_most_us',
      'it was over by then, microseconds; NULL if nothing shows it',
      `f.${end}_time_wait_at_most`,
    ],
    ['expected_us', 'the length its stack uses, microseconds', `f.${end}_time_wait_expected`],
    ['ended_by', TIME_WAIT_ENDS.join(', '), wordOf(`f.${end}_time_wait_ended_by`, TIME_WAIT_ENDS)],
    [
      'rearmed',
      'how often a late segment of the peer, such as its FIN sent again, re-armed it',
      `f.${end}_time_wait_rearmed`,
    ],
    ['evidence', TIME_WAIT_EVIDENCE.join(', '), wordOf(`f.${end}_time_wait_evidence`, TIME_WAIT_EVIDENCE)],
    ['profile', 'whose length is expected', wordOf(`f.${end}_time_wait_profile`, PROFILES)],
    [
      'profile_evidence',
      'why that one: default, given, or syn (the system that the SYN speaks for)',
      wordOf(`f.${end}_time_wait_profile_evidence`, PROFILE_EVIDENCE),
    ],
  ]),
  waitingFrom('TIME_WAIT'),
);

const CLOSE_WAITS = view(
  'close_waits',
  'one row per CLOSE_WAIT: the peer has closed, this end has not yet',
  ENDPOINTS.map((end): Shown[] => {
    const entered = `f.${end}_close_wait`;
    const left = `coalesce(f.${end}_last_ack, f.${end}_unknown, f.${end}_closed)`;
    const ended = `CASE WHEN f.${end}_last_ack IS NULL AND f.${end}_unknown IS NOT NULL THEN NULL ELSE ${left} END`;
    const evidence = `(f.${end}_evidence >> ${4 * STATES.indexOf('CLOSED')}) & 15`;
    const closed = EVIDENCE.map((word) => word.replace('rst-', 'reset-'));
    return [
      ...waiting(end, 'CLOSE_WAIT'),
      ['left_us', `${US}; NULL if it never did`, `f.first + ${left}`],
      [
        'at_least_us',
        'it lasted at least this long, microseconds',
        `coalesce(${left}, f.observed) - ${entered}`,
      ],
      ['at_most_us', 'it was over by then, microseconds; NULL if that was not seen', `${ended} - ${entered}`],
      [
        'ended_by',
        'fin (its own), reset-sent, reset-received, reopened, kernel (its host had it no more); unknown, capture-end or evicted if its end was not seen',
        `CASE WHEN f.${end}_last_ack IS NOT NULL THEN 'fin' WHEN f.${end}_unknown IS NOT NULL THEN 'unknown' WHEN f.${end}_closed IS NOT NULL THEN ${wordOf(evidence, closed)} WHEN f.evicted THEN 'evicted' ELSE 'capture-end' END`,
      ],
    ];
  }),
  waitingFrom('CLOSE_WAIT'),
);

export const VIEWS: readonly string[] = [
  FLOWS,
  STATE_INTERVALS,
  CLOSE_SEGMENTS,
  TIME_WAITS,
  CLOSE_WAITS,
  KERNEL_SOCKETS,
];
export const VIEW_NAMES = [
  'flows',
  'state_intervals',
  'close_segments',
  'time_waits',
  'close_waits',
  'kernel_sockets',
];
