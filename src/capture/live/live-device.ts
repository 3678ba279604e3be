import { existsSync, readFileSync } from 'node:fs';

const INTERFACES = '/sys/class/net';
/** linux/if.h */
const IFF_UP = 1;

/** Whether a device is there and up, as Linux says; undefined if unknown (`any`, other systems). */
export function deviceState(device: string): 'up' | 'down' | 'gone' | undefined {
  if (device === 'any' || !existsSync(INTERFACES)) return undefined;
  try {
    return Number(readFileSync(`${INTERFACES}/${device}/flags`, 'utf8')) & IFF_UP ? 'up' : 'down';
  } catch {
    return 'gone';
  }
}
