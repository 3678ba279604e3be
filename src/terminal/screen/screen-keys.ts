import type { ReadStream } from 'node:tty';

/** What keys do. */
export interface KeyActions {
  quit: () => void;
  pause: () => void;
  sort: () => void;
}

const ESCAPE = '\x1b';
/** What arrow and function keys send, and keys with Alt: their letters are no keys. */
const SEQUENCE = new RegExp(`${ESCAPE}(?:[[O][\\d;]*.|.)`, 'gs');
/** In raw mode Ctrl-C is a key, not a signal. */
const CTRL_C = '\x03';

/**
 * Reads single keys from a terminal: q and Ctrl-C quit, p pauses, s sorts, others do nothing. What is
 * returned gives the keyboard back as it was, and takes it again; undefined if there is no terminal.
 */
export function readKeys(
  input: ReadStream | undefined,
  actions: KeyActions,
): { restore: () => void; resume: () => void } | undefined {
  if (input?.isTTY !== true) return undefined;
  const onData = (data: Buffer | string) => {
    for (const key of data.toString().replace(SEQUENCE, '').toLowerCase()) {
      if (key === 'q' || key === CTRL_C) actions.quit();
      else if (key === 'p') actions.pause();
      else if (key === 's') actions.sort();
    }
  };
  const resume = () => {
    setRaw(input, true);
    input.off('data', onData).on('data', onData).resume();
  };
  const restore = () => {
    setRaw(input, false);
    input.off('data', onData).pause();
  };
  input.on('error', ignore);
  resume();
  return { restore, resume };
}

/** A terminal that is gone (EIO) has no mode to set; the signal that follows ends the process. */
function setRaw(input: ReadStream, raw: boolean): void {
  try {
    input.setRawMode(raw);
  } catch {}
}

const ignore = () => {};
