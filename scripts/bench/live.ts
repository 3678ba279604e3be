import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tableLines } from '../../src/report/table.ts';
import { Cleanup, ip, run, within } from '../../test/lab/run.ts';

// How much a live capture loses: npx tsx scripts/bench/live.ts [--rate PACKETS] [--seconds S] [--via cap,tcpdump]
// Needs root: it makes two network namespaces, joined by a veth pair, and takes them down again.

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '20' },
    via: { type: 'string', default: 'cap,tcpdump' },
  },
});

interface Sent {
  sent: number;
  seconds: number;
}
interface Seen {
  seen: number;
  kernelDropped: number | null;
  own: { cpu: number; peakMib: number; growthMib: number };
  child: { cpu: number; peakMib: number };
}

const cleanup = new Cleanup();
try {
  const [sender, receiver] = [`fw-${process.pid}-send`, `fw-${process.pid}-seen`];
  for (const namespace of [sender, receiver]) {
    run('ip', ['netns', 'add', namespace]);
    cleanup.defer(() => run('ip', ['netns', 'del', namespace]));
  }
  ip(sender, `link add eth0 type veth peer name eth0 netns ${receiver}`);
  for (const namespace of [sender, receiver]) ip(namespace, 'link set dev eth0 up');

  const rows: string[][] = [];
  for (const via of values.via.split(',')) {
    process.stderr.write(`bench: ${via}: ${values.rate} packets/s for ${values.seconds} s\n`);
    rows.push(row(via, ...(await measure(sender, receiver, via))));
  }
  const head = [
    'via',
    'sent',
    'per s',
    'seen',
    'lost',
    'by kernel',
    'child CPU',
    'child',
    'parent CPU',
    'parent',
    'growth',
  ];
  for (const line of tableLines(rows, { head, right: head.map((_, i) => i > 0) })) console.log(line);
} finally {
  cleanup.run();
}

async function measure(sender: string, receiver: string, via: string): Promise<[Sent, Seen]> {
  const limit = Number(values.seconds) * 3 + 30;
  const reader = script(receiver, 'live-reader.ts', ['eth0', via]);
  const lines = createInterface({ input: reader.stdout! })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string;
  await within(30, `${via} to capture`, next());
  const source = script(sender, 'live-sender.ts', ['eth0', values.rate, values.seconds]);
  const sent = await within(
    limit,
    'the sender',
    createInterface({ input: source.stdout! })[Symbol.asyncIterator]().next(),
  );
  reader.stdin!.end();
  const seen = await within(limit, via, next());
  return [JSON.parse(sent.value as string), JSON.parse(seen)];
}

function script(namespace: string, name: string, words: string[]): ChildProcess {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const node = [process.execPath, '--import', import.meta.resolve('tsx'), path, ...words];
  const child = spawn('ip', ['netns', 'exec', namespace, ...node], { stdio: ['pipe', 'pipe', 'inherit'] });
  cleanup.defer(() => void child.kill('SIGKILL'));
  return child;
}

function row(via: string, { sent, seconds }: Sent, { seen, kernelDropped, own, child }: Seen): string[] {
  const percent = (cpu: number): string => `${((cpu / seconds) * 100).toFixed(0)} %`;
  const mib = (count: number): string => `${count.toFixed(0)} MiB`;
  return [
    ...[via, `${sent}`, (sent / seconds).toFixed(0), `${seen}`, `${sent - seen}`, `${kernelDropped ?? '?'}`],
    ...[percent(child.cpu), mib(child.peakMib), percent(own.cpu), mib(own.peakMib), mib(own.growthMib)],
  ];
}
