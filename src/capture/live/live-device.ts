import { existsSync, readFileSync } from 'node:fs';

/** Where Linux tells of its network devices, each in a folder. */
export const INTERFACES = '/sys/class/net';
/** linux/if.h */
const IFF_UP = 1;

/** What Linux says of a device, such as its `flags`; undefined where it does not. */
export function attributeOf(device: string, name: string): string | undefined {
  try {
    return readFileSync(`${INTERFACES}/${device}/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Whether the administrator has a device with these `flags` up. */
export function isUp(flags: string): boolean {
  return (Number(flags) & IFF_UP) !== 0;
}

/** Whether a device is there and up, as Linux says; undefined if unknown (`any`, other systems). */
export function deviceState(device: string): 'up' | 'down' | 'gone' | undefined {
  if (device === 'any' || !existsSync(INTERFACES)) return undefined;
  const flags = attributeOf(device, 'flags');
  if (flags === undefined) return 'gone';
  return isUp(flags) ? 'up' : 'down';
}
