import { constants } from 'node:os';

/**
 * Ends the process in order when a signal asks for it: temporary files go with the exit, and the
 * exit code is 128 + the signal's number (130 for Ctrl-C). Returns a function that ends this.
 */
export function exitOnSignals(lastWords: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const end = (signal: (typeof signals)[number]) => {
    lastWords();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}
