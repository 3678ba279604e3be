import type { Flows } from '../table/flows.ts';
import {
  BASE,
  BYTES,
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
  MOST_WORDS,
  NUMBERS,
  RARE,
  RARE_ENTRIES,
  REFERENCES,
  TRAIL_SHIFT,
  USUAL,
} from './packed-layout.ts';
import { mostBytes, packWords, unpackWords } from './varint.ts';

const HIGH = 2 ** 32;

/** Bytes that any packed flow fits into. */
export const MOST_PACKED_BYTES = mostBytes(MOST_WORDS);

/**
 * Packs a flow's record and trail into some 200 bytes instead of 700, and unpacks them into those that are
 * empty. What few flows have is left out of the others, most words are zero, or near another one. Who packs
 * keeps the time of the last segment and the hash beside the bytes.
 */
export class FlowPacking {
  private readonly flows: Flows;
  private readonly words = new Uint32Array(MOST_WORDS + 3);
  /** How many words load() has read. */
  private loaded = 0;
  /** Where the next word goes to, or comes from. */
  private at = 0;
  /** The entries of the trail, by their positions in it from 1. */
  private readonly entries = new Uint32Array(TRAIL_LIMIT + 1);
  private count = 0;
  /** The high words of the numbers; most often all are zero. */
  private readonly highs = new Int32Array(NUMBERS + TRAIL_LIMIT);
  private highCount = 0;

  constructor(flows: Flows) {
    this.flows = flows;
  }

  /** Packs a flow into `bytes`; returns how many it takes. */
  pack(flow: number, bytes: DataView): number {
    const { words, highs } = this;
    const { flow: columns, flowTime, endNumber } = this.flows.table;
    const f = flow * FLOW_WIDTH;
    const last = flowTime[flow * FLOW_TIME_WIDTH + LAST_AT]!;
    this.highCount = 0;
    for (let i = 0; i < COLUMNS.length; i++)
      words[1 + i] = columns[f + COLUMNS[i]!]! - columns[f + REFERENCES[i]!]!;
    this.at = 1 + COLUMNS.length;
    const isRare = hasRare(columns, f);
    if (isRare) for (let i = 0; i < RARE.length; i++) words[this.at++] = columns[f + RARE[i]!]!;
    this.packTrail(flow, last);
    for (let i = 0; i < ENTRIES.length; i++) words[this.at++] = this.placeOf(columns[f + ENTRIES[i]!]!);
    if (isRare) {
      for (let i = 0; i < RARE_ENTRIES.length; i++)
        words[this.at++] = this.placeOf(columns[f + RARE_ENTRIES[i]!]!);
    }
    this.put(last - flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT]!);
    for (let n = flow * FLOW_TIME_WIDTH, side = 0; side < 2; side++, n += END_NUMBER_WIDTH) {
      this.put(last - endNumber[n + SEEN_AT]!);
      this.put(endNumber[n + BYTES]!);
    }
    const letters = columns[f + HISTORY_COUNT]!;
    for (let i = 0; i < letters; i += 4) words[this.at++] = columns[f + HISTORY / 4 + (i >> 2)]!;
    let high = 0;
    for (let i = 0; i < this.highCount; i++) high |= highs[i]!;
    if (high !== 0) for (let i = 0; i < this.highCount; i++) words[this.at++] = highs[i]!;
    words[0] =
      (isRare ? HAS_RARE : 0) |
      (high === 0 ? 0 : HAS_HIGHS) |
      (letters << HISTORY_SHIFT) |
      (this.count << TRAIL_SHIFT);
    return packWords(words, this.at, bytes);
  }

  /** Reads what pack() wrote: hasKey() and unpack() are about that flow. */
  load(bytes: DataView): void {
    this.loaded = unpackWords(bytes, this.words);
  }

  /** The flow has this key. */
  hasKey(key: Uint32Array): boolean {
    const { words } = this;
    for (let word = 0; word < KEY_WIDTH; word++) {
      const plain = COLUMNS.indexOf(KEY + word);
      const rare = RARE.indexOf(KEY + word);
      const isRare = (words[0]! & HAS_RARE) !== 0;
      const own = plain >= 0 ? words[1 + plain] : isRare ? words[1 + COLUMNS.length + rare] : USUAL[rare];
      if (own !== key[word]) return false;
    }
    return true;
  }

  /** Unpacks the flow, whose last segment had this time. */
  unpack(flow: number, last: number): void {
    const { words, entries, highs } = this;
    const { flow: columns, flowTime, endNumber } = this.flows.table;
    const f = flow * FLOW_WIDTH;
    const isRare = (words[0]! & HAS_RARE) !== 0;
    const letters = (words[0]! >>> HISTORY_SHIFT) & COUNT_MASK;
    this.count = words[0]! >>> TRAIL_SHIFT;
    this.highCount = 0;
    // They stand last.
    const numbers = NUMBERS + this.count;
    for (let i = 0, from = this.loaded - numbers; i < numbers; i++)
      highs[i] = (words[0]! & HAS_HIGHS) !== 0 ? words[from + i]! : 0;

    for (let i = 0; i < COLUMNS.length; i++)
      columns[f + COLUMNS[i]!] = words[1 + i]! + columns[f + REFERENCES[i]!]!;
    this.at = 1 + COLUMNS.length;
    for (let i = 0; i < RARE.length; i++) columns[f + RARE[i]!] = isRare ? words[this.at++]! : USUAL[i]!;
    flowTime[flow * FLOW_TIME_WIDTH + LAST_AT] = last;
    this.unpackTrail(flow, last);
    for (let i = 0; i < ENTRIES.length; i++) columns[f + ENTRIES[i]!] = entries[words[this.at++]!]!;
    if (isRare) {
      for (let i = 0; i < RARE_ENTRIES.length; i++)
        columns[f + RARE_ENTRIES[i]!] = entries[words[this.at++]!]!;
    }
    flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT] = last - this.take();
    for (let n = flow * FLOW_TIME_WIDTH, side = 0; side < 2; side++, n += END_NUMBER_WIDTH) {
      endNumber[n + SEEN_AT] = last - this.take();
      endNumber[n + BYTES] = this.take();
    }
    columns[f + HISTORY_COUNT] = letters;
    for (let i = 0; i < letters; i += 4) columns[f + HISTORY / 4 + (i >> 2)] = words[this.at++]!;
  }

  private packTrail(flow: number, last: number): void {
    const { flows, entries, words } = this;
    const { table, trails } = flows;
    const first = table.flow[flow * FLOW_WIDTH + FIRST_FRAME]!;
    this.count = 0;
    for (let entry = trails.first(table, flow); entry !== 0; entry = trails.nextOf(entry)) {
      entries[++this.count] = entry;
      const tags = trails.tagsOf(entry);
      const me = flow * 2 + ((tags & SIDE) >>> SIDE_SHIFT);
      words[this.at++] = tags;
      words[this.at++] = trails.lengthOf(entry);
      words[this.at++] = trails.frameOf(entry) - first;
      words[this.at++] = trails.seqOf(entry) - flows.get(me, BASE);
      words[this.at++] = trails.ackOf(entry) - (hasAck(tags) ? flows.get(me ^ 1, BASE) : 0);
      this.put(last - trails.atOf(entry));
    }
  }

  private unpackTrail(flow: number, last: number): void {
    const { flows, entries, words, count } = this;
    const { table, trails } = flows;
    const first = table.flow[flow * FLOW_WIDTH + FIRST_FRAME]!;
    for (let place = 1; place <= count; place++) {
      const tags = words[this.at++]!;
      const me = flow * 2 + ((tags & SIDE) >>> SIDE_SHIFT);
      const length = words[this.at++]!;
      const frame = words[this.at++]! + first;
      const seq = words[this.at++]! + flows.get(me, BASE);
      const ack = words[this.at++]! + (hasAck(tags) ? flows.get(me ^ 1, BASE) : 0);
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
    this.words[this.at++] = number;
    this.highs[this.highCount++] = Math.floor(number / HIGH);
  }

  private take(): number {
    return this.highs[this.highCount++]! * HIGH + this.words[this.at++]!;
  }
}

function hasRare(columns: Uint32Array, f: number): boolean {
  let rare = 0;
  for (let i = 0; i < RARE.length; i++) rare |= columns[f + RARE[i]!]! ^ USUAL[i]!;
  for (let i = 0; i < RARE_ENTRIES.length; i++) rare |= columns[f + RARE_ENTRIES[i]!]!;
  return rare !== 0;
}
