import { HISTORY_LENGTH } from '../format/batch.ts';
import { FACT_COUNT } from '../table/facts.ts';
import {
  BASE,
  BITS,
  DATA_FRAME,
  DATA_LENGTH,
  DIGEST,
  DSACKS,
  DUPLICATES,
  END_WIDTH,
  EVIDENCE_OF,
  EXCHANGES,
  FACTS,
  FILE,
  FIN_END,
  FINS,
  FIRST_FRAME,
  ICMP_BY,
  KEY,
  LAST_FRAME,
  LATE_DATA,
  MISSED,
  MISSING_SEQ,
  PENDING_SYN,
  PENDING_SYN_ISN,
  PREVIOUS,
  RCV_NXT,
  REARMED,
  REARMED_BY,
  REPLACED_AT,
  RESUMED_BY,
  RETRANSMISSIONS,
  ROUND_TRIP,
  RSTS,
  SEGMENTS,
  SND_NXT,
  STATUS,
  TURN_AFTER,
  TURN_LENGTH,
  WINDOW_CLOSED_US,
  ZEEK,
  ZEEK_SEQ,
  ZEEK_TIMES,
} from '../table/table-layout.ts';
import { TRAIL_LIMIT } from '../table/trail.ts';

// The values of a packed flow (flow-packing.ts), in this order: one that tells which of them are there, COLUMNS,
// RARE, its trail, ENTRIES, RARE_ENTRIES, NUMBERS, its history, the high halves of numbers.

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
const ofBoth = (columns: readonly number[]) => columns.flatMap((column) => [column, END_WIDTH + column]);

/** Always zero in a flow that may be packed: the reference of columns that are stored as they are. */
const ZERO = PREVIOUS;
const PLAIN = [
  ...[STATUS, FIRST_FRAME, FILE, KEY + 3, KEY + 7, KEY + 8, EXCHANGES, TURN_AFTER, TURN_LENGTH],
  ...ofBoth([
    BASE,
    BITS,
    EVIDENCE_OF,
    DIGEST,
    SEGMENTS,
    RETRANSMISSIONS,
    FINS,
    ROUND_TRIP,
    ZEEK,
    DATA_LENGTH,
  ]),
];
/** Columns that are most often near another one, their reference, which is packed before them. */
const NEAR: readonly (readonly [number, number])[] = [
  [SND_NXT, BASE],
  [END_WIDTH + SND_NXT, END_WIDTH + BASE],
  [FIN_END, SND_NXT],
  [END_WIDTH + FIN_END, END_WIDTH + SND_NXT],
  [ZEEK_SEQ, SND_NXT],
  [END_WIDTH + ZEEK_SEQ, END_WIDTH + SND_NXT],
  [RCV_NXT, END_WIDTH + SND_NXT],
  [END_WIDTH + RCV_NXT, SND_NXT],
  [LAST_FRAME, FIRST_FRAME],
  [DATA_FRAME, FIRST_FRAME],
  [END_WIDTH + DATA_FRAME, FIRST_FRAME],
];
/** Columns that are packed of every flow. */
export const COLUMNS = Uint8Array.of(...PLAIN, ...NEAR.map(([column]) => column));
/** Delta encoding: the column that each of COLUMNS is stored relative to. */
export const REFERENCES = Uint8Array.of(...PLAIN.map(() => ZERO), ...NEAR.map(([, reference]) => reference));
/** Columns that point to an entry of the trail: packed as its position there. */
export const ENTRIES = Uint8Array.from(ofBoth(range(FACTS, FACT_COUNT)));
/** Columns that few flows need, those of IPv6 first. */
export const RARE = Uint8Array.of(
  ...[0, 1, 2, 4, 5, 6].map((i) => KEY + i),
  ...[MISSED, MISSED + 1],
  ...ofBoth([
    RSTS,
    DUPLICATES,
    ZEEK_TIMES,
    PENDING_SYN_ISN,
    MISSING_SEQ,
    REARMED,
    DSACKS,
    WINDOW_CLOSED_US,
    2 * REPLACED_AT,
    2 * REPLACED_AT + 1,
  ]),
);
/** The values of RARE in the other flows. */
export const USUAL = Uint32Array.from(RARE, (column) =>
  column === KEY + 2 || column === KEY + 6 ? 0xffff : 0,
);
/** Columns that point to an entry, as few flows have them. */
export const RARE_ENTRIES = Uint8Array.of(
  RESUMED_BY,
  LATE_DATA,
  ICMP_BY,
  ...ofBoth([PENDING_SYN, REARMED_BY]),
);

/** The first value: whether RARE and the high halves are there, letters of the history, entries of the trail. */
export const HAS_RARE = 1 << 0;
export const HAS_HIGHS = 1 << 1;
export const HISTORY_SHIFT = 2;
export const TRAIL_SHIFT = 8;
export const COUNT_MASK = 63;
/** Values per entry of the trail, its time not counted. */
const VALUES_PER_ENTRY = 6;
/** Times and byte counts besides those of the trail's entries. */
export const NUMBERS = 9;
/** Values of a packed flow at most. */
export const MAX_VALUES =
  1 +
  COLUMNS.length +
  RARE.length +
  ENTRIES.length +
  RARE_ENTRIES.length +
  HISTORY_LENGTH / 4 +
  2 * NUMBERS +
  (VALUES_PER_ENTRY + 1) * TRAIL_LIMIT;
