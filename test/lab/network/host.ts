import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Action, Reply } from '../programs/actions.ts';
import { type Cleanup, within } from '../run.ts';

/** A program at one end, as the lab commands it. */
export interface Program {
  /** Has it do something; rejects with what went wrong, or after `limit` seconds. */
  do(action: Action, limit?: number): Promise<Reply>;
  /** Stops it in the middle of whatever it does, as a program that hangs; the kernel goes on. */
  hang(): void;
  goOn(): void;
}

/** Starts agent.ts in a namespace. It ends with the lab. */
export function startProgram(namespace: string, cleanup: Cleanup): Program {
  const agent = fileURLToPath(new URL('../programs/agent.ts', import.meta.url));
  const node = [process.execPath, '--import', import.meta.resolve('tsx'), agent];
  const child = spawn('ip', ['netns', 'exec', namespace, ...node], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  cleanup.defer(() => void child.kill('SIGKILL'));

  const waiting = new Map<number, (reply: Reply) => void>();
  child.on('message', (reply: Reply) => {
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  child.on('exit', () => {
    for (const [id, answer] of waiting) answer({ id, error: 'the program ended' });
  });

  let lastId = 0;
  return {
    async do(action, limit = 10) {
      const id = ++lastId;
      const reply = new Promise<Reply>((resolve) => waiting.set(id, resolve));
      child.send({ id, action });
      const answer = await within(limit, JSON.stringify(action), reply);
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer;
    },
    hang: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
  };
}
