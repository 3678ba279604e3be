// Generates a capture file of whole TCP flows for benchmarks, the same for the same seed:
//   npx tsx scripts/generate.ts --flows 200000 --shape tiny --seed 1 out.pcap
// The shapes are in generate/generate.ts, the mix of endings in generate/flow.ts.
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CONTAINERS } from './generate/container.ts';
import { generate, SHAPES } from './generate/generate.ts';

const USAGE = `usage: generate.ts [options] OUT.pcap
  --flows N             flows (10000)
  --shape SHAPE         tiny, middling or long: 11, 30 or 250 packets a flow (tiny)
  --packets-per-flow N  packets of a flow that closes in four packets
  --concurrent N        flows open at once (1000)
  --snap-length N       bytes stored of a packet (96)
  --seed N              (1)
  --hold SECONDS        pause of every flow after its handshake: all of them are open at once (0)
  --ipv6                IPv6 instead of IPv4
  --format FORMAT       pcap or pcapng (pcap)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    flows: { type: 'string', default: '10000' },
    shape: { type: 'string', default: 'tiny' },
    'packets-per-flow': { type: 'string' },
    concurrent: { type: 'string', default: '1000' },
    'snap-length': { type: 'string', default: '96' },
    seed: { type: 'string', default: '1' },
    hold: { type: 'string', default: '0' },
    ipv6: { type: 'boolean', default: false },
    format: { type: 'string', default: 'pcap' },
  },
});
const container = CONTAINERS[values.format];
const shape = Object.entries(SHAPES).find(([name]) => name === values.shape)?.[1];
const [path, ...rest] = positionals;
const options = {
  flows: Number(values.flows),
  packetsPerFlow: Number(values['packets-per-flow'] ?? shape?.packetsPerFlow),
  payload: shape?.payload ?? 0,
  concurrent: Number(values.concurrent),
  snapLength: Number(values['snap-length']),
  seed: Number(values.seed),
  holdUs: Number(values.hold) * 1e6,
  ipv6: values.ipv6,
};
const numbers = Object.values(options).filter((value) => typeof value === 'number');
const isKnown = shape !== undefined && container !== undefined;
if (path === undefined || rest.length > 0 || !isKnown || !numbers.every(Number.isSafeInteger)) {
  console.error(USAGE);
  process.exit(2);
}

const file = openSync(path, 'w');
const { packets, bytes } = generate({ ...options, container }, (block) => {
  for (let at = 0; at < block.length; ) at += writeSync(file, block, at);
});
closeSync(file);
console.error(`${path}: ${options.flows} flows, ${packets} packets, ${bytes} bytes on the wire`);
