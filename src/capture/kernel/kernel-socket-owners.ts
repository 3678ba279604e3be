import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The process that has a socket open; of several, the one with the lowest number. */
export interface SocketOwner {
  pid: number;
  /** Its name as the kernel has it, 15 bytes at most, which the process itself may choose. */
  program: string;
}

/** To find owners means to look at every open file of every process: at most this share of the time. */
const SHARE = 0.05;

/** Finds which processes have sockets, as far as this user may know: of others' processes only root may. */
export class SocketOwners {
  #owners = new Map<number, SocketOwner>();
  #nextAt = 0;

  /** The owner of a socket, as of the last look. */
  of(inode: number): SocketOwner | undefined {
    return this.#owners.get(inode);
  }

  /** Looks again where one of these sockets is of nobody known, and it is time for that. */
  look(inodes: Iterable<number>): void {
    const begun = performance.now();
    if (begun < this.#nextAt || !this.#isUnknown(inodes)) return;
    this.#owners = findOwners();
    const ended = performance.now();
    this.#nextAt = ended + (ended - begun) / SHARE;
  }

  #isUnknown(inodes: Iterable<number>): boolean {
    for (const inode of inodes) if (inode !== 0 && !this.#owners.has(inode)) return true;
    return false;
  }
}

/** Owners by inode. A process that ends meanwhile, or is somebody else's, has none. */
export function findOwners(): Map<number, SocketOwner> {
  const owners = new Map<number, SocketOwner>();
  const pids = namesIn('/proc').map(Number).filter(Number.isInteger);
  for (const pid of pids.sort((a, b) => a - b)) {
    let owner: SocketOwner | undefined;
    for (const file of namesIn(`/proc/${pid}/fd`)) {
      const inode = socketBehind(`/proc/${pid}/fd/${file}`);
      if (inode === undefined || owners.has(inode)) continue;
      owner ??= { pid, program: programOf(pid) };
      owners.set(inode, owner);
    }
  }
  return owners;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function socketBehind(path: string): number | undefined {
  try {
    const target = readlinkSync(path);
    return target.startsWith('socket:[') ? Number(target.slice('socket:['.length, -1)) : undefined;
  } catch {
    return undefined;
  }
}

function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, '');
  } catch {
    return '';
  }
}
