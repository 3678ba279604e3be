import { spawnSync } from 'node:child_process';

/** Another program that makes something of a capture. */
export interface Peer {
  /** Programs that have to be installed. */
  needs: readonly string[];
  /** Takes so long that it may be run less often. */
  slow: boolean;
  /** The programs of the pipe; `out` is a file to write, which is not there yet. */
  stages(path: string, out: string): string[][];
}

/** Names that the targets speak of. */
export const ARGUS = 'argus';
export const TCPTRACE = 'tcptrace';
export const TSHARK = 'tshark conv,tcp';

/** libpcap's tcp[...] is of IPv4 only. */
const CLOSES = 'tcp[tcpflags] & (tcp-fin|tcp-rst) != 0 or (ip6[6] = 6 and ip6[53] & 5 != 0)';
/** What it takes to find closes with SQL. */
const FIELDS =
  'frame.number frame.time_epoch ip.src ipv6.src tcp.srcport ip.dst ipv6.dst tcp.dstport ' +
  'tcp.flags tcp.seq_raw tcp.ack_raw tcp.len tcp.stream';
const CSV = ['-T', 'fields', '-E', 'separator=,', '-E', 'header=y'];

/** The peers by name; the last is what one does today. */
export const PEERS: Readonly<Record<string, Peer>> = {
  tcpdump: {
    needs: ['tcpdump'],
    slow: false,
    stages: (path) => [['tcpdump', '-n', '-r', path, CLOSES]],
  },
  [ARGUS]: {
    needs: ['argus'],
    slow: false,
    stages: (path, out) => [['argus', '-r', path, '-w', out]],
  },
  [TCPTRACE]: {
    needs: ['tcptrace'],
    slow: true,
    stages: (path) => [['tcptrace', '-n', '-l', path]],
  },
  [TSHARK]: {
    needs: ['tshark'],
    slow: true,
    stages: (path) => [['tshark', '-n', '-r', path, '-q', '-z', 'conv,tcp']],
  },
  'tshark | sqlite3': {
    needs: ['tshark', 'sqlite3'],
    slow: true,
    stages: (path, out) => [
      ['tshark', '-n', '-r', path, ...CSV, ...FIELDS.split(' ').flatMap((field) => ['-e', field])],
      ['sqlite3', out, '.mode csv', '.import /dev/stdin segments'],
    ],
  },
};

/** Which of the programs that a peer needs are not installed. */
export function missingFor({ needs }: Peer): string[] {
  return needs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
}
