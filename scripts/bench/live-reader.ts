import { readFileSync } from 'node:fs';
import { readCapture } from '../../src/capture/files/read.ts';
import { openLive } from '../../src/capture/live/live.ts';
import type { Via } from '../../src/capture/live/live-error.ts';

// Captures on a device until its standard input ends, and says what it saw: DEVICE VIA.

/** Clock ticks of /proc in a second, on every Linux there is. */
const TICKS = 100;

const [device = '', via] = process.argv.slice(2);
const live = await openLive(device, { via: via as Via });
let seen = 0;
const reading = readCapture('-', () => seen++, { input: live.stream });
process.stdout.write('ready\n');
let memory: number[] = [];
const watch = setInterval(() => memory.push(residentKib('self')), 1000);
const childBefore = childState();
let child = childBefore;
const watchChild = setInterval(() => {
  child = childState();
}, 200);
process.stdin.resume().on('end', async () => {
  child = childState();
  clearInterval(watchChild);
  await live.stop();
  await reading;
  const losses = await live.losses(seen);
  clearInterval(watch);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  memory = memory.slice(2);
  const own = {
    cpu: (userCPUTime + systemCPUTime) / 1e6,
    peakMib: maxRSS / 1024,
    growthMib: ((memory.at(-1) ?? 0) - (memory[0] ?? 0)) / 1024,
  };
  process.stdout.write(
    `${JSON.stringify({ seen, kernelDropped: losses?.unread === undefined ? null : losses.dropped + losses.unread, own, child })}\n`,
  );
});

function childState(): { cpu: number; peakMib: number } {
  const stat = readFileSync(`/proc/${live.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const cpu = (Number(stat[11]) + Number(stat[12])) / TICKS;
  const peakMib = kib(`/proc/${live.pid}/status`, 'VmHWM') / 1024;
  return { cpu, peakMib };
}

function residentKib(pid: string): number {
  return kib(`/proc/${pid}/status`, 'VmRSS');
}

function kib(path: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(path, 'utf8'))?.[1] ?? Number.NaN);
}
