import type { Container } from './container.ts';
import { type Ending, type Flow, life, MIX, type Send } from './flow.ts';
import { type End, PcapWriter } from './pcap-writer.ts';
import { Random } from './random.ts';

export interface GenerateOptions {
  flows: number;
  packetsPerFlow: number;
  /** Payload bytes of a full segment. */
  payload: number;
  /** Flows that are open at once. */
  concurrent: number;
  seed: number;
  ipv6: boolean;
  snapLength: number;
  /** Pause of every flow after its handshake, microseconds. */
  holdUs?: number;
  container?: Container;
}

/** Packets a flow and payload bytes of a full segment. */
export const SHAPES = {
  tiny: { packetsPerFlow: 11, payload: 300 },
  middling: { packetsPerFlow: 30, payload: 500 },
  long: { packetsPerFlow: 250, payload: 1448 },
};

const START_US = Date.UTC(2024, 0, 1) * 1000;
const CLIENTS = 1000;
const SERVERS = 16;
const CLIENT_NETWORK = 0x0a010000;
const SERVER_NETWORK = 0x0a020000;
const FIRST_PORT = 32_768;
const PORTS = 28_000;
const SERVER_PORTS = [80, 443, 443, 443, 5432, 6379, 8080, 8443];

/** The endings, each as often as MIX says. */
const ENDINGS = (Object.keys(MIX) as Ending[]).flatMap((ending) => Array<Ending>(MIX[ending]).fill(ending));

/** A flow under way, and when its next packet is due. */
interface Running {
  dueUs: number;
  steps: Generator<number, void>;
}

/** Writes a capture of whole flows, interleaved in time order. No two share addresses and ports. */
export function generate(options: GenerateOptions, write: (block: Uint8Array) => void): PcapWriter {
  const random = new Random(options.seed);
  const writer = new PcapWriter(write, options);
  let nowUs = START_US;
  const send: Send = (from, to, flags, payload) => writer.packet(Math.floor(nowUs), from, to, flags, payload);
  let started = 0;
  const start = () => life(newFlow(started++, options, random), send, random);

  const running: Running[] = [];
  while (running.length < options.concurrent && started < options.flows) {
    running.push({ dueUs: START_US + random.between(0, 1_000_000), steps: start() });
  }
  running.sort((a, b) => a.dueUs - b.dueUs);
  for (let first = running[0]; first !== undefined; first = running[0]) {
    nowUs = first.dueUs;
    const pause = first.steps.next();
    if (!pause.done) first.dueUs += pause.value;
    else if (started < options.flows) {
      first.steps = start();
      first.dueUs += random.between(100, 20_000);
    } else {
      const last = running.pop()!;
      if (last !== first) running[0] = last;
    }
    sink(running);
  }
  writer.flush();
  return writer;
}

/** Flow number `i`: its ends' addresses and ports follow from the number, all else is drawn. */
function newFlow(i: number, options: GenerateOptions, random: Random): Flow {
  const round = Math.floor(i / CLIENTS);
  const server = random.integer(0, SERVERS);
  const hasTimestamps = random.chance(0.8);
  return {
    client: newEnd(
      CLIENT_NETWORK + 1 + (i % CLIENTS),
      FIRST_PORT + (round % PORTS),
      64,
      hasTimestamps,
      random,
    ),
    server: newEnd(
      SERVER_NETWORK + 1 + server,
      SERVER_PORTS[server % SERVER_PORTS.length]!,
      57,
      hasTimestamps,
      random,
    ),
    ending: random.pick(ENDINGS),
    packets: options.packetsPerFlow,
    payload: options.payload,
    holdUs: options.holdUs ?? 0,
    // From 200 us to 80 ms, short ones more often.
    roundTripUs: 200 * 400 ** random.between(0, 1),
  };
}

function newEnd(host: number, port: number, ttl: number, hasTimestamps: boolean, random: Random): End {
  return {
    host,
    port,
    next: random.bits(),
    expected: 0,
    ttl,
    ipId: random.integer(0, 0x10000),
    tsOffset: hasTimestamps ? random.bits() : Number.NaN,
    tsEcho: 0,
  };
}

/** Brings the first of a binary heap, earliest first, to its place. */
function sink(heap: Running[]): void {
  const moved = heap[0];
  if (moved === undefined) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]!.dueUs < heap[child]!.dueUs) child += 1;
    if (heap[child]!.dueUs >= moved.dueUs) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = moved;
}
