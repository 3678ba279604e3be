import { STATES, type StateName } from '../flow/words.ts';

/** Spellings of netstat and ss that are more than a matter of hyphens. */
const OTHER_NAMES: Readonly<Record<string, StateName>> = {
  SYNRECV: 'SYN_RECEIVED',
  ESTAB: 'ESTABLISHED',
  CLOSE: 'CLOSED',
};

/** A state by its name in any spelling: `close_wait`, `FIN_WAIT1` as netstat has it, `TIME-WAIT` as ss does. */
export function stateName(text: string): StateName | undefined {
  const bare = (name: string) => name.toUpperCase().replaceAll(/[-_]/g, '');
  return STATES.find((state) => bare(state) === bare(text)) ?? OTHER_NAMES[bare(text)];
}
