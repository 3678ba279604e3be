import type { Segment } from '../decode/segment.ts';
import { HISTORY_LENGTH } from './batch.ts';
import { hashFactors, hashKey, sourceIsLow } from './key-hash.ts';

// All live flows as records of one typed array, found by an open-addressing hash of addresses and
// ports. It is laid out in full at once: the system gives memory to a page when it is first written, so
// an idle table costs nothing and a full one never has to be copied. A record has two halves, one an
// endpoint, so that what a segment touches lies together; the columns of the flow fill up the halves.

/** Words of an endpoint's half. */
export const END_WIDTH = 54;
/** Words of a flow's record. */
export const FLOW_WIDTH = 2 * END_WIDTH;
/** Numbers (float64, of two words) of both. */
export const END_NUMBER_WIDTH = END_WIDTH / 2;
export const FLOW_TIME_WIDTH = FLOW_WIDTH / 2;

/** Flows that the hash has room for to begin with. */
const FEW_FLOWS = 1 << 12;

/** Columns of an endpoint in `endNumber` (float64). */
export const BYTES = 0;
export const SEEN_AT = 1;
/** A new connection of the same addresses and ports shows that this end's socket was gone by then; 0 for none. */
export const REPLACED_AT = 2;

/** Columns of a flow in `flowTime` (microseconds since the epoch): each half has one. */
export const FIRST_AT = 3;
export const LAST_AT = END_NUMBER_WIDTH + 3;

/** Columns of an endpoint in `end` (32-bit words); `me = flow * 2 + side`. */
export const BITS = 8;
/** Initial sequence number; for a flow met under way, the one before the first seen. */
export const BASE = 9;
/** Highest sequence number after all it sent. */
export const SND_NXT = 10;
/** Highest acknowledgment it sent. */
export const ACK_MAX = 11;
/** Sequence number after its FIN. */
export const FIN_END = 12;
export const SEGMENTS = 13;
export const RETRANSMISSIONS = 14;
export const FINS = 15;
export const RSTS = 16;
/** Evidence of its facts, 4 bits each. */
export const EVIDENCE_OF = 17;
/** Eight facts (facts.ts), each the name of a segment of the trail, 0 where it did not happen. */
export const FACTS = 18;
/** A SYN with a new ISN on this open flow: its ISN and its name in the trail. */
export const AGAIN_ISN = 26;
export const AGAIN = 27;
/** Digest of its last segment, to know a frame that was captured twice. */
export const DIGEST = 28;
export const DUPLICATES = 29;
/** How often its TIME_WAIT was started anew, and the name of the segment that did so last. */
export const REARMED = 30;
export const REARMED_BY = 31;
/** Round trip from the capture point to it and back, microseconds, 0 unknown. */
export const ROUND_TRIP = 32;
/** Zeek's endpoint state and the history letters it has spent. */
export const ZEEK = 33;
/** Sequence number of its last S, H, F or R in the history. */
export const ZEEK_SEQ = 34;
/** How often T, W and G have come, 10 bits each. */
export const ZEEK_TIMES = 35;
/** Where the sequence numbers captured of it have a hole, with HAS_HOLE. */
export const HOLE = 36;

/** Columns of a flow in `flow` (32-bit words). */
const HASH = 37;
export const STATUS = 38;
/** Its trail (trail.ts): names of the first and the last segment, and how many there are. */
export const TRAIL_HEAD = 39;
export const TRAIL_TAIL = 40;
export const TRAIL_COUNT = 41;
export const FIRST_FRAME = 42;
/** Flow + 1 that had the same addresses and ports before, while its fate depends on this one. */
export const PREVIOUS = 43;
/** Flow + 1 that waits behind this one to be let go; also chains the free flows. */
export const NEXT_DUE = 44;
/** The file of its first segment, by its index in the run. */
export const FILE = 45;
/** Bits of Wireshark's tcp.completeness. */
export const COMPLETENESS = 46;
/** Letters of Zeek's history so far. */
export const HISTORY_COUNT = 47;
/** Flow + 1 that stands before this one, to be let go sooner. */
export const PREVIOUS_DUE = 48;
/** Name of the last segment of the trail that broke a long silence, 0 for none. */
export const WOKEN_BY = 49;

/** The key, behind the server's columns: the low end's address, the high end's address, both ports. */
const KEY = END_WIDTH + 37;
const KEY_WIDTH = 9;
/** Bytes to Zeek's history, the last of a record. */
const HISTORY = (FLOW_WIDTH - HISTORY_LENGTH / 4) * 4;

/** Bits of STATUS. */
export const CLIENT_IS_LOW = 1 << 0;
export const CLOSING_BEGUN = 1 << 1;
export const OPENING_DONE = 1 << 2;
/** Waits in the queue of flows that may soon be let go. */
export const QUEUED = 1 << 3;
/** No longer found by its key: a newer flow has taken its place. */
export const UNLINKED = 1 << 5;
/** Bits 8-11: the index of role_evidence. */
export const ROLE_SHIFT = 8;
/** Bits 12-15: the index of reset_evidence. */
export const RESET_EVIDENCE_SHIFT = 12;
export const RESET_EVIDENCE_MASK = 15 << RESET_EVIDENCE_SHIFT;

/** Bits of BITS. */
export const HAS_SEQ = 1 << 0;
export const HAS_SYN = 1 << 1;
export const HAS_ACK = 1 << 2;
export const HAS_FIN = 1 << 3;
/** Its FIN was never captured, only the acknowledgment of it. */
export const FIN_INFERRED = 1 << 4;
/** It has sent a segment without SYN and RST. */
export const SENT_PLAIN = 1 << 5;
/** SND_NXT comes from the peer's acknowledgment: something was not captured. */
export const GAP = 1 << 6;
/** One segment of this meaning is enough in the trail. */
export const LOGGED_SHORT_ACK = 1 << 8;
export const LOGGED_DATA_AFTER_FIN = 1 << 9;
/** Something before SND_NXT was not captured, or not yet. */
export const HAS_HOLE = 1 << 10;
/** A new ISN of its address and port proves that its TIME_WAIT was recycled. */
export const RECYCLED = 1 << 11;
/** Bits 16-23: TTL of its first segment; bits 24-26: index in STACKS + 1, 0 unknown. */
export const TTL_SHIFT = 16;
export const STACK_SHIFT = 24;
export const STACK_MASK = 7 << STACK_SHIFT;

/** The table of live flows. It finds, adds and removes; what the columns mean is the tracker's affair. */
export class FlowTable {
  readonly capacity: number;
  /** The records, by what they are read as: words of a flow, of an endpoint, of a key. */
  readonly flow: Uint32Array;
  readonly end: Uint32Array;
  readonly key: Uint32Array;
  readonly flowTime: Float64Array;
  readonly endNumber: Float64Array;
  readonly history: Uint8Array;
  /** Flows in the table, those kept only as a previous one included. */
  size = 0;
  /** Set by `find`: the segment's source is the low end of the key. */
  sourceIsLow = false;
  /** Flows ever taken from the front; slots below it may be free. */
  used = 0;

  /**
   * Pairs of (flow + 1, hash); flow 0 is empty. It grows with the flows: in memory that is spread
   * thinly each search is a cache miss.
   */
  private slots: Int32Array;
  private mask: number;
  private readonly factors: Uint32Array;
  /** Flows that are found by their keys. */
  private linked = 0;
  private free = 0;
  private foundHash = 0;

  /**
   * @param capacity most flows held at once, a power of two
   * @param seed makes the hash unpredictable to whoever sends the packets
   */
  constructor(capacity: number, seed: number) {
    this.capacity = capacity;
    const words = new Uint32Array(capacity * FLOW_WIDTH);
    this.flow = words;
    this.end = words;
    this.key = words;
    this.flowTime = new Float64Array(words.buffer);
    this.endNumber = this.flowTime;
    this.history = new Uint8Array(words.buffer);
    this.slots = new Int32Array(Math.min(capacity, FEW_FLOWS) * 4);
    this.mask = this.slots.length / 2 - 1;
    this.factors = hashFactors(seed);
  }

  /** The flow of a segment, or -1. Sets `sourceIsLow` either way. */
  find(s: Segment): number {
    const low = sourceIsLow(s);
    this.sourceIsLow = low;
    const l3 = low ? s.src3 : s.dst3;
    const h3 = low ? s.dst3 : s.src3;
    const ports = low ? (s.srcPort << 16) | s.dstPort : (s.dstPort << 16) | s.srcPort;
    const hash = hashKey(this.factors, s, low);
    this.foundHash = hash;
    const { slots, mask, key } = this;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot * 2]!;
      if (entry === 0) return -1;
      if (slots[slot * 2 + 1] !== hash) continue;
      const k = (entry - 1) * FLOW_WIDTH + KEY;
      if (
        key[k + 3] === l3 &&
        key[k + 7] === h3 &&
        key[k + 8] === ports >>> 0 &&
        key[k] === (low ? s.src0 : s.dst0) &&
        key[k + 1] === (low ? s.src1 : s.dst1) &&
        key[k + 2] === (low ? s.src2 : s.dst2) &&
        key[k + 4] === (low ? s.dst0 : s.src0) &&
        key[k + 5] === (low ? s.dst1 : s.src1) &&
        key[k + 6] === (low ? s.dst2 : s.src2)
      ) {
        return entry - 1;
      }
    }
  }

  /** Adds a flow with the key of the segment that `find` just looked for in vain. The table must not be full. */
  add(s: Segment): number {
    const flow = this.take();
    const low = this.sourceIsLow;
    const k = flow * FLOW_WIDTH + KEY;
    const { key } = this;
    key[k] = low ? s.src0 : s.dst0;
    key[k + 1] = low ? s.src1 : s.dst1;
    key[k + 2] = low ? s.src2 : s.dst2;
    key[k + 3] = low ? s.src3 : s.dst3;
    key[k + 4] = low ? s.dst0 : s.src0;
    key[k + 5] = low ? s.dst1 : s.src1;
    key[k + 6] = low ? s.dst2 : s.src2;
    key[k + 7] = low ? s.dst3 : s.src3;
    key[k + 8] = low ? (s.srcPort << 16) | s.dstPort : (s.dstPort << 16) | s.srcPort;
    this.flow[flow * FLOW_WIDTH + HASH] = this.foundHash;
    this.link(flow);
    return flow;
  }

  /** A new flow with the key of an old one, which is no longer found from now on. The table must not be full. */
  replace(old: number): number {
    const flow = this.take();
    const from = old * FLOW_WIDTH + KEY;
    this.key.copyWithin(flow * FLOW_WIDTH + KEY, from, from + KEY_WIDTH);
    this.flow[flow * FLOW_WIDTH + HASH] = this.flow[old * FLOW_WIDTH + HASH]!;
    this.unlink(old);
    this.link(flow);
    return flow;
  }

  /** The flow's columns are taken: its first frame is known. */
  inUse(flow: number): boolean {
    return this.flow[flow * FLOW_WIDTH + FIRST_FRAME] !== 0;
  }

  /** Takes a flow out of the hash; its columns stay until `release`. */
  unlink(flow: number): void {
    const { slots, mask } = this;
    let slot = this.flow[flow * FLOW_WIDTH + HASH]! & mask;
    while (slots[slot * 2] !== flow + 1) slot = (slot + 1) & mask;
    // Backward shift: close the hole, so that no search stops short at it.
    for (let next = (slot + 1) & mask; slots[next * 2] !== 0; next = (next + 1) & mask) {
      const home = slots[next * 2 + 1]! & mask;
      if (((next - home) & mask) >= ((next - slot) & mask)) {
        slots[slot * 2] = slots[next * 2]!;
        slots[slot * 2 + 1] = slots[next * 2 + 1]!;
        slot = next;
      }
    }
    slots[slot * 2] = 0;
    slots[slot * 2 + 1] = 0;
    this.linked--;
  }

  /** Gives an unlinked flow's columns back, wiped. */
  release(flow: number): void {
    this.flow.fill(0, flow * FLOW_WIDTH, (flow + 1) * FLOW_WIDTH);
    this.flow[flow * FLOW_WIDTH + NEXT_DUE] = this.free;
    this.free = flow + 1;
    this.size--;
  }

  /** Index in `key` of the four address words of an endpoint (`flow * 2 + side`). */
  addressOf(me: number): number {
    return (me >> 1) * FLOW_WIDTH + KEY + (this.isLow(me) ? 0 : 4);
  }

  /** Port of an endpoint. */
  portOf(me: number): number {
    const ports = this.key[(me >> 1) * FLOW_WIDTH + KEY + 8]!;
    return this.isLow(me) ? ports >>> 16 : ports & 0xffff;
  }

  /** Index in `history` of a flow's first letter. */
  historyOf(flow: number): number {
    return flow * FLOW_WIDTH * 4 + HISTORY;
  }

  /** The endpoint is the low end of its flow's key. */
  isLow(me: number): boolean {
    const clientIsLow = (this.flow[(me >> 1) * FLOW_WIDTH + STATUS]! & CLIENT_IS_LOW) !== 0;
    return ((me & 1) === 0) === clientIsLow;
  }

  private take(): number {
    this.size++;
    if (this.free === 0) return this.used++;
    const flow = this.free - 1;
    this.free = this.flow[flow * FLOW_WIDTH + NEXT_DUE]!;
    this.flow[flow * FLOW_WIDTH + NEXT_DUE] = 0;
    return flow;
  }

  private link(flow: number): void {
    if (this.linked++ * 2 > this.mask) this.grow();
    this.enter(flow + 1, this.flow[flow * FLOW_WIDTH + HASH]!);
  }

  private grow(): void {
    const { slots } = this;
    this.slots = new Int32Array(slots.length * 2);
    this.mask = this.slots.length / 2 - 1;
    for (let slot = 0; slot < slots.length; slot += 2) {
      if (slots[slot] !== 0) this.enter(slots[slot]!, slots[slot + 1]!);
    }
  }

  private enter(entry: number, hash: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot * 2] !== 0) slot = (slot + 1) & mask;
    slots[slot * 2] = entry;
    slots[slot * 2 + 1] = hash;
  }
}
