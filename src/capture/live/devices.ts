import { existsSync, readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { LinkTypeName } from '../base/link-types.ts';
import { capInstallHint } from './cap-missing.ts';
import { attributeOf, INTERFACES, isUp } from './live-device.ts';

/** A device that can be captured on. */
export interface Device {
  name: string;
  /** Without zone and prefix length. */
  addresses: string[];
  /** `down` by the administrator, `no carrier` with nothing at the other end; null if unknown. */
  state: 'up' | 'down' | 'no carrier' | null;
  /** What a capture on it will have as link type, as tcpdump.org/linktypes.html names it; null if unknown. */
  linkType: string | null;
}

/** What there is to capture on. */
export interface Devices {
  devices: Device[];
  /** What to install where cap could not be asked; the list is then the system's own. */
  missing: string | undefined;
}

/** What libpcap makes of ARPHRD_ numbers (linux/if_arp.h) that carry IP. */
const LINK_TYPES: Readonly<Record<number, LinkTypeName>> = {
  1: 'ETHERNET',
  512: 'LINUX_SLL',
  768: 'RAW',
  769: 'RAW',
  772: 'ETHERNET',
  776: 'RAW',
  778: 'RAW',
  803: 'IEEE802_11_RADIOTAP',
  65534: 'RAW',
};

/** cap, loaded on demand. Throws if it is not installed or finds no libpcap. */
export async function loadCap(): Promise<typeof import('cap')['default']> {
  return (await import('cap')).default;
}

/** The devices, as libpcap lists them where it is there, else as the system does. Needs no rights. */
export async function listDevices(): Promise<Devices> {
  const system = systemDevices();
  try {
    const { deviceList } = await loadCap();
    const devices = deviceList()
      .filter(({ name, addresses }) => isNetwork(name) || addresses.length > 0)
      .map(({ name, addresses }) => {
        const known = addresses.flatMap(({ addr }) => addr ?? []);
        return { ...(system.get(name) ?? device(name)), addresses: known };
      });
    return { devices, missing: undefined };
  } catch (error) {
    return { devices: [...system.values()], missing: capInstallHint((error as Error).message) };
  }
}

function systemDevices(): Map<string, Device> {
  const interfaces = networkInterfaces();
  const onLinux = existsSync(INTERFACES);
  const names = onLinux ? ['any', ...readdirSync(INTERFACES).filter(isNetwork)] : Object.keys(interfaces);
  return new Map(
    names.map((name) => {
      const addresses = (interfaces[name] ?? []).map(({ address }) => address);
      return [name, { ...device(name), addresses }];
    }),
  );
}

/** Not what libpcap offers besides: Bluetooth, USB, netfilter queues. */
function isNetwork(name: string): boolean {
  return name === 'any' || existsSync(`${INTERFACES}/${name}/flags`);
}

function device(name: string): Device {
  if (name === 'any') return { name, addresses: [], state: null, linkType: 'LINUX_SLL' };
  const linkType = LINK_TYPES[Number(attributeOf(name, 'type'))] ?? null;
  return { name, addresses: [], state: stateOf(name), linkType };
}

function stateOf(name: string): Device['state'] {
  const flags = attributeOf(name, 'flags');
  if (flags === undefined) return null;
  if (!isUp(flags)) return 'down';
  const carries = attributeOf(name, 'operstate') !== 'down' && attributeOf(name, 'carrier') !== '0';
  return carries ? 'up' : 'no carrier';
}
