import { ACK, FIN, RST, type Segment, SYN } from '../../decode/segment.ts';
import { HISTORY_LENGTH } from '../format/batch.ts';
import { code } from '../format/word-table.ts';
import { ZEEK_CONN_STATES } from '../format/words.ts';
import type { Flows } from '../table/flows.ts';
import {
  BYTES,
  END_NUMBER_WIDTH,
  END_WIDTH,
  FLOW_WIDTH,
  HISTORY_COUNT,
  ZEEK,
  ZEEK_SEQ,
  ZEEK_TIMES,
} from '../table/table-layout.ts';

// Zeek's conn_state and history, as in its conn.log. Zeek keeps a state of its own for each end, driven by
// flags: its CLOSED means "FIN seen". Upper case letters are the originator's.

const ZEEK_INACTIVE = 0;
const ZEEK_SYN_SENT = 1;
const ZEEK_SYN_ACK_SENT = 2;
const ZEEK_PARTIAL = 3;
const ZEEK_ESTABLISHED = 4;
const ZEEK_CLOSED = 5;
const ZEEK_RESET = 6;
const STATE_BITS = 7;

/** The letters of the history by the bit that says "written": each comes once per direction. */
const LETTERS = 'SHADFRIQ';
/** Letters that are repeated at powers of ten, by the shift of their count in ZEEK_TIMES. */
export const RETRANSMISSION = 0;
const ZERO_WINDOW = 10;
export const CONTENT_GAP = 20;
const COUNT_MASK = 1023;
const WRITTEN_SHIFT = 3;
const S = 0;
const H = 1;
const A = 2;
const D = 3;
const F = 4;
const R = 5;
const I = 6;
const Q = 7;
const CODES = Uint8Array.from(LETTERS, (letter) => letter.charCodeAt(0));
const CODE_T = 'T'.charCodeAt(0);
const CODE_W = 'W'.charCodeAt(0);
const CODE_G = 'G'.charCodeAt(0);
const LOWER_CASE = 0x20;
const FLIPPED = '^'.charCodeAt(0);

/** The endpoint's handshake is over and its letter for data, or for a bare ACK, is written: another changes nothing. */
export function hasWritten(zeek: number, data: boolean): boolean {
  return (zeek & (1 << (WRITTEN_SHIFT + (data ? D : A)))) !== 0 && (zeek & STATE_BITS) >= ZEEK_PARTIAL;
}

/** Takes the current segment into the state and the history of the endpoint that sent it. */
export function observeZeek(flows: Flows, me: number): void {
  const { table, segment: s } = flows;
  const z = me * END_WIDTH + ZEEK;
  const before = table.end[z]!;
  const state = before & STATE_BITS;
  if ((s.flags & (SYN | FIN | RST)) === 0) {
    if (hasWritten(before, s.payloadLength > 0) && s.window !== 0) return;
    writeOnce(flows, me, s.payloadLength > 0 ? D : A);
  } else {
    writeFlags(flows, me, s);
  }
  if (s.window === 0 && (s.flags & RST) === 0) writeAtPowersOfTen(flows, me, ZERO_WINDOW);
  const next = nextState(state, table.end[(me ^ 1) * END_WIDTH + ZEEK]! & STATE_BITS, me & 1, s);
  table.end[z] = (table.end[z]! & ~STATE_BITS) | next;
}

function nextState(state: number, peer: number, side: number, s: Segment): number {
  const { flags } = s;
  // After both FINs an RST changes nothing.
  if ((flags & RST) !== 0) return state === ZEEK_CLOSED && peer === ZEEK_CLOSED ? ZEEK_CLOSED : ZEEK_RESET;
  if (state >= ZEEK_CLOSED) return state;
  if ((flags & FIN) !== 0) return ZEEK_CLOSED;
  if ((flags & SYN) !== 0) {
    if ((flags & ACK) === 0) return state === ZEEK_INACTIVE ? ZEEK_SYN_SENT : state;
    return side === 1 ? ZEEK_ESTABLISHED : ZEEK_SYN_ACK_SENT;
  }
  if (state === ZEEK_SYN_SENT || state === ZEEK_SYN_ACK_SENT)
    return peer === ZEEK_ESTABLISHED || peer === ZEEK_CLOSED ? ZEEK_ESTABLISHED : state;
  if (state === ZEEK_INACTIVE) return peer === ZEEK_ESTABLISHED ? ZEEK_ESTABLISHED : ZEEK_PARTIAL;
  return state;
}

/** S, H, F and R are repeated on a new sequence number; two of SYN, FIN and RST at once are I or Q. */
function writeFlags(flows: Flows, me: number, s: Segment): void {
  const kinds = s.flags & (SYN | FIN | RST);
  if ((kinds & (kinds - 1)) !== 0) {
    writeOnce(flows, me, (kinds & SYN) === 0 ? I : Q);
  } else if (kinds === SYN) {
    writeOnNewSeq(flows, me, (s.flags & ACK) !== 0 ? H : S, s.seq);
  } else {
    if (kinds === FIN && s.payloadLength > 0) writeOnce(flows, me, D);
    writeOnNewSeq(flows, me, kinds === FIN ? F : R, (s.seq + s.payloadLength) >>> 0);
  }
}

function writeOnNewSeq(flows: Flows, me: number, letter: number, seq: number): void {
  const { end } = flows.table;
  const written = (end[me * END_WIDTH + ZEEK]! & (1 << (WRITTEN_SHIFT + letter))) !== 0;
  if (written && end[me * END_WIDTH + ZEEK_SEQ] === seq) return;
  end[me * END_WIDTH + ZEEK_SEQ] = seq;
  if (written) write(flows, me, letter);
  else writeOnce(flows, me, letter);
}

function writeOnce(flows: Flows, me: number, letter: number): void {
  const z = me * END_WIDTH + ZEEK;
  const bit = 1 << (WRITTEN_SHIFT + letter);
  if ((flows.table.end[z]! & bit) !== 0) return;
  flows.table.end[z]! |= bit;
  write(flows, me, letter);
}

/** A retransmission, a zero window or a gap: T, W or G the first, tenth, hundredth ... time. */
export function writeAtPowersOfTen(flows: Flows, me: number, kind: number): void {
  const times = (flows.get(me, ZEEK_TIMES) >>> kind) & COUNT_MASK;
  if (times === COUNT_MASK) return;
  flows.set(me, ZEEK_TIMES, flows.get(me, ZEEK_TIMES) + 2 ** kind);
  const power = Math.log10(times + 1);
  if (power !== Math.floor(power)) return;
  writeCode(flows, me, kind === RETRANSMISSION ? CODE_T : kind === ZERO_WINDOW ? CODE_W : CODE_G);
}

function write(flows: Flows, me: number, letter: number): void {
  writeCode(flows, me, CODES[letter]!);
}

function writeCode(flows: Flows, me: number, code: number): void {
  const { flow, history } = flows.table;
  const count = (me >> 1) * FLOW_WIDTH + HISTORY_COUNT;
  const n = flow[count]!;
  if (n >= HISTORY_LENGTH) return;
  history[flows.table.historyOf(me >> 1) + n] = code | ((me & 1) === 1 ? LOWER_CASE : 0);
  flow[count] = n + 1;
}

/** The server's segment came first, so the direction was flipped: `^`. */
export function writeFlip(flows: Flows, flow: number): void {
  flows.table.history[flows.table.historyOf(flow)] = FLIPPED;
  flows.table.flow[flow * FLOW_WIDTH + HISTORY_COUNT] = 1;
}

const S0 = code(ZEEK_CONN_STATES, 'S0');
const S1 = code(ZEEK_CONN_STATES, 'S1');
const S2 = code(ZEEK_CONN_STATES, 'S2');
const S3 = code(ZEEK_CONN_STATES, 'S3');
const SF = code(ZEEK_CONN_STATES, 'SF');
const SH = code(ZEEK_CONN_STATES, 'SH');
const SHR = code(ZEEK_CONN_STATES, 'SHR');
const REJ = code(ZEEK_CONN_STATES, 'REJ');
const RSTO = code(ZEEK_CONN_STATES, 'RSTO');
const RSTR = code(ZEEK_CONN_STATES, 'RSTR');
const RSTOS0 = code(ZEEK_CONN_STATES, 'RSTOS0');
const RSTRH = code(ZEEK_CONN_STATES, 'RSTRH');
const OTH = code(ZEEK_CONN_STATES, 'OTH');

/** Code of conn_state, decided once at the end (Zeek base/protocols/conn). */
export function zeekConnState(flows: Flows, flow: number): number {
  const { end } = flows.table;
  const orig = end[flow * 2 * END_WIDTH + ZEEK]! & STATE_BITS;
  const resp = end[(flow * 2 + 1) * END_WIDTH + ZEEK]! & STATE_BITS;
  if (orig === ZEEK_CLOSED && resp === ZEEK_CLOSED) return SF;
  const origInactive = orig === ZEEK_INACTIVE || orig === ZEEK_PARTIAL;
  const respInactive = resp === ZEEK_INACTIVE || resp === ZEEK_PARTIAL;
  if (resp === ZEEK_RESET) {
    if (orig === ZEEK_SYN_SENT || orig === ZEEK_SYN_ACK_SENT) return REJ;
    if (orig === ZEEK_RESET && !hasPayload(flows, flow)) return REJ;
    return origInactive ? RSTRH : RSTR;
  }
  if (orig === ZEEK_RESET) {
    if (!respInactive) return RSTO;
    return /^\^?S[^HAFGIQ]*R/.test(historyOf(flows, flow)) ? RSTOS0 : OTH;
  }
  if (orig === ZEEK_CLOSED) return respInactive ? SH : S2;
  if (resp === ZEEK_CLOSED) return origInactive ? SHR : S3;
  if (orig === ZEEK_SYN_SENT && resp === ZEEK_INACTIVE) return S0;
  return orig === ZEEK_ESTABLISHED && resp === ZEEK_ESTABLISHED ? S1 : OTH;
}

function hasPayload({ table }: Flows, flow: number): boolean {
  const client = flow * 2 * END_NUMBER_WIDTH;
  return table.endNumber[client + BYTES]! > 0 || table.endNumber[client + END_NUMBER_WIDTH + BYTES]! > 0;
}

/** The history as text. */
function historyOf({ table }: Flows, flow: number): string {
  const from = table.historyOf(flow);
  return String.fromCharCode(
    ...table.history.subarray(from, from + table.flow[flow * FLOW_WIDTH + HISTORY_COUNT]!),
  );
}
