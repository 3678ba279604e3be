import type { Segment } from '../../decode/segment.ts';
import { CaptureClock } from './capture-clock.ts';
import { ClockJumps } from './clock-jumps.ts';
import { type FileSigns, noSigns } from './file-signs.ts';
import { Hosts } from './hosts.ts';
import { RecentSegments } from './recent-segments.ts';
import { SegmentKinds } from './segment-kinds.ts';
import { Senders } from './senders.ts';
import { FlowTable } from './table.ts';
import {
  ACTIVE_AT,
  BITS,
  BYTES,
  CLOSING_BEGUN,
  DATA_AT,
  END_NUMBER_WIDTH,
  END_WIDTH,
  FILE,
  FIRST_AT,
  FIRST_FRAME,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  LAST_AT,
  LAST_FRAME,
  OPENING_DONE,
  PREVIOUS,
  RESET_EVIDENCE_MASK,
  RESET_EVIDENCE_SHIFT,
  STACK_MASK,
  STACK_SHIFT,
  STATUS,
  TTL_SHIFT,
} from './table-layout.ts';
import { Trails } from './trail.ts';
import { Translations } from './translations.ts';

/** Room in the trails per flow: few need more, and a full trail drops its oldest entries. */
const ENTRIES_PER_FLOW = 8;

/** No flow, in place of a flow's index. */
export const NO_FLOW = -1;

/** The flows' columns and trails and the current segment, which the parts of the tracker share. */
export class Flows {
  readonly table: FlowTable;
  readonly trails: Trails;
  readonly clock = new CaptureClock();
  readonly hosts = new Hosts();
  /** Of ICMP errors. */
  readonly senders = new Senders();
  readonly recent = new RecentSegments();
  readonly jumps = new ClockJumps();
  /** Of all flows of the capture: by their kinds a filter shows, that left out ACKs or FINs anywhere. */
  readonly kinds = new SegmentKinds();
  readonly translations = new Translations();
  /** Flows to hold in the table at most, the others being swapped out. */
  readonly ready: number;
  /** The current segment. Its frame is the running number over all files. */
  segment!: Segment;
  /** The file it comes from, by its index in the run. */
  file = 0;
  /** Time of the sender's segment before the current one, microseconds since the epoch; 0 if there is none. */
  lastSeen = 0;
  /** The current segment's entry in its trail, 0 while it is not noted. */
  noted = 0;
  /** How often an acknowledgment covered segments that were not captured, by file. */
  readonly missed: number[] = [];
  /** What else the segments show of each file. */
  readonly signs: FileSigns[] = [];
  /** Makes room among the trails without touching this flow. */
  onTrailsFull: (flow: number) => void = () => {};

  /**
   * @param capacity flows held at most
   * @param ready flows to hold in the table at most, if enough can be swapped out
   */
  constructor(capacity: number, ready: number, seed: number) {
    this.table = new FlowTable(capacity, seed);
    this.trails = new Trails(capacity * ENTRIES_PER_FLOW);
    this.ready = ready;
  }

  /** The table or the pool of trails holds as much as should stay resident; the rest is swapped out. */
  get isCrowded(): boolean {
    return this.table.size >= this.ready || this.trails.held >= this.ready * ENTRIES_PER_FLOW;
  }

  /** The next segments come from this file, by its index in the run. */
  startFile(file: number): void {
    this.file = file;
  }

  /** What the segments show of a file, by its index in the run. */
  signsOf(file: number): FileSigns {
    let signs = this.signs[file];
    if (signs === undefined) {
      signs = noSigns();
      this.signs[file] = signs;
    }
    return signs;
  }

  /** A segment was captured, of whichever flow; `isOurs` if it is of one that is followed here. */
  see(s: Segment, isOurs: boolean): void {
    if (this.jumps.tick(s.timeUs)) this.signsOf(this.file).clockJumps++;
    this.clock.tick(s.timeUs);
    this.hosts.saw(s);
    this.recent.see(s, isOurs);
    if (!this.kinds.isMixed) this.kinds.note(s);
  }

  /** An acknowledgment covered segments that were not captured. */
  countMissed(): void {
    this.missed[this.file] = (this.missed[this.file] ?? 0) + 1;
  }

  /** Sets a flow's first segment. */
  start(flow: number, first: Segment): void {
    const { flow: columns, flowTime, endNumber } = this.table;
    columns[flow * FLOW_WIDTH + FILE] = this.file;
    columns[flow * FLOW_WIDTH + FIRST_FRAME] = first.frame;
    columns[flow * FLOW_WIDTH + LAST_FRAME] = first.frame;
    flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT] = first.timeUs;
    flowTime[flow * FLOW_TIME_WIDTH + LAST_AT] = first.timeUs;
    for (let me = flow * 2; me < flow * 2 + 2; me++) {
      endNumber[me * END_NUMBER_WIDTH + DATA_AT] = first.timeUs;
      endNumber[me * END_NUMBER_WIDTH + ACTIVE_AT] = first.timeUs;
    }
  }

  /** Makes a segment the current one, which `note` adds to the trail. */
  begin(segment: Segment): void {
    // It is always the decoder's one instance; storing a reference would cost a write barrier.
    if (this.segment !== segment) this.segment = segment;
    this.noted = 0;
  }

  /** Adds the current segment to its flow's trail, once; the first meaning stays. Returns its entry. */
  note(me: number, what: number): number {
    if (this.noted === 0) {
      if (!this.trails.room) this.onTrailsFull(me >> 1);
      this.noted = this.trails.add(this.table, me, this.segment, what);
    }
    return this.noted;
  }

  has(me: number, bit: number): boolean {
    return (this.table.end[me * END_WIDTH + BITS]! & bit) !== 0;
  }

  mark(me: number, bit: number): void {
    this.table.end[me * END_WIDTH + BITS]! |= bit;
  }

  unmark(me: number, bit: number): void {
    this.table.end[me * END_WIDTH + BITS]! &= ~bit;
  }

  /** It sent data in this capture, or data that its peer acknowledged. */
  hasSentData(me: number): boolean {
    return this.table.endNumber[me * END_NUMBER_WIDTH + BYTES]! > 0;
  }

  /** TTL or hop limit of its first segment. */
  ttlOf(me: number): number {
    return (this.table.end[me * END_WIDTH + BITS]! >>> TTL_SHIFT) & 0xff;
  }

  /** Code of the stack that its SYN's fingerprint speaks for; -1 if none is known. */
  stackOf(me: number): number {
    return ((this.table.end[me * END_WIDTH + BITS]! & STACK_MASK) >>> STACK_SHIFT) - 1;
  }

  /** Code of the evidence for why the flow's RST was sent, also of one that was taken back. */
  resetEvidenceOf(flow: number): number {
    return (this.table.flow[flow * FLOW_WIDTH + STATUS]! & RESET_EVIDENCE_MASK) >> RESET_EVIDENCE_SHIFT;
  }

  /** A number of an endpoint, by its column. */
  get(me: number, column: number): number {
    return this.table.end[me * END_WIDTH + column]!;
  }

  set(me: number, column: number, value: number): void {
    this.table.end[me * END_WIDTH + column] = value;
  }

  add(me: number, column: number): void {
    this.table.end[me * END_WIDTH + column]!++;
  }

  /** When a flow had its last segment, microseconds since the epoch. */
  lastAt(flow: number): number {
    return this.table.flowTime[flow * FLOW_TIME_WIDTH + LAST_AT]!;
  }

  /** The flow that this one has replaced, kept until it is known what became of it, or NO_FLOW. */
  previousOf(flow: number): number {
    return this.table.flow[flow * FLOW_WIDTH + PREVIOUS]! - 1;
  }

  /** The handshake is done at both ends, and neither has sent FIN or RST. */
  isEstablished(flow: number): boolean {
    return (this.table.flow[flow * FLOW_WIDTH + STATUS]! & (OPENING_DONE | CLOSING_BEGUN)) === OPENING_DONE;
  }

  hasStatus(flow: number, bit: number): boolean {
    return (this.table.flow[flow * FLOW_WIDTH + STATUS]! & bit) !== 0;
  }

  setStatus(flow: number, bit: number): void {
    this.table.flow[flow * FLOW_WIDTH + STATUS]! |= bit;
  }

  clearStatus(flow: number, bit: number): void {
    this.table.flow[flow * FLOW_WIDTH + STATUS]! &= ~bit;
  }
}
