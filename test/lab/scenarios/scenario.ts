import type { CLOSE_KINDS, CLOSED_FIRST, StateName } from '../../../src/flow/format/words.ts';
import type { NetworkOptions, Place } from '../network/network.ts';
import { client, pause, type Step, server } from './steps.ts';

// What a scenario is, and what many of them share.

/** What a flow must turn out to be: the phenomenon's definition, checked against the kernels' account. */
export interface FlowDefinition {
  close_kind: (typeof CLOSE_KINDS)[number];
  closed_first: (typeof CLOSED_FIRST)[number] | null;
  /** The states each kernel must have gone through. */
  client: StateName[];
  server: StateName[];
  /** Where packets cannot show what the kernels did: the states they do show. */
  wire?: { client: StateName[]; server: StateName[]; why: string };
}

/** One way to go in a crowd of connections, and how many go it. */
export interface CrowdDefinition extends FlowDefinition {
  /** Exactly so many, or at least and at most. */
  count: number | [least: number, most: number];
  /** No kernel that is watched has sockets of these; then the count is what was sent. */
  unwatched?: true;
}

/** What `finwait diagnose` must find: a code, and of whom (`host`, `host:port` or `host -> host:port`). */
export interface ExpectedFinding {
  code: string;
  subject: string;
}

/** What happens in a network, where it is recorded, and what must come of it. */
export interface Scenario {
  /** In captures/, with its folder: a cause or a healthy network, or a phenomenon where there is none. */
  name: string;
  phenomenon: string;
  /** What to look at in the capture. */
  see: string;
  /** Where it is recorded; at `both` gives two files. */
  at: Place | 'both';
  format?: 'pcap' | 'pcap+gzip' | 'pcapng-ns';
  /** Record all devices of the host at once. */
  any?: boolean;
  /** Record only what passes this capture filter (pcap-filter(7)). */
  filter?: string;
  network?: Omit<NetworkOptions, 'subnet'>;
  /** Played before the capture begins. */
  before?: Step[];
  steps: Step[];
  /** One for each connection, in order of connecting; none where there is a crowd. */
  flows: FlowDefinition[];
  /** For many connections, in any order: every way that one may go. */
  crowd?: CrowdDefinition[];
  /** All of warning or above, and those below that must be found as well. */
  findings: ExpectedFinding[];
}

const CLIENT_OPENS: StateName[] = ['SYN_SENT', 'ESTABLISHED'];
const SERVER_OPENS: StateName[] = ['SYN_RECEIVED', 'ESTABLISHED'];
const CLOSES_FIRST: StateName[] = ['FIN_WAIT_1', 'FIN_WAIT_2', 'TIME_WAIT'];
const CLOSES_SECOND: StateName[] = ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED'];

/** A flow that was established: the states that came after. */
export function flow(
  close_kind: FlowDefinition['close_kind'],
  closed_first: FlowDefinition['closed_first'],
  client: StateName[],
  server: StateName[],
): FlowDefinition {
  return {
    close_kind,
    closed_first,
    client: [...CLIENT_OPENS, ...client],
    server: [...SERVER_OPENS, ...server],
  };
}

export const CLIENT_FIRST = flow('fin', 'client', CLOSES_FIRST, CLOSES_SECOND);
export const SERVER_FIRST = flow('fin', 'server', CLOSES_SECOND, CLOSES_FIRST);
/** The client closes first, and its TIME_WAIT is over before the recording is. */
export const CLIENT_FIRST_AND_GONE = flow('fin', 'client', [...CLOSES_FIRST, 'CLOSED'], CLOSES_SECOND);
export const SERVER_FIRST_AND_GONE = flow('fin', 'server', CLOSES_SECOND, [...CLOSES_FIRST, 'CLOSED']);

export const REFUSED: FlowDefinition = {
  close_kind: 'refused',
  closed_first: 'server',
  client: ['SYN_SENT', 'CLOSED'],
  server: [],
};
/** A client that gives up before its kernel does: nothing shows that. */
export const UNANSWERED: FlowDefinition = {
  close_kind: 'unanswered',
  closed_first: null,
  client: ['SYN_SENT', 'CLOSED'],
  server: [],
  wire: { client: ['SYN_SENT'], server: [], why: 'nothing is sent when a SYN is given up' },
};

/** Connection, a request of 120 bytes and its answer of 400. */
export const request = (conn = 'a'): Step[] => [
  client.connect({}, conn),
  server.accept({}, conn),
  client.send(120, conn),
  server.receives(120, conn),
  server.send(400, conn),
  client.receives(400, conn),
  pause(0.1),
];
/** The four packets of a close that the client begins; the server takes its time. */
export const clientThenServer = (conn = 'a'): Step[] => [
  client.close(conn),
  server.seesEnd(conn),
  pause(0.1),
  server.close(conn),
  pause(0.2),
];
