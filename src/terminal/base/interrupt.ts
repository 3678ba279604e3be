import { constants } from 'node:os';

/** Signals that ask a program to end; a terminal sends them to its children as well. */
export const ENDING_SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Ends the process in order when a signal asks for it: temporary files go with the exit, and the
 * exit code is 128 + the signal's number (130 for Ctrl-C). Returns a function that ends this.
 */
export function exitOnSignals(lastWords: () => void): () => void {
  const end = (signal: NodeJS.Signals) => {
    lastWords();
    process.exit(128 + constants.signals[signal]);
  };
  return onEndingSignals(end);
}

/**
 * Calls `end`, which is to end the process in order, at the first signal that asks for it, and ends the
 * process at once at the second, with exit code 130. Returns a function that ends this.
 */
export function endOnSignals(end: () => void): () => void {
  let asked = false;
  const onSignal = () => {
    if (asked) process.exit(128 + constants.signals.SIGINT);
    asked = true;
    end();
  };
  return onEndingSignals(onSignal);
}

function onEndingSignals(act: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of ENDING_SIGNALS) process.on(signal, act);
  return () => {
    for (const signal of ENDING_SIGNALS) process.off(signal, act);
  };
}
