import { ENDING_SIGNALS } from '../base/interrupt.ts';

/** Those that end the program in order, and Ctrl-\'s, which ends it at once. */
const SIGNALS: readonly NodeJS.Signals[] = [...ENDING_SIGNALS, 'SIGQUIT'];

/**
 * Restores a terminal whichever way the process leaves it: at its exit, when a signal ends it that nobody
 * else handles, and while it is suspended (then it is resumed). Returns a function that ends this.
 */
export function onLeaving({ restore, resume }: { restore: () => void; resume: () => void }): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    // Other handlers end in order first, then the screen.
    if (process.listenerCount(signal) > 1) return;
    leave();
    restore();
    process.kill(process.pid, signal);
  };
  const onSuspend = () => {
    restore();
    process.kill(process.pid, 'SIGSTOP');
  };
  const leave = () => {
    process.off('exit', restore).off('SIGTSTP', onSuspend).off('SIGCONT', resume);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('exit', restore).on('SIGTSTP', onSuspend).on('SIGCONT', resume);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return leave;
}
