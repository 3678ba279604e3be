import { readSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { CapClock } from './cap-clock.ts';
import { linkTypeNumber } from './cap-link-type.ts';
import { CapOutput } from './cap-output.ts';
import { CANNOT_LOAD, type CapRequest, REFUSED } from './cap-request.ts';

// The process that captures by cap and writes a pcap stream to its standard output. It only copies:
// cap calls back from a loop that ends when its ring is empty, so under load no timer, signal or
// stream gets its turn, and all that must be done has to be done inside the callback.

/** How often the callback interrupts copying for its housekeeping. */
const HOUSEKEEPING_US = 20_000;
/** How long capturing goes on after a request to stop, if the traffic has no pause. */
const STOP_WITHIN_US = 1_000_000;
/** cap gives no more of a frame; it is cap's own snap length. */
const LONGEST = 65_535;

const { device, filter, snapLength, ringBytes, user }: CapRequest = JSON.parse(process.argv[2] ?? '');

const { Cap } = (await import('cap').catch((error: Error) => fail(error, CANNOT_LOAD))).default;
/** The addon keeps only its address: it must stay referenced as long as frames arrive. */
const frame = Buffer.alloc(LONGEST);
const cap = new Cap();
let linkType: number;
try {
  linkType = linkTypeNumber(cap.open(device, filter, ringBytes, frame));
} catch (error) {
  fail(error as Error, REFUSED);
}
raisePriority();
if (user !== undefined) {
  process.setgroups?.([]);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
}

// Both descriptors do not block from here on: a write that must wait fails, as does a read.
const streams = [new Socket({ fd: 1, readable: false }), new Socket({ fd: 0, writable: false })] as const;
const output = new CapOutput(1, linkType, snapLength);
const clock = new CapClock();
let stopAtUs = Number.POSITIVE_INFINITY;
let lastHousekeepingUs = 0;
let isTurnAsked = false;

// Its end is the request to stop: the parent closes it, or has died.
streams[1].on('end', stop).on('error', stop).resume();
process.on('SIGTERM', stop);
// Ctrl-C is for the parent, which then stops this one.
process.on('SIGINT', () => {});

process.on('uncaughtException', (error) => fail(error, 1));

cap.on('packet', (length) => {
  const nowUs = clock.now();
  output.add(nowUs, frame, length);
  if (!isTurnAsked) {
    isTurnAsked = true;
    setImmediate(onIdle);
  }
  if (nowUs - lastHousekeepingUs >= HOUSEKEEPING_US || nowUs < lastHousekeepingUs) housekeeping(nowUs);
});
onIdle();

/** A turn of the event loop: the ring was empty. */
function onIdle(): void {
  isTurnAsked = false;
  clock.adjust();
  if (!flush() && !isTurnAsked) {
    isTurnAsked = true;
    setTimeout(onIdle, 2);
  }
}

/** Between two frames: what onIdle does, and a look whether to stop. */
function housekeeping(nowUs: number): void {
  lastHousekeepingUs = nowUs;
  clock.adjust();
  flush();
  if (hasParentStopped()) stop();
  // The ring goes on filling meanwhile, and what does not fit there the kernel drops.
  while (output.isFull) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    flush();
  }
  if (nowUs > stopAtUs) finish();
}

function flush(): boolean {
  try {
    return output.flush();
  } catch {
    process.exit(0);
  }
}

function hasParentStopped(): boolean {
  try {
    return readSync(0, Buffer.alloc(1)) === 0;
  } catch {
    return false;
  }
}

/** What was on the wire before is in the ring by now: its next turn takes it out. */
function stop(): void {
  if (stopAtUs < Number.POSITIVE_INFINITY) return;
  stopAtUs = clock.now() + STOP_WITHIN_US;
  setImmediate(() => setImmediate(() => setImmediate(finish)));
}

/** Ends when all is written. */
function finish(): void {
  cap.close();
  if (flush()) process.exit(0);
  setTimeout(finish, 2);
}

/** At 100 000 frames/s the ring is full after 40 ms: it cannot wait for its turn on a busy machine. */
function raisePriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Only root may.
  }
}

function fail(error: Error, code: number): never {
  process.stderr.write(`${error.message}\n`);
  process.exit(code);
}
