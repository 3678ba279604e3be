import { homedir } from 'node:os';
import { join } from 'node:path';
import { shellWord } from '../base/shell.ts';
import { RING_KIB, SNAP_LENGTH } from './live-tcpdump.ts';

/** What the advice is made from; this process's own, but in tests. */
export interface Command {
  /** Node.js, finwait and what it was asked for. */
  words: readonly string[];
  device: string;
  filter: string;
  uid: number;
  gid: number;
}

/** The ways to get the right to capture, the safest first, as shell commands that do what was asked for. */
export function permissionHelp({ words, device, filter, uid, gid }: Command): string {
  const again = words.map(shellWord).join(' ');
  const [node, ...rest] = words.map(shellWord);
  const copy = shellWord(join(homedir(), 'node-capture'));
  const options = ['-n', '-s', `${SNAP_LENGTH}`, '-B', `${RING_KIB}`, '-U', '-w', '-'];
  const tcpdump = ['tcpdump', '-i', device, ...options, ...(filter === '' ? [] : [filter])];
  return `Ways to capture as ${uid === 0 ? 'this user' : 'an ordinary user'}, the safest first:

1. Let tcpdump capture, and only read what it writes:
   sudo ${tcpdump.map(shellWord).join(' ')} | finwait live -

2. Give this one process the capability:
   sudo setpriv --reuid=${uid} --regid=${gid} --clear-groups --inh-caps=+net_raw --ambient-caps=+net_raw ${again}
   For a systemd service: User= and AmbientCapabilities=CAP_NET_RAW.

3. Give it to a copy of Node.js:
   sudo install -m 0750 -g ${gid} ${node} ${copy}
   sudo setcap cap_net_raw=ep ${copy}
   ${[copy, ...rest].join(' ')}
   Warning: whoever may run that copy can capture everything, with any script.
`;
}

/** The command that this process was started with. */
export function thisCommand(device: string, filter: string): Command {
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  return { words, device, filter, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}
