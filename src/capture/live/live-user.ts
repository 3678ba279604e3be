import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

/** The user who started this process with sudo. */
export interface User {
  name: string;
  uid: number;
  gid: number;
}

/** The user who called sudo; undefined unless this is root by sudo of another user. */
export function sudoUser(env: NodeJS.ProcessEnv = process.env): User | undefined {
  const { SUDO_USER: name, SUDO_UID, SUDO_GID } = env;
  const uid = Number(SUDO_UID);
  const gid = Number(SUDO_GID);
  if (process.getuid?.() !== 0 || !name || !(uid > 0) || !(gid >= 0)) return undefined;
  return { name, uid, gid };
}

/**
 * Makes this process, started by sudo, that of the user who called it, for good; only the child that
 * captures was root, and it has done the same by then. Not where the user could not write the
 * `database`: sudo may well have been used for that. Returns the user, or undefined if nothing was
 * changed.
 */
export function dropPrivileges(database: string): User | undefined {
  const user = sudoUser();
  if (user === undefined) return undefined;
  const { uid, gid } = user;
  const mayWrite = '[ -w "$1" ] && [ -x "$1" ] && { [ ! -e "$2" ] || [ -w "$2" ]; }';
  const words = ['-c', mayWrite, 'sh', dirname(database), database];
  if (spawnSync('sh', words, { uid, gid }).status !== 0) return undefined;
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  return user;
}
