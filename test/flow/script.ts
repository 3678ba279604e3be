import { addSackBlock } from '../../src/decode/options.ts';
import type { IcmpError } from '../../src/decode/segment.ts';
import {
  ACK,
  CWR,
  ECE,
  FIN,
  newSegment,
  PSH,
  RST,
  type Segment,
  SYN,
  URG,
} from '../../src/decode/segment.ts';
import { seqAdd } from '../../src/decode/sequence.ts';
import type { FlowBatch, OnFlows } from '../../src/flow/format/batch.ts';
import { Tracker, type TrackerOptions } from '../../src/flow/tracker.ts';
import { type FlowResult, flowsOf } from './result.ts';

// A segment a line in tcpdump's notation, so that a test reads like the case it tests:
//   +0.010 c P. 1:101 ack 1 win 0      # seconds since the line before, sender, flags, numbers
// Numbers are relative (a SYN has 0), IP identifications count up for each sender as Linux's do.
// A time with a minus is a clock that jumped back. `isn c 7` and `reopen isn c 9 s 9` set what they are relative to, `dup +0.0001 ttl 62` is the last
// segment captured once more, `watch +70` lets capture time pass. `icmp +0.01 c 0 3/13 from 7` is an ICMP error of
// 10.9.1.7 (else 10.9.1.1) that quotes the client's segment with number 0.

/** One segment of a script, or what quotes one: seconds since its start, and what was captured. */
export interface Step {
  at: number;
  segment: Segment;
  /** An ICMP error was captured, which quotes the segment. */
  icmp?: IcmpError;
}

export interface Endpoint {
  /** Four words, as in Segment. */
  address: readonly [number, number, number, number];
  port: number;
}

/** The addresses and ports of a script's client and server. */
export interface Ends {
  client: Endpoint;
  server: Endpoint;
}

/** How a script is run: its ends, which segments are followed (of others the tracker hears the time), and the tracker's options. */
export type RunOptions = Partial<
  Ends &
    Omit<TrackerOptions, 'onFlows' | 'live'> & { onBatch: OnFlows; isFollowed: (segment: Segment) => boolean }
>;

export const ENDS: Ends = {
  client: { address: [0, 0, 0xffff, 0x0a000001], port: 40_000 },
  server: { address: [0, 0, 0xffff, 0x0a000002], port: 80 },
};
/** Capture time of a script's start, microseconds since the epoch. */
export const START_US = 1_714_564_800_000_000;
/** Initial sequence numbers of a script's first flow. */
export const ISN = { c: 1_000_000, s: 2_000_000 };
/** Network of those that send ICMP errors: 10.9.1.0. */
const ROUTERS = 0x0a090100;
/** How much later those of each flow are after `reopen`. */
const REOPEN_STEP = 10_000_000;
/** Whose segments `watch` is: the flows of a script never have this port. */
const BYSTANDER_PORT = 9;

const FLAGS: Record<string, number> = { S: SYN, F: FIN, R: RST, P: PSH, '.': ACK, U: URG, E: ECE, W: CWR };

/** Runs a script, or steps, through a tracker and gives its flows in the order of their first frames. */
export function run(script: string | readonly Step[], options: RunOptions = {}): FlowResult[] {
  const { client = ENDS.client, server = ENDS.server, onBatch, isFollowed = () => true, ...rest } = options;
  const batches: FlowBatch[] = [];
  const onFlows = (batch: FlowBatch) => {
    batches.push(batch);
    return onBatch?.(batch);
  };
  const tracker = new Tracker({ capacity: 16, seed: 1, ...rest, onFlows });
  const steps = typeof script === 'string' ? parse(script, { client, server }) : script;
  steps.forEach(({ at, segment, icmp }, i) => {
    segment.timeUs = START_US + Math.round(at * 1e6);
    segment.frame = i + 1;
    if (icmp !== undefined) {
      tracker.passTime(segment.timeUs);
      if (isFollowed(segment)) tracker.icmpError(icmp, segment);
    } else if (isFollowed(segment)) tracker.segment(segment);
    else tracker.passBy(segment);
  });
  for (const _ of tracker.finish());
  return flowsOf(batches, START_US)
    .filter((flow) => flow.ports.server !== BYSTANDER_PORT)
    .sort((a, b) => a.firstFrame - b.firstFrame);
}

/** Runs a script that is one flow. */
export function runOne(script: string | readonly Step[], options: RunOptions = {}): FlowResult {
  const flows = run(script, options);
  if (flows.length !== 1 || flows[0] === undefined) throw new Error(`${flows.length} flows, not one`);
  return flows[0];
}

/** The segments of a script. */
export function parse(script: string, ends: Ends = ENDS): Step[] {
  const steps: Step[] = [];
  const isn = { ...ISN };
  const ids = { c: 1, s: 1 };
  let at = 0;
  let last: Segment | undefined;
  for (const text of script.split('\n')) {
    const line = new Line(text);
    if (line.isEmpty) continue;
    if (line.takes('isn')) {
      readIsns(line, isn);
    } else if (line.takes('reopen')) {
      for (const who of ['c', 's'] as const) isn[who] = seqAdd(isn[who], REOPEN_STEP);
      if (line.takes('isn')) readIsns(line, isn);
    } else if (line.takes('watch')) {
      at += line.delay();
      steps.push({ at, segment: bystander() });
    } else if (line.takes('icmp')) {
      at += line.delay();
      const who = line.end();
      const segment = who === 'c' ? addressed(ends.client, ends.server) : addressed(ends.server, ends.client);
      segment.seq = seqAdd(isn[who], line.number());
      steps.push({ at, segment, icmp: readIcmp(line) });
    } else if (line.takes('dup')) {
      const copy = { ...(last ?? line.fail('nothing to repeat')) };
      if (!line.isEmpty) at += line.delay();
      if (line.takes('ttl')) copy.ttl = line.number();
      steps.push({ at, segment: copy });
    } else {
      at += line.delay();
      const who = line.end();
      last = who === 'c' ? addressed(ends.client, ends.server) : addressed(ends.server, ends.client);
      readSegment(line, last, { isn: isn[who], peerIsn: isn[who === 'c' ? 's' : 'c'], ipId: ids[who]++ });
      steps.push({ at, segment: last });
    }
    if (!line.isEmpty) line.fail('too long');
  }
  return steps;
}

/** `3/13`, or `3/13 from 7`: type and code, and the last byte of the sender's address. */
function readIcmp(line: Line): IcmpError {
  const [type = Number.NaN, code = Number.NaN] = line.next().split('/').map(Number);
  const host = line.takes('from') ? line.number() : 1;
  return { type, code, from0: 0, from1: 0, from2: 0xffff, from3: ROUTERS + host };
}

/** An empty segment between two endpoints. */
export function addressed(from: Endpoint, to: Endpoint): Segment {
  const s = newSegment();
  s.ipVersion = from.address[0] === 0 ? 4 : 6;
  [s.src0, s.src1, s.src2, s.src3] = from.address;
  [s.dst0, s.dst1, s.dst2, s.dst3] = to.address;
  s.srcPort = from.port;
  s.dstPort = to.port;
  return s;
}

/** A segment of a flow that has nothing to do with the script. */
function bystander(): Segment {
  const s = addressed({ ...ENDS.client, port: 50_000 }, { ...ENDS.server, port: BYSTANDER_PORT });
  s.flags = ACK;
  return s;
}

function readIsns(line: Line, isn: typeof ISN): void {
  while (!line.isEmpty) isn[line.end()] = line.number() >>> 0;
}

/** Reads what follows the sender: flags, sequence numbers, options. */
function readSegment(line: Line, s: Segment, sender: { isn: number; peerIsn: number; ipId: number }): void {
  for (const letter of line.next()) s.flags |= FLAGS[letter] ?? line.fail('no such flag');
  const [seq, after] = line.next().split(':').map(Number);
  s.seq = seqAdd(sender.isn, seq ?? Number.NaN);
  s.payloadLength = after === undefined ? 0 : after - (seq ?? Number.NaN);
  s.ipId = s.ipVersion === 4 ? sender.ipId & 0xffff : 0;
  s.ttl = 64;
  s.window = 500;
  if ((s.flags & ACK) !== 0) {
    if (!line.takes('ack')) line.fail('no ack');
    s.ack = seqAdd(sender.peerIsn, line.number());
  }
  while (!line.isEmpty) {
    if (line.takes('win')) s.window = line.number();
    else if (line.takes('ttl')) s.ttl = line.number();
    else if (line.takes('id')) s.ipId = line.number();
    else if (line.takes('byte')) s.firstByte = line.number();
    else if (line.takes('opts')) s.optionLayout = optionLayout(line.next());
    else if (line.takes('wscale')) s.windowScale = line.number();
    else if (line.takes('sack')) readSackBlocks(line, s, sender.peerIsn);
    else if (line.takes('ts')) {
      const [value = 0, echo = 0] = line.next().split(':').map(Number);
      s.hasTimestamps = true;
      s.tsVal = value;
      s.tsEcr = echo;
    } else line.fail('no such option');
  }
}

/** `101:201,301:401`: left and right edges of SACK blocks. */
function readSackBlocks(line: Line, s: Segment, isn: number): void {
  for (const block of line.next().split(',')) {
    const [left = 0, right = 0] = block.split(':').map((edge) => seqAdd(isn, Number(edge)));
    addSackBlock(s, left, right);
  }
}

/** `mss,sok,ts,nop,ws` as Segment.optionLayout folds it. */
function optionLayout(names: string): number {
  const kinds = ['eol', 'nop', 'mss', 'ws', 'sok', '', '', '', 'ts'];
  return names
    .split(',')
    .slice(0, 6)
    .reduce((layout, name) => layout * 32 + kinds.indexOf(name), 0);
}

/** The words of a line, taken one after the other. */
class Line {
  private readonly text: string;
  private readonly words: string[];

  constructor(text: string) {
    this.text = text.trim();
    this.words = text.replace(/#.*/, '').split(/\s+/).filter(Boolean);
  }

  get isEmpty(): boolean {
    return this.words.length === 0;
  }

  fail(why: string): never {
    throw new Error(`${why}: ${this.text}`);
  }

  next(): string {
    return this.words.shift() ?? this.fail('too short');
  }

  takes(word: string): boolean {
    if (this.words[0] !== word) return false;
    this.words.shift();
    return true;
  }

  number(): number {
    const word = this.next();
    return /^-?\d+$/.test(word) ? Number(word) : this.fail('not a number');
  }

  delay(): number {
    const word = this.next();
    return /^[+-]\d+(\.\d+)?$/.test(word) ? Number(word) : this.fail('no time');
  }

  end(): 'c' | 's' {
    const word = this.next();
    return word === 'c' || word === 's' ? word : this.fail('neither c nor s');
  }
}

/** A script with client and server exchanged; roles then go by ports. */
export function swapEnds(script: string): string {
  return script.replace(/^(\s*[+-]\S+\s+)([cs])/gm, (_, time, end) => `${time}${end === 'c' ? 's' : 'c'}`);
}
