import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RealProgram, SERVER } from '../programs/real.ts';
import { type Cleanup, ip, run, seconds, within } from '../run.ts';

/** How long one may take to begin, and one to end, in seconds. */
const BEGINS_WITHIN = 10;
const ENDS_WITHIN = 120;

/** Runs real programs in namespaces, all of them in one folder; they end with the lab. */
export class RealHost {
  readonly #server: string;
  readonly #cleanup: Cleanup;
  #folder: string | undefined;

  /** @param server the server's address, which stands for SERVER in the programs' files */
  constructor(server: string, cleanup: Cleanup) {
    this.#server = server;
    this.#cleanup = cleanup;
  }

  /** Returns once it listens, or, if it does not, has ended. Rejects if it ends otherwise than well. */
  async run(namespace: string, { command, files = {}, listens }: RealProgram): Promise<void> {
    const cwd = this.#makeFolder();
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(cwd, name), text.replaceAll(SERVER, this.#server));
    // Proxies are asked on the host itself.
    ip(namespace, 'link set lo up');
    const child = spawn('ip', ['netns', 'exec', namespace, ...command], {
      cwd,
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    });
    // With its own children, as nginx has them.
    this.#cleanup.defer(() => kill(child));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const name = command.join(' ');
    if (listens !== undefined) {
      await within(BEGINS_WITHIN, `${name} to listen`, Promise.race([listening(namespace, listens), ended]));
      if (child.exitCode !== null) throw new Error(`${name} has ended with ${child.exitCode}`);
      return;
    }
    const code = await within(ENDS_WITHIN, `${name} to end`, ended);
    if (code !== 0) throw new Error(`${name} has ended with ${code}`);
  }

  #makeFolder(): string {
    if (this.#folder === undefined) {
      const folder = mkdtempSync(join(tmpdir(), 'finwait-real-'));
      this.#cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
      this.#folder = folder;
    }
    return this.#folder;
  }
}

function kill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function listening(namespace: string, port: number): Promise<void> {
  while (run('ip', ['netns', 'exec', namespace, 'ss', '-Hltn', `sport = :${port}`]) === '')
    await seconds(0.1);
}
