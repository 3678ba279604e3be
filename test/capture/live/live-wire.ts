import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LiveOptions } from '../../../src/capture/live/live.ts';
import { Cleanup, ip, run, within } from '../../lab/run.ts';
import type { Asked, Received } from './live-program.ts';

/** Whether network namespaces can be made, and tcpdump run, here. With CI set their absence is a failure. */
export function canCapture(): boolean {
  if (process.env.CI === 'true') return true;
  return process.getuid?.() === 0 && ['ip', 'tcpdump'].every((name) => !spawnSync(name, ['-h']).error);
}

/** Two hosts, `a` and `b`, joined by a wire: eth0 of each. */
export interface Wire {
  a: string;
  b: string;
  cleanup: Cleanup;
}

let wires = 0;

/** Makes two network namespaces; `cleanup.run()` takes them down again. */
export function openWire(): Wire {
  const cleanup = new Cleanup();
  const name = `fw-live-${process.pid}-${++wires}`;
  const [a, b] = [`${name}-a`, `${name}-b`] as const;
  try {
    for (const namespace of [a, b]) {
      run('ip', ['netns', 'add', namespace]);
      cleanup.defer(() => run('ip', ['netns', 'del', namespace]));
      ip(namespace, 'link set dev lo up');
    }
    ip(a, `link add eth0 type veth peer name eth0 netns ${b}`);
    for (const [namespace, address] of [[a, '10.59.0.1/24'] as const, [b, '10.59.0.2/24'] as const]) {
      ip(namespace, 'link set dev eth0 up');
      ip(namespace, `addr add ${address} dev eth0`);
    }
  } catch (error) {
    cleanup.run();
    throw error;
  }
  return { a, b, cleanup };
}

/** A program of TypeScript in a namespace, and as somebody where `as` says so. It ends with the wire. */
function startScript(
  wire: Wire,
  namespace: string,
  script: URL,
  words: string[],
  as: string[] = [],
): ChildProcess {
  const node = [process.execPath, '--import', import.meta.resolve('tsx'), fileURLToPath(script), ...words];
  const child = spawn('ip', ['netns', 'exec', namespace, ...as, ...node], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  wire.cleanup.defer(() => void child.kill('SIGKILL'));
  return child;
}

/** Sends TCP segments from eth0, numbered by their sequence numbers from 0. Resolves when all are sent. */
export async function sendSegments(
  wire: Wire,
  namespace: string,
  rate: number,
  seconds: number,
): Promise<number> {
  const sender = new URL('../../../scripts/bench/live-sender.ts', import.meta.url);
  const child = startScript(wire, namespace, sender, ['eth0', `${rate}`, `${seconds}`]);
  child.stdout!.resume();
  const code = await within(30, 'the sender', new Promise((resolve) => child.once('exit', resolve)));
  if (code !== 0) throw new Error(`the sender ended with ${code}`);
  return rate * seconds;
}

/** A capture in a namespace, as live-program.ts tells of it. */
export class Capture {
  readonly #child: ChildProcess;
  readonly #received: Received[] = [];
  #receive = () => {};

  constructor(wire: Wire, device: string, options: LiveOptions, namespace = wire.b, as: string[] = []) {
    const program = new URL('./live-program.ts', import.meta.url);
    this.#child = startScript(wire, namespace, program, [device, JSON.stringify(options)], as);
    this.#child.on('message', (message: Received) => {
      this.#received.push(message);
      this.#receive();
    });
  }

  ask(asked: Asked): void {
    this.#child.send(asked);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The next thing of that kind that it tells. */
  async next<Kind extends Received['kind']>(kind: Kind): Promise<Extract<Received, { kind: Kind }>> {
    const told = new Promise<Received>((resolve) => {
      this.#receive = () => {
        const at = this.#received.findIndex((each) => each.kind === kind || each.kind === 'refused');
        if (at >= 0) resolve(this.#received.splice(at, 1)[0]!);
      };
      this.#receive();
    });
    const heard = await within(20, `the capture to tell: ${kind}`, told);
    if (heard.kind !== kind) throw new Error(`not ${kind}: ${JSON.stringify(heard)}`);
    return heard as Extract<Received, { kind: Kind }>;
  }
}
