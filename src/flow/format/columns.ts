import {
  CLOSE_KINDS,
  CLOSED_FIRST,
  ENDPOINTS,
  PROFILE_EVIDENCE,
  PROFILES,
  RESET_EVIDENCE,
  RESET_KINDS,
  ROLE_EVIDENCE,
  STACKS,
  STATES,
  TIME_WAIT_ENDS,
  TIME_WAIT_EVIDENCE,
  ZEEK_CONN_STATES,
} from './words.ts';

// The one description of a finished flow's row: the tracker fills it by index, and the store makes its table
// and views from it. All values are numbers; NaN is NULL.

/**
 * How a number is to be read:
 * - `integer`: itself
 * - `time`: microseconds since the epoch
 * - `offset`: microseconds since the row's `first`, shown as an absolute time `<name>_us`
 * - `duration`: microseconds, shown as `<name>_us`
 * - `frame`: a running frame number over all files of the run, shown as the number in its file
 * - `address`: an id of the `addresses` table
 * - `word`: an index into `words`
 */
export type ColumnKind = 'integer' | 'time' | 'offset' | 'duration' | 'frame' | 'address' | 'word';

/** One number of a flow's row. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** One sentence for the schema. */
  readonly doc: string;
  readonly words?: readonly string[];
}

const column = (name: string, kind: ColumnKind, doc: string): Column => ({ name, kind, doc });
const word = (name: string, words: readonly string[], doc: string): Column => ({
  name,
  kind: 'word',
  doc,
  words,
});
/** The same column for the client, then for the server; `%` in the doc becomes the endpoint. */
const each = (name: string, kind: ColumnKind, doc: string, words?: readonly string[]): Column[] =>
  ENDPOINTS.map((end) => {
    const made = { name: `${end}_${name}`, kind, doc: doc.replaceAll('%', end) };
    return words === undefined ? made : { ...made, words };
  });

/** The columns of `flows` that are stored, without the endpoints' state times. */
const FLOW_COLUMNS: readonly Column[] = [
  column('capture_id', 'integer', 'the file of its first segment, captures.id'),
  ...each('address', 'address', 'address of the %'),
  ...each('port', 'integer', 'TCP port of the %'),
  word(
    'role_evidence',
    ROLE_EVIDENCE,
    'what decided who is client: syn, syn-ack, or a guess (lower-port, first-segment)',
  ),
  column(
    'first',
    'time',
    'first segment; no other time of the row is earlier, also where the clock went back',
  ),
  column('last', 'offset', 'last segment'),
  column('observed', 'offset', 'observed until: end of the capture, expiry or eviction'),
  column('first_frame', 'frame', 'frame number of the first segment'),
  column('opened', 'offset', 'the handshake was complete'),
  word('close_kind', CLOSE_KINDS, 'fin, fin-unacked, half, reset, fin-reset, refused, unanswered or open'),
  word('closed_first', CLOSED_FIRST, 'whose FIN or RST began the close; both when two FINs crossed'),
  column('close_started', 'offset', 'first FIN or RST'),
  column(
    'close_ended',
    'offset',
    'both ends were done: the last ACK that the close needed, or the RST; NULL until then',
  ),
  word('reset_by', ENDPOINTS, 'the endpoint whose RST ended the flow'),
  word('reset_kind', RESET_KINDS, 'what the RST most likely was, a hypothesis'),
  word('reset_evidence', RESET_EVIDENCE, 'what speaks for reset_kind'),
  ...each('state', 'word', 'state of the % when the flow was last watched', STATES),
  ...each('fin', 'offset', 'first FIN of the %'),
  ...each('fins', 'integer', 'FIN segments of the %, retransmissions included'),
  ...each('rsts', 'integer', 'RST segments of the %'),
  ...each('bytes', 'integer', 'payload bytes of the % as its sequence numbers count them, each once'),
  ...each('segments', 'integer', 'segments of the %'),
  ...each('retransmissions', 'integer', 'segments of the % that carried nothing new'),
  ...each('duplicates', 'integer', 'frames of the % that were captured twice; no other column counts them'),
  word('zeek_conn_state', ZEEK_CONN_STATES, "Zeek's conn_state"),
  column('wireshark_completeness', 'integer', "Wireshark's tcp.completeness"),
  column('evicted', 'integer', '1 if the flow was evicted early to bound memory, else 0'),
  ...each('time_wait_at_least', 'duration', 'TIME_WAIT of the %: proven to have lasted so long'),
  ...each('time_wait_at_most', 'duration', 'TIME_WAIT of the %: proven to be over by then'),
  ...each('time_wait_expected', 'duration', 'TIME_WAIT of the %: the length its stack uses'),
  ...each('time_wait_ended_by', 'word', 'TIME_WAIT of the %: what ended it', TIME_WAIT_ENDS),
  ...each('time_wait_evidence', 'word', 'TIME_WAIT of the %: what is known of its end', TIME_WAIT_EVIDENCE),
  ...each('time_wait_profile', 'word', 'TIME_WAIT of the %: whose length is expected', PROFILES),
  ...each(
    'time_wait_profile_evidence',
    'word',
    'TIME_WAIT of the %: why that length is expected',
    PROFILE_EVIDENCE,
  ),
  ...each('stack', 'word', 'system of the % by its SYN fingerprint, a hypothesis', STACKS),
  ...each('time_wait_rearmed', 'integer', 'TIME_WAIT of the %: how often it was re-armed'),
  column('client_syn_tsval', 'integer', "TSval of the client's first SYN (RFC 7323); NULL if it has none"),
  column('last_frame', 'frame', 'frame number of the last segment'),
  ...each('isn', 'integer', 'initial sequence number of the %; NULL if no SYN or SYN-ACK shows it'),
  ...each('ttl', 'integer', 'TTL or hop limit of the first segment of the %'),
  word(
    'capture_near',
    ENDPOINTS,
    'which end the capture point was near, by the handshake; NULL if that does not show it',
  ),
  ...each(
    'missed',
    'integer',
    'how often the peer acknowledged segments of the % that were never captured (Wireshark: ACKed unseen segment)',
  ),
  ...each(
    'dsacks',
    'integer',
    'D-SACKs to the % (RFC 2883): what it sent again had arrived before; NULL if nothing of its peer was captured',
  ),
  ...each(
    'zero_window',
    'duration',
    'how long the % had its receive window closed, until the last segment; 4294967295 stands for that and more',
  ),
  column(
    'idle_before_close',
    'duration',
    'from the last data that the end which closed first had sent or acknowledged to its FIN or RST; a TLS alert that it sent is none',
  ),
  column(
    'late_data',
    'duration',
    'from the first FIN to data of the peer beyond what it acknowledges: the last that was captured before it, negative, else the first after it',
  ),
  column(
    'late_data_is_alert',
    'integer',
    '1 if that data is a TLS alert (record type 21, or 24 bytes of type 23 as TLS 1.3 encrypts it), else 0; NULL if its first byte was not captured',
  ),
  column(
    'exchanges',
    'integer',
    'how often data of the server followed data of the client before the close: requests that were answered',
  ),
  word(
    'last_data_by',
    ENDPOINTS,
    'whose data was the last before the close, TLS alerts apart; NULL if no data was captured',
  ),
  column(
    'last_data_after',
    'duration',
    'from the last data of the other end to its first data after that; NULL if the other had sent none',
  ),
  column('last_data_length', 'integer', 'length of the first segment with that data'),
  column(
    'icmp',
    'offset',
    'first ICMP or ICMPv6 error that quotes a segment of the flow which was under way',
  ),
  column('icmp_type', 'integer', 'its type, of ICMP or ICMPv6'),
  column('icmp_code', 'integer', 'its code'),
  column('icmp_from', 'address', 'address of its sender'),
  ...each(
    'translated_address',
    'address',
    'address of the % on the other side of a NAT that was captured, too',
  ),
  ...each('translated_port', 'integer', 'its port there'),
  column(
    'carried',
    'integer',
    '1 if the flow was taken over from the database before, at a rotation, else 0',
  ),
];

/** Each endpoint's state times: when it entered each state, in which frame, and on what evidence (4 bits per state). */
const STATE_TIMES_COLUMNS: readonly Column[] = ENDPOINTS.flatMap((end) => [
  ...STATES.map((state) => column(`${end}_${state.toLowerCase()}`, 'offset', `the ${end} entered ${state}`)),
  ...STATES.map((state) => column(`${end}_${state.toLowerCase()}_frame`, 'frame', `the frame that shows it`)),
  column(`${end}_evidence`, 'integer', `evidence codes, 4 bits a state, SYN_SENT lowest`),
]);

export const ROW_COLUMNS: readonly Column[] = [...FLOW_COLUMNS, ...STATE_TIMES_COLUMNS];

/** Indexes of the columns that hold addresses, those of both ends first. */
export const ADDRESS_COLUMNS = ROW_COLUMNS.flatMap(({ kind }, i) => (kind === 'address' ? [i] : []));

export const ADDRESS_NAMES = ADDRESS_COLUMNS.map((i) => ROW_COLUMNS[i]!.name);

const indexOf = new Map(ROW_COLUMNS.map((c, i) => [c.name, i]));

/** Index of a column in a row; for the client's columns, the server's is `+ 1` (for `STATE_TIMES`, `+ STATE_TIMES_WIDTH`). */
export function columnIndex(name: string): number {
  const index = indexOf.get(name);
  if (index === undefined) throw new Error(`no such column: ${name}`);
  return index;
}

/** Numbers in a row. */
export const ROW_WIDTH = ROW_COLUMNS.length;
/** Index of the client's state times; the server's are STATE_TIMES_WIDTH further. */
export const STATE_TIMES = FLOW_COLUMNS.length;
export const STATE_TIMES_WIDTH = STATE_TIMES_COLUMNS.length / 2;

/** The numbers of one of `close_segments`, in this order. */
export const SEGMENT_FIELDS = ['at', 'frame', 'endpoint', 'flags', 'seq', 'ack', 'len', 'meaning'] as const;
export const SEGMENT_WIDTH = SEGMENT_FIELDS.length;

/** Index of a number in a close segment. */
export function segmentField(name: (typeof SEGMENT_FIELDS)[number]): number {
  return SEGMENT_FIELDS.indexOf(name);
}
