import { ACK as ACK_FLAG, type Segment, SYN } from '../../decode/segment.ts';
import { dataWord, firstByteIn, lengthIn, withoutPush } from './data-word.ts';
import { FACT_COUNT } from './facts.ts';
import type { FlowTable } from './table.ts';
import {
  END_WIDTH,
  FACTS,
  FLOW_WIDTH,
  ICMP_BY,
  LATE_DATA,
  PENDING_SYN,
  REARMED_BY,
  RESUMED_BY,
  TRAIL_COUNT,
  TRAIL_HEAD,
  TRAIL_TAIL,
} from './table-layout.ts';

// The trail of a flow: an entry for each segment that matters for its handshake or its close, and for an ICMP error
// about one, in the order of capture, as a linked list in a shared pool. Facts point to entries. A trail is bounded: once it is full,
// its oldest entry that nothing points to makes room. A flow takes places four at a time, two cache lines
// that belong to no other flow.

const CHUNK = 4;
/** Entries of one flow at most: whole chunks. */
export const TRAIL_LIMIT = 12 * CHUNK;

/** A flow that is swapped in brings its trail along, and while it is finished another one may. */
const RESERVE = 2 * TRAIL_LIMIT;

const FRAME = 0;
const SEQ = 1;
/** Acknowledgment number; of a SYN without ACK its TSval, 0 if it has none; of an ICMP error what it says (icmp.ts). */
const ACK = 2;
/** Its payload (data-word.ts). */
const DATA = 3;
/** Flags in bits 0-7, side in bit 8, meaning in the bits above. */
const TAGS = 4;
export const SIDE_SHIFT = 8;
export const SIDE = 1 << SIDE_SHIFT;
const MEANING_SHIFT = 9;
const NEXT = 5;
/** Capture time in microseconds: 32 bits each. An entry's words lie together, because a flow's entries do not. */
const AT_LOW = 6;
const AT_HIGH = 7;
const WIDTH = 8;
const HIGH = 2 ** 32;

/** An entry with these tags (or flags) keeps an acknowledgment number; that of a SYN without ACK keeps its TSval. */
export function hasAck(tags: number): boolean {
  return (tags & (SYN | ACK_FLAG)) !== SYN;
}

/** Flags, side and meaning of an entry in one word. */
export function tagsOf(me: number, flags: number, meaning: number): number {
  return (flags & 0xff) | ((me & 1) << SIDE_SHIFT) | (meaning << MEANING_SHIFT);
}

/** The pool of all trails. Entries are referred to by their index + 1; 0 is none. */
export class Trails {
  readonly capacity: number;
  private readonly u32: Uint32Array;
  private used = 0;
  /** The first place of a free chunk, which points to the next one's. */
  private free = 0;
  private freeChunks: number;

  /** @param capacity entries held at once, the reserve not counted */
  constructor(capacity: number) {
    this.capacity = capacity + RESERVE;
    this.freeChunks = this.capacity / CHUNK;
    this.u32 = new Uint32Array(this.capacity * WIDTH);
  }

  /** Adds a segment to the end of its flow's trail and returns its entry. */
  add(table: FlowTable, me: number, s: Segment, meaning: number): number {
    const tags = tagsOf(me, s.flags, meaning);
    const ack = hasAck(tags) ? s.ack : s.tsVal;
    return this.append(table, me >> 1, s.timeUs, s.frame, s.seq, ack, dataWord(s), tags);
  }

  /** Adds an ICMP error that quotes this segment of its flow, whose flags the quote need not have. */
  addQuote(table: FlowTable, me: number, s: Segment, meaning: number, says: number): number {
    const tags = ((me & 1) << SIDE_SHIFT) | (meaning << MEANING_SHIFT);
    return this.append(table, me >> 1, s.timeUs, s.frame, s.seq, says, 0, tags);
  }

  /** Adds an entry to the end of a trail by its values, and returns it. */
  append(
    table: FlowTable,
    flow: number,
    timeUs: number,
    frame: number,
    seq: number,
    ack: number,
    data: number,
    tags: number,
  ): number {
    const row = flow * FLOW_WIDTH;
    const { flow: columns } = table;
    const { u32 } = this;
    const entry = this.take(table, flow);
    const w = (entry - 1) * WIDTH;
    u32[w + AT_LOW] = timeUs;
    u32[w + AT_HIGH] = Math.floor(timeUs / HIGH);
    u32[w + FRAME] = frame;
    u32[w + SEQ] = seq;
    u32[w + ACK] = ack;
    u32[w + DATA] = withoutPush(data);
    u32[w + TAGS] = tags;
    u32[w + NEXT] = 0;
    const tail = columns[row + TRAIL_TAIL]!;
    if (tail === 0) columns[row + TRAIL_HEAD] = entry;
    else u32[(tail - 1) * WIDTH + NEXT] = entry;
    columns[row + TRAIL_TAIL] = entry;
    columns[row + TRAIL_COUNT]!++;
    return entry;
  }

  /** Capture time in microseconds since the epoch. */
  atOf(entry: number): number {
    const w = (entry - 1) * WIDTH;
    return (this.u32[w + AT_HIGH]! | 0) * HIGH + this.u32[w + AT_LOW]!;
  }

  /** Running frame number. */
  frameOf(entry: number): number {
    return this.u32[(entry - 1) * WIDTH + FRAME]!;
  }

  seqOf(entry: number): number {
    return this.u32[(entry - 1) * WIDTH + SEQ]!;
  }

  ackOf(entry: number): number {
    return this.u32[(entry - 1) * WIDTH + ACK]!;
  }

  /** What an ICMP error says, as addQuote() got it. */
  saysOf(entry: number): number {
    return this.u32[(entry - 1) * WIDTH + ACK]!;
  }

  /** TSval of a SYN without ACK, 0 if it has none. */
  tsValOf(entry: number): number {
    return this.u32[(entry - 1) * WIDTH + ACK]!;
  }

  lengthOf(entry: number): number {
    return lengthIn(this.dataOf(entry));
  }

  /** The first byte of its payload, -1 if that was not captured. */
  firstByteOf(entry: number): number {
    return firstByteIn(this.dataOf(entry));
  }

  /** Length and first byte of its payload, as dataWord() has them. */
  dataOf(entry: number): number {
    return this.u32[(entry - 1) * WIDTH + DATA]!;
  }

  flagsOf(entry: number): number {
    return this.u32[(entry - 1) * WIDTH + TAGS]! & 0xff;
  }

  /** Flags, side and meaning. */
  tagsOf(entry: number): number {
    return this.u32[(entry - 1) * WIDTH + TAGS]!;
  }

  sideOf(entry: number): number {
    return (this.u32[(entry - 1) * WIDTH + TAGS]! & SIDE) >>> SIDE_SHIFT;
  }

  meaningOf(entry: number): number {
    return this.u32[(entry - 1) * WIDTH + TAGS]! >>> MEANING_SHIFT;
  }

  /** Gives an entry another meaning, once more is known. */
  setMeaning(entry: number, meaning: number): void {
    const w = (entry - 1) * WIDTH + TAGS;
    this.u32[w] = (this.u32[w]! & (2 * SIDE - 1)) | (meaning << MEANING_SHIFT);
  }

  /** The next entry of the trail, 0 at the end. */
  nextOf(entry: number): number {
    return this.u32[(entry - 1) * WIDTH + NEXT]!;
  }

  /** Frees a whole trail. */
  release(table: FlowTable, flow: number): void {
    const row = flow * FLOW_WIDTH;
    for (let entry = table.flow[row + TRAIL_HEAD]!; entry !== 0; ) {
      const next = this.nextOf(entry);
      if (entry % CHUNK === 1) {
        this.u32[(entry - 1) * WIDTH + NEXT] = this.free;
        this.free = entry;
        this.freeChunks++;
      }
      entry = next;
    }
    table.flow[row + TRAIL_HEAD] = 0;
    table.flow[row + TRAIL_TAIL] = 0;
    table.flow[row + TRAIL_COUNT] = 0;
  }

  /** The first entry of a flow's trail, 0 if there is none. */
  first(table: FlowTable, flow: number): number {
    return table.flow[flow * FLOW_WIDTH + TRAIL_HEAD]!;
  }

  /** A flow's trail has an entry of this frame. */
  holds(table: FlowTable, flow: number, frame: number): boolean {
    let entry = this.first(table, flow);
    while (entry !== 0 && this.frameOf(entry) !== frame) entry = this.nextOf(entry);
    return entry !== 0;
  }

  /** There is a chunk left besides the reserve. */
  get room(): boolean {
    return this.freeChunks > RESERVE / CHUNK;
  }

  /** Entries that the trails take, whole chunks counted. */
  get held(): number {
    return this.capacity - this.freeChunks * CHUNK;
  }

  /** A place for the next entry of a flow. */
  private take(table: FlowTable, flow: number): number {
    const row = flow * FLOW_WIDTH;
    const count = table.flow[row + TRAIL_COUNT]!;
    if (count >= TRAIL_LIMIT) return this.makeRoom(table, flow);
    if (count % CHUNK !== 0) return table.flow[row + TRAIL_TAIL]! + 1;
    this.freeChunks--;
    const entry = this.free;
    if (entry === 0) {
      this.used += CHUNK;
      return this.used - CHUNK + 1;
    }
    this.free = this.u32[(entry - 1) * WIDTH + NEXT]!;
    return entry;
  }

  /** Removes the oldest entry that nothing points to from a full trail, and returns its place. */
  private makeRoom(table: FlowTable, flow: number): number {
    const row = flow * FLOW_WIDTH;
    let before = 0;
    let entry = table.flow[row + TRAIL_HEAD]!;
    while (isPointedTo(table, flow, entry)) {
      before = entry;
      entry = this.nextOf(entry);
    }
    const next = this.nextOf(entry);
    if (before === 0) table.flow[row + TRAIL_HEAD] = next;
    else this.u32[(before - 1) * WIDTH + NEXT] = next;
    if (next === 0) table.flow[row + TRAIL_TAIL] = before;
    table.flow[row + TRAIL_COUNT]!--;
    return entry;
  }
}

/** Columns of a flow that point to an entry of its trail. */
const POINTERS = [RESUMED_BY, LATE_DATA, ICMP_BY];

/**
 * A fact, a pending SYN, a re-armed TIME_WAIT, RESUMED_BY, LATE_DATA or ICMP_BY points to this entry: 23 pointers,
 * fewer than TRAIL_LIMIT.
 */
function isPointedTo(table: FlowTable, flow: number, entry: number): boolean {
  const { end } = table;
  const row = flow * FLOW_WIDTH;
  for (const column of POINTERS) if (table.flow[row + column] === entry) return true;
  for (let e = flow * 2 * END_WIDTH, side = 0; side < 2; side++, e += END_WIDTH) {
    for (let f = 0; f < FACT_COUNT; f++) if (end[e + FACTS + f] === entry) return true;
    if (end[e + PENDING_SYN] === entry || end[e + REARMED_BY] === entry) return true;
  }
  return false;
}
