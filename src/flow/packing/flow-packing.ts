import type { Flows } from '../table/flows.ts';
import {
  ACTIVE_AT,
  BASE,
  BYTES,
  DATA_AT,
  END_NUMBER_WIDTH,
  FIRST_AT,
  FIRST_FRAME,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  HISTORY,
  HISTORY_COUNT,
  KEY,
  KEY_WIDTH,
  LAST_AT,
  SEEN_AT,
} from '../table/table-layout.ts';
import { hasAck, SIDE, SIDE_SHIFT, TRAIL_LIMIT } from '../table/trail.ts';
import {
  COLUMNS,
  COUNT_MASK,
  ENTRIES,
  HAS_HIGHS,
  HAS_RARE,
  HISTORY_SHIFT,
  MAX_VALUES,
  NUMBERS,
  RARE,
  RARE_ENTRIES,
  REFERENCES,
  TRAIL_SHIFT,
  USUAL,
} from './packed-layout.ts';
import { decodeVarints, encodeVarints, maxVarintBytes } from './varint.ts';

const HIGH = 2 ** 32;

/** Bytes of a packed flow at most. */
export const MAX_PACKED_BYTES = maxVarintBytes(MAX_VALUES);

/**
 * Packs a flow's record and trail into some 200 bytes instead of 700, and unpacks them into an empty record:
 * most columns are zero or near another one, and those that few flows need are left out. The caller keeps
 * the time of the last segment and the hash of the key.
 */
export class FlowPacking {
  private readonly flows: Flows;
  private readonly values = new Uint32Array(MAX_VALUES + 3);
  /** Values that load() has read. */
  private loaded = 0;
  /** Index of the next value. */
  private at = 0;
  /** The entries of the trail, by their positions in it from 1. */
  private readonly entries = new Uint32Array(TRAIL_LIMIT + 1);
  private count = 0;
  /** The high halves of the numbers; most often all are zero. */
  private readonly highs = new Int32Array(NUMBERS + TRAIL_LIMIT);
  private highCount = 0;

  constructor(flows: Flows) {
    this.flows = flows;
  }

  /** Packs a flow into `bytes`; returns its length. */
  pack(flow: number, bytes: DataView): number {
    const { values, highs } = this;
    const { flow: columns, flowTime, endNumber } = this.flows.table;
    const f = flow * FLOW_WIDTH;
    const last = flowTime[flow * FLOW_TIME_WIDTH + LAST_AT]!;
    this.highCount = 0;
    for (let i = 0; i < COLUMNS.length; i++)
      values[1 + i] = columns[f + COLUMNS[i]!]! - columns[f + REFERENCES[i]!]!;
    this.at = 1 + COLUMNS.length;
    const isRare = hasRare(columns, f);
    if (isRare) for (let i = 0; i < RARE.length; i++) values[this.at++] = columns[f + RARE[i]!]!;
    this.packTrail(flow, last);
    for (let i = 0; i < ENTRIES.length; i++) values[this.at++] = this.placeOf(columns[f + ENTRIES[i]!]!);
    if (isRare) {
      for (let i = 0; i < RARE_ENTRIES.length; i++)
        values[this.at++] = this.placeOf(columns[f + RARE_ENTRIES[i]!]!);
    }
    this.put(last - flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT]!);
    for (let n = flow * FLOW_TIME_WIDTH, side = 0; side < 2; side++, n += END_NUMBER_WIDTH) {
      this.put(last - endNumber[n + SEEN_AT]!);
      this.put(last - endNumber[n + DATA_AT]!);
      this.put(last - endNumber[n + ACTIVE_AT]!);
      this.put(endNumber[n + BYTES]!);
    }
    const letters = columns[f + HISTORY_COUNT]!;
    for (let i = 0; i < letters; i += 4) values[this.at++] = columns[f + HISTORY / 4 + (i >> 2)]!;
    let high = 0;
    for (let i = 0; i < this.highCount; i++) high |= highs[i]!;
    if (high !== 0) for (let i = 0; i < this.highCount; i++) values[this.at++] = highs[i]!;
    values[0] =
      (isRare ? HAS_RARE : 0) |
      (high === 0 ? 0 : HAS_HIGHS) |
      (letters << HISTORY_SHIFT) |
      (this.count << TRAIL_SHIFT);
    return encodeVarints(values, this.at, bytes);
  }

  /** Reads what pack() wrote, for hasKey() and unpack(). */
  load(bytes: DataView): void {
    this.loaded = decodeVarints(bytes, this.values);
  }

  /** The loaded flow has this key. */
  hasKey(key: Uint32Array): boolean {
    const { values } = this;
    for (let i = 0; i < KEY_WIDTH; i++) {
      const plain = COLUMNS.indexOf(KEY + i);
      const rare = RARE.indexOf(KEY + i);
      const isRare = (values[0]! & HAS_RARE) !== 0;
      const own = plain >= 0 ? values[1 + plain] : isRare ? values[1 + COLUMNS.length + rare] : USUAL[rare];
      if (own !== key[i]) return false;
    }
    return true;
  }

  /** Unpacks the loaded flow, whose last segment had this time. */
  unpack(flow: number, last: number): void {
    const { values, entries, highs } = this;
    const { flow: columns, flowTime, endNumber } = this.flows.table;
    const f = flow * FLOW_WIDTH;
    const isRare = (values[0]! & HAS_RARE) !== 0;
    const letters = (values[0]! >>> HISTORY_SHIFT) & COUNT_MASK;
    this.count = values[0]! >>> TRAIL_SHIFT;
    this.highCount = 0;
    // The high halves come last.
    const numbers = NUMBERS + this.count;
    for (let i = 0, from = this.loaded - numbers; i < numbers; i++)
      highs[i] = (values[0]! & HAS_HIGHS) !== 0 ? values[from + i]! : 0;

    for (let i = 0; i < COLUMNS.length; i++)
      columns[f + COLUMNS[i]!] = values[1 + i]! + columns[f + REFERENCES[i]!]!;
    this.at = 1 + COLUMNS.length;
    for (let i = 0; i < RARE.length; i++) columns[f + RARE[i]!] = isRare ? values[this.at++]! : USUAL[i]!;
    flowTime[flow * FLOW_TIME_WIDTH + LAST_AT] = last;
    this.unpackTrail(flow, last);
    for (let i = 0; i < ENTRIES.length; i++) columns[f + ENTRIES[i]!] = entries[values[this.at++]!]!;
    if (isRare) {
      for (let i = 0; i < RARE_ENTRIES.length; i++)
        columns[f + RARE_ENTRIES[i]!] = entries[values[this.at++]!]!;
    }
    flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT] = last - this.take();
    for (let n = flow * FLOW_TIME_WIDTH, side = 0; side < 2; side++, n += END_NUMBER_WIDTH) {
      endNumber[n + SEEN_AT] = last - this.take();
      endNumber[n + DATA_AT] = last - this.take();
      endNumber[n + ACTIVE_AT] = last - this.take();
      endNumber[n + BYTES] = this.take();
    }
    columns[f + HISTORY_COUNT] = letters;
    for (let i = 0; i < letters; i += 4) columns[f + HISTORY / 4 + (i >> 2)] = values[this.at++]!;
  }

  private packTrail(flow: number, last: number): void {
    const { flows, entries, values } = this;
    const { table, trails } = flows;
    const first = table.flow[flow * FLOW_WIDTH + FIRST_FRAME]!;
    this.count = 0;
    for (let entry = trails.first(table, flow); entry !== 0; entry = trails.nextOf(entry)) {
      entries[++this.count] = entry;
      const tags = trails.tagsOf(entry);
      const me = flow * 2 + ((tags & SIDE) >>> SIDE_SHIFT);
      values[this.at++] = tags;
      values[this.at++] = trails.dataOf(entry);
      values[this.at++] = trails.frameOf(entry) - first;
      values[this.at++] = trails.seqOf(entry) - flows.get(me, BASE);
      values[this.at++] = trails.ackOf(entry) - (hasAck(tags) ? flows.get(me ^ 1, BASE) : 0);
      this.put(last - trails.atOf(entry));
    }
  }

  private unpackTrail(flow: number, last: number): void {
    const { flows, entries, values, count } = this;
    const { table, trails } = flows;
    const first = table.flow[flow * FLOW_WIDTH + FIRST_FRAME]!;
    for (let place = 1; place <= count; place++) {
      const tags = values[this.at++]!;
      const me = flow * 2 + ((tags & SIDE) >>> SIDE_SHIFT);
      const length = values[this.at++]!;
      const frame = values[this.at++]! + first;
      const seq = values[this.at++]! + flows.get(me, BASE);
      const ack = values[this.at++]! + (hasAck(tags) ? flows.get(me ^ 1, BASE) : 0);
      entries[place] = trails.append(table, flow, last - this.take(), frame, seq, ack, length, tags);
    }
  }

  private placeOf(entry: number): number {
    if (entry === 0) return 0;
    let place = this.count;
    while (this.entries[place] !== entry) place--;
    return place;
  }

  private put(number: number): void {
    this.values[this.at++] = number;
    this.highs[this.highCount++] = Math.floor(number / HIGH);
  }

  private take(): number {
    return this.highs[this.highCount++]! * HIGH + this.values[this.at++]!;
  }
}

function hasRare(columns: Uint32Array, f: number): boolean {
  let rare = 0;
  for (let i = 0; i < RARE.length; i++) rare |= columns[f + RARE[i]!]! ^ USUAL[i]!;
  for (let i = 0; i < RARE_ENTRIES.length; i++) rare |= columns[f + RARE_ENTRIES[i]!]!;
  return rare !== 0;
}
