import { InvalidArgumentError, Option } from 'commander';
import {
  CLOSE_KINDS,
  CLOSED_FIRST,
  ENDPOINTS,
  RESET_KINDS,
  STATES,
  type StateName,
} from '../../flow/format/words.ts';
import type { Network } from '../../report/addresses.ts';
import type { FlowFilters, OfEnd } from '../../report/flows/list-filters.ts';
import { parseDuration } from './duration.ts';
import { INSTANTS } from './instant.ts';
import { parseIp, parsePort, parseState } from './option-values.ts';

/** What the filters' options give; times are not read yet. */
export interface FilterFlags extends Omit<FlowFilters, 'network' | 'sinceUs' | 'untilUs'> {
  ip?: readonly OfEnd<Network>[];
  since?: string;
  until?: string;
}

/** The options of `finwait flows` that choose flows. */
export function filterOptions(): Option[] {
  return [
    words('--closed-first <end>', 'whose FIN or RST came first', [...CLOSED_FIRST, 'none']),
    words('--kind <kind>', 'how they closed', CLOSE_KINDS),
    list('--state <state>', 'the last state of an end', ofEnd(parseState), STATES),
    list('--ip <address>', "an end's address, or its network as in 10.0.0.0/8", ofEnd(parseIp)),
    list('--port <port>', "an end's port", ofEnd(parsePort)),
    list(
      '--longer-than <state=time>',
      'an end was in the state for longer, as in CLOSE_WAIT=5s; of TIME_WAIT, what packets prove',
      ofEnd(parseWait),
    ),
    words('--reset-kind <kind>', 'what the RST that ended it most likely was', RESET_KINDS),
    words('--reset-by <end>', 'whose RST ended it', ENDPOINTS),
    new Option('--since <time>', `begun then or later: ${INSTANTS}`),
    new Option('--until <time>', 'begun then or earlier'),
  ];
}

/** A list of words, each one of the allowed. */
function words<W extends string>(flags: string, description: string, allowed: readonly W[]): Option {
  const parse = (text: string): W => {
    const word = allowed.find((each) => each === text.toLowerCase());
    if (word === undefined) throw new InvalidArgumentError(`Allowed choices are ${allowed.join(', ')}.`);
    return word;
  };
  return list(flags, description, parse, allowed);
}

/** An option that takes several values: with commas, or given again. */
function list<T>(
  flags: string,
  description: string,
  parse: (text: string) => T,
  choices?: readonly string[],
): Option {
  const option = new Option(flags, description);
  if (choices !== undefined) option.choices(choices);
  return option.argParser<T[]>((text, before = []) => [
    ...before,
    ...text.split(',').map((part) => parse(part.trim())),
  ]);
}

/** A value that may have `client:` or `server:` in front. */
function ofEnd<T>(parse: (text: string) => T): (text: string) => OfEnd<T> {
  return (text) => {
    const endpoint = ENDPOINTS.find((end) => text.startsWith(`${end}:`));
    return { endpoint, value: parse(endpoint === undefined ? text : text.slice(endpoint.length + 1)) };
  };
}

function parseWait(text: string): { state: StateName; us: number } {
  const [name = '', time, ...more] = text.split('=');
  if (time === undefined || more.length > 0) throw new InvalidArgumentError('It is as in CLOSE_WAIT=5s.');
  const state = parseState(name);
  if (state === 'CLOSED') throw new InvalidArgumentError('Nothing follows CLOSED.');
  return { state, us: parseDuration(time) };
}
