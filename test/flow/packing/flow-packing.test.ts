import { expect, it } from 'vitest';
import { SYN } from '../../../src/decode/segment.ts';
import { HISTORY_LENGTH } from '../../../src/flow/format/batch.ts';
import { FlowPacking, MAX_PACKED_BYTES } from '../../../src/flow/packing/flow-packing.ts';
import { Flows } from '../../../src/flow/table/flows.ts';
import {
  ACTIVE_AT,
  BYTES,
  DATA_AT,
  END_WIDTH,
  FIRST_AT,
  FIRST_FRAME,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  HASH,
  HISTORY_COUNT,
  LAST_AT,
  NEXT_DUE,
  PREVIOUS,
  PREVIOUS_DUE,
  REPLACED_AT,
  SEEN_AT,
  TRAIL_COUNT,
  TRAIL_HEAD,
  TRAIL_TAIL,
} from '../../../src/flow/table/table-layout.ts';
import { addressed, ENDS } from '../script.ts';

/** Words that the hash, the queues and the trail keep by themselves; flows with a PREVIOUS are not packed. */
const NOT_PACKED = [HASH, PREVIOUS, NEXT_DUE, PREVIOUS_DUE, TRAIL_HEAD, TRAIL_TAIL, TRAIL_COUNT];
/** A word of the server's half that no column uses. */
const UNUSED = [END_WIDTH + 59];
const WORDS = Array.from({ length: FLOW_WIDTH }, (_, word) => word).filter(
  (word) => !NOT_PACKED.includes(word) && !UNUSED.includes(word),
);
/** Columns of float64 numbers, which are whole, in each half. LAST_AT is kept beside. */
const NUMBERS = [REPLACED_AT, SEEN_AT, DATA_AT, ACTIVE_AT, BYTES, FIRST_AT];
const isNumber = (word: number) => NUMBERS.includes((word % END_WIDTH) >> 1);

/** A flow with one segment in its trail, and whichever word set to 1, packed and unpacked. */
function packed(flows: Flows, word: number): { before: number[]; after: number[] } {
  const { table, trails } = flows;
  const packing = new FlowPacking(flows);
  const segment = Object.assign(addressed(ENDS.client, ENDS.server), { flags: SYN, frame: 7, timeUs: 1e15 });
  table.find(segment);
  const from = table.add(segment);
  flows.start(from, segment);
  trails.add(table, from * 2, segment, 0);
  table.flow[from * FLOW_WIDTH + HISTORY_COUNT] = HISTORY_LENGTH;
  if (!isNumber(word)) table.flow[from * FLOW_WIDTH + word] = 1;
  else if (word >> 1 !== LAST_AT) table.flowTime[from * FLOW_TIME_WIDTH + (word >> 1)] = 2 ** 40 + 1;
  const columns = (flow: number) => WORDS.map((column) => table.flow[flow * FLOW_WIDTH + column]!);
  const before = columns(from);
  const bytes = new DataView(new ArrayBuffer(MAX_PACKED_BYTES));
  packing.pack(from, bytes);
  const at = table.flowTime[from * FLOW_TIME_WIDTH + LAST_AT]!;
  trails.release(table, from);
  packing.load(bytes);
  packing.unpack(from + 1, at);
  return { before, after: columns(from + 1) };
}

it.each(WORDS)('packs word %i of a record', (word) => {
  const { before, after } = packed(new Flows(4, 4, 1), word);
  expect(after[WORDS.indexOf(FIRST_FRAME)]).toBe(word === FIRST_FRAME ? 1 : 7);
  // Of the history as much is kept as there is.
  if (word !== HISTORY_COUNT) expect(after).toEqual(before);
});
