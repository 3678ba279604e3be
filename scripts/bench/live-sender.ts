import { setTimeout as sleep } from 'node:timers/promises';
import { loadCap } from '../../src/capture/live/devices.ts';

// Puts TCP segments on a device at a rate, by cap, and says how many: DEVICE RATE SECONDS.

const [device = '', rateWord, secondsWord] = process.argv.slice(2);
const rate = Number(rateWord);
const total = rate * Number(secondsWord);

const { Cap } = await loadCap();
const ring = Buffer.alloc(65_535);
const cap = new Cap();
// What it sends comes back to it; this filter keeps it out.
cap.open(device, 'ether proto 0x9999', 1 << 20, ring);

const frame = segment();
const start = performance.now();
let sent = 0;
while (sent < total) {
  const onTime = Math.floor(((performance.now() - start) / 1000) * rate);
  // After a pause of its own it catches up in bursts of 5 ms worth of frames at most.
  const due = Math.min(total, onTime, sent + Math.ceil(rate / 200));
  for (; sent < due; sent++) {
    frame.writeUInt16BE(1024 + (sent % 50_000), 34);
    frame.writeUInt32BE(sent, 38);
    cap.send(frame, frame.length);
  }
  await sleep(1);
}
process.stdout.write(`${JSON.stringify({ sent, seconds: (performance.now() - start) / 1000 })}\n`, () =>
  process.exit(0),
);

/** Ethernet to a host that is not there, so that no kernel answers; IPv4; TCP with 46 bytes of data. */
function segment(): Buffer {
  const bytes = Buffer.alloc(100);
  bytes.write('0200000000fe0200000000010800', 0, 'hex');
  bytes.write('45000056000040004006', 14, 'hex');
  bytes.write('0a3b00010a3b0002', 26, 'hex');
  bytes.write('04001f900000000000000001501020000000', 34, 'hex');
  return bytes;
}
