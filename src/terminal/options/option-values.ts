import { InvalidArgumentError } from 'commander';
import { STATES, type StateName } from '../../flow/format/words.ts';
import { type Network, parseNetwork } from '../../report/addresses.ts';
import { stateName } from '../../report/state-spelling.ts';

// What several commands' options take; a parser throws commander's error where the text is none.

/** An address, or a network. */
export function parseIp(text: string): Network {
  const network = parseNetwork(text);
  if (network === undefined) {
    throw new InvalidArgumentError('It is an IP address, or a network such as 10.0.0.0/8.');
  }
  return network;
}

/** The file that a database is written to. */
export function parseTarget(text: string): string {
  // better-sqlite3 would open a file of another name.
  if (text === '' || text !== text.trim()) {
    throw new InvalidArgumentError('It is the name of a file, without blanks at its ends.');
  }
  switch (text) {
    case '-':
      throw new InvalidArgumentError('A database is a file, not a stream (./- is a file of that name).');
    case ':memory:':
      throw new InvalidArgumentError(
        'In memory it would be gone at the end (./:memory: is a file of that name).',
      );
  }
  return text;
}

/** A port's number. */
export function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 0xffff) {
    throw new InvalidArgumentError('It is a number from 0 to 65535.');
  }
  return Number(text);
}

/** A state's name, in any spelling. */
export function parseState(text: string): StateName {
  const state = stateName(text);
  if (state === undefined) throw new InvalidArgumentError(`States are ${STATES.join(', ')}.`);
  return state;
}

/** A whole number that is not below `least`. */
export function wholeNumberFrom(least: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least)) throw new InvalidArgumentError(`It is a whole number, from ${least}.`);
    return number;
  };
}
