import { STATES, type StateName } from '../flow/format/words.ts';

/** How `netstat -n` spells those that it spells otherwise (net-tools, lib/proc.c: tcp_state). */
const NETSTAT: Readonly<Partial<Record<StateName, string>>> = {
  SYN_RECEIVED: 'SYN_RECV',
  FIN_WAIT_1: 'FIN_WAIT1',
  FIN_WAIT_2: 'FIN_WAIT2',
};

/** Spellings of netstat and ss that are more than a matter of hyphens. */
const OTHERS: Readonly<Record<string, StateName>> = {
  SYNRECV: 'SYN_RECEIVED',
  ESTAB: 'ESTABLISHED',
  CLOSE: 'CLOSED',
};

/** A state by its name in any spelling: `close_wait`, `FIN_WAIT1` as netstat has it, `TIME-WAIT` as ss does. */
export function stateName(text: string): StateName | undefined {
  const bare = (name: string) => name.toUpperCase().replaceAll(/[-_]/g, '');
  return STATES.find((state) => bare(state) === bare(text)) ?? OTHERS[bare(text)];
}

/** A state as netstat spells it. */
export function netstatName(state: StateName): string {
  return NETSTAT[state] ?? state;
}
