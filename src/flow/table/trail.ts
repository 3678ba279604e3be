import { ACK as ACK_FLAG, type Segment, SYN } from '../../decode/segment.ts';
import { FACT_COUNT } from './facts.ts';
import type { FlowTable } from './table.ts';
import {
  END_WIDTH,
  FACTS,
  FLOW_WIDTH,
  PENDING_SYN,
  REARMED_BY,
  RESUMED_BY,
  TRAIL_COUNT,
  TRAIL_HEAD,
  TRAIL_TAIL,
} from './table-layout.ts';

// The trail of a flow: the segments that matter for its opening and its close, in the order of
// capture, a linked list in a shared pool. Facts point into it. A trail is bounded: once it is full,
// its oldest segment that no fact points to makes room. A flow takes places four at a time, two cache
// lines that belong to no other.

const CHUNK = 4;
/** Most segments kept of one flow: whole chunks. */
export const TRAIL_LIMIT = 12 * CHUNK;

/** A flow that is swapped in brings its trail along, and while it is finished another one may. */
const RESERVE = 2 * TRAIL_LIMIT;

const FRAME = 0;
const SEQ = 1;
/** Of a SYN without ACK: its TSval, 0 where it has none. */
const ACK = 2;
const LENGTH = 3;
/** Flags in bits 0-7, side in bit 8, meaning in the bits above: its marks. */
const MARKS = 4;
export const SIDE_SHIFT = 8;
export const SIDE = 1 << SIDE_SHIFT;
const MEANING_SHIFT = 9;
const NEXT = 5;
/** Capture time in microseconds: 32 bits each. All of a segment lies together, for a flow's segments do not. */
const AT_LOW = 6;
const AT_HIGH = 7;
const WIDTH = 8;
const HIGH = 2 ** 32;

/** What a segment with these marks (or flags) keeps as its acknowledgment is one; a first SYN's is its TSval. */
export function hasAck(marks: number): boolean {
  return (marks & (SYN | ACK_FLAG)) !== SYN;
}

/** The pool of all trails. A segment of it is named by its index + 1; 0 is none. */
export class Trails {
  readonly capacity: number;
  private readonly word: Uint32Array;
  private used = 0;
  /** The first place of a free chunk, which points to the next one's. */
  private free = 0;
  private freeChunks: number;

  /** @param capacity segments held at once, but for the reserve */
  constructor(capacity: number) {
    this.capacity = capacity + RESERVE;
    this.freeChunks = this.capacity / CHUNK;
    this.word = new Uint32Array(this.capacity * WIDTH);
  }

  /** Adds a segment to the end of its flow's trail and returns its name. */
  add(table: FlowTable, me: number, s: Segment, meaning: number): number {
    const marks = s.flags | ((me & 1) << SIDE_SHIFT) | (meaning << MEANING_SHIFT);
    const ack = hasAck(marks) ? s.ack : s.tsVal;
    return this.append(table, me >> 1, s.timeUs, s.frame, s.seq, ack, s.payloadLength, marks);
  }

  /** Adds a segment to the end of a trail by what is kept of it, and returns its name. */
  append(
    table: FlowTable,
    flow: number,
    timeUs: number,
    frame: number,
    seq: number,
    ack: number,
    length: number,
    marks: number,
  ): number {
    const row = flow * FLOW_WIDTH;
    const { flow: columns } = table;
    const { word } = this;
    const name = this.take(table, flow);
    const w = (name - 1) * WIDTH;
    word[w + AT_LOW] = timeUs;
    word[w + AT_HIGH] = Math.floor(timeUs / HIGH);
    word[w + FRAME] = frame;
    word[w + SEQ] = seq;
    word[w + ACK] = ack;
    word[w + LENGTH] = length;
    word[w + MARKS] = marks;
    word[w + NEXT] = 0;
    const tail = columns[row + TRAIL_TAIL]!;
    if (tail === 0) columns[row + TRAIL_HEAD] = name;
    else word[(tail - 1) * WIDTH + NEXT] = name;
    columns[row + TRAIL_TAIL] = name;
    columns[row + TRAIL_COUNT]!++;
    return name;
  }

  /** Capture time in microseconds since the epoch. */
  atOf(name: number): number {
    const w = (name - 1) * WIDTH;
    return (this.word[w + AT_HIGH]! | 0) * HIGH + this.word[w + AT_LOW]!;
  }

  /** Running frame number. */
  frameOf(name: number): number {
    return this.word[(name - 1) * WIDTH + FRAME]!;
  }

  seqOf(name: number): number {
    return this.word[(name - 1) * WIDTH + SEQ]!;
  }

  ackOf(name: number): number {
    return this.word[(name - 1) * WIDTH + ACK]!;
  }

  /** TSval of a SYN without ACK, 0 where it has none. */
  tsValOf(name: number): number {
    return this.word[(name - 1) * WIDTH + ACK]!;
  }

  lengthOf(name: number): number {
    return this.word[(name - 1) * WIDTH + LENGTH]!;
  }

  flagsOf(name: number): number {
    return this.word[(name - 1) * WIDTH + MARKS]! & 0xff;
  }

  /** Flags, side and meaning. */
  marksOf(name: number): number {
    return this.word[(name - 1) * WIDTH + MARKS]!;
  }

  sideOf(name: number): number {
    return (this.word[(name - 1) * WIDTH + MARKS]! & SIDE) >>> SIDE_SHIFT;
  }

  meaningOf(name: number): number {
    return this.word[(name - 1) * WIDTH + MARKS]! >>> MEANING_SHIFT;
  }

  /** Gives a segment another meaning, once more is known. */
  setMeaning(name: number, meaning: number): void {
    const w = (name - 1) * WIDTH + MARKS;
    this.word[w] = (this.word[w]! & (2 * SIDE - 1)) | (meaning << MEANING_SHIFT);
  }

  /** The segment after this one in its trail, 0 at the end. */
  nextOf(name: number): number {
    return this.word[(name - 1) * WIDTH + NEXT]!;
  }

  /** Gives a whole trail back. */
  release(table: FlowTable, flow: number): void {
    const row = flow * FLOW_WIDTH;
    for (let name = table.flow[row + TRAIL_HEAD]!; name !== 0; ) {
      const next = this.nextOf(name);
      if (name % CHUNK === 1) {
        this.word[(name - 1) * WIDTH + NEXT] = this.free;
        this.free = name;
        this.freeChunks++;
      }
      name = next;
    }
    table.flow[row + TRAIL_HEAD] = 0;
    table.flow[row + TRAIL_TAIL] = 0;
    table.flow[row + TRAIL_COUNT] = 0;
  }

  /** The first segment of a flow's trail, 0 where there is none. */
  first(table: FlowTable, flow: number): number {
    return table.flow[flow * FLOW_WIDTH + TRAIL_HEAD]!;
  }

  /** There is a chunk left, and the reserve. */
  get room(): boolean {
    return this.freeChunks > RESERVE / CHUNK;
  }

  /** Segments that the trails take, those counted that their last chunks have room for. */
  get held(): number {
    return this.capacity - this.freeChunks * CHUNK;
  }

  /** A place for the next segment of a flow. */
  private take(table: FlowTable, flow: number): number {
    const row = flow * FLOW_WIDTH;
    const count = table.flow[row + TRAIL_COUNT]!;
    if (count >= TRAIL_LIMIT) return this.makeRoom(table, flow);
    if (count % CHUNK !== 0) return table.flow[row + TRAIL_TAIL]! + 1;
    this.freeChunks--;
    const name = this.free;
    if (name === 0) {
      this.used += CHUNK;
      return this.used - CHUNK + 1;
    }
    this.free = this.word[(name - 1) * WIDTH + NEXT]!;
    return name;
  }

  /** Takes the oldest segment that may go out of a full trail, and returns its place. */
  private makeRoom(table: FlowTable, flow: number): number {
    const row = flow * FLOW_WIDTH;
    let before = 0;
    let name = table.flow[row + TRAIL_HEAD]!;
    while (isPointedTo(table, flow, name)) {
      before = name;
      name = this.nextOf(name);
    }
    const next = this.nextOf(name);
    if (before === 0) table.flow[row + TRAIL_HEAD] = next;
    else this.word[(before - 1) * WIDTH + NEXT] = next;
    if (next === 0) table.flow[row + TRAIL_TAIL] = before;
    table.flow[row + TRAIL_COUNT]!--;
    return name;
  }
}

/** A fact, a pending SYN or a TIME_WAIT stands on this segment. There are 21 such pointers, fewer than TRAIL_LIMIT. */
function isPointedTo(table: FlowTable, flow: number, name: number): boolean {
  const { end } = table;
  if (table.flow[flow * FLOW_WIDTH + RESUMED_BY] === name) return true;
  for (let e = flow * 2 * END_WIDTH, side = 0; side < 2; side++, e += END_WIDTH) {
    for (let f = 0; f < FACT_COUNT; f++) if (end[e + FACTS + f] === name) return true;
    if (end[e + PENDING_SYN] === name || end[e + REARMED_BY] === name) return true;
  }
  return false;
}
