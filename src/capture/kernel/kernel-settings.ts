import { readdirSync, readFileSync } from 'node:fs';

/** Settings of the kernel, by the names that `sysctl -a` has for them; values as they are printed. */
export type KernelSettings = Record<string, string>;

/** Folders of /proc/sys, and which of their files matter to TCP's opening and close. */
const FOLDERS: readonly (readonly [folder: string, wanted: RegExp])[] = [
  ['net/ipv4', /^(tcp_|ip_local_)/],
  ['net/core', /^somaxconn$/],
];

/** Reads this host's TCP settings, those of its network namespace; what cannot be read is left out. */
export function readKernelSettings(root = '/proc/sys'): KernelSettings {
  const settings: KernelSettings = {};
  for (const [folder, wanted] of FOLDERS) {
    for (const file of filesOf(`${root}/${folder}`)) {
      if (!wanted.test(file)) continue;
      const value = textOf(`${root}/${folder}/${file}`)?.trim().replace(/\s+/g, ' ');
      if (value) settings[`${folder}/${file}`.replaceAll('/', '.')] = value;
    }
  }
  return settings;
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
