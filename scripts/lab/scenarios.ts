import type { CLOSE_KINDS, CLOSED_FIRST, StateName } from '../../src/flow/words.ts';
import type { NetworkOptions, Place } from './network.ts';
import { client, pause, router, type Step, server, together } from './steps.ts';

// One phenomenon, one scenario, one small capture (or two, one at each end).

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

export interface Scenario {
  name: string;
  phenomenon: string;
  /** What to look at in the capture. */
  see: string;
  /** Where it is recorded; at `both` gives two files. */
  at: Place | 'both';
  format?: 'pcap' | 'pcap+gzip' | 'pcapng-ns';
  /** Record all devices of the host at once. */
  any?: boolean;
  network?: Omit<NetworkOptions, 'subnet'>;
  steps: Step[];
  /** One for each connection, in order of connecting. */
  flows: FlowDefinition[];
}

const CLIENT_OPENS: StateName[] = ['SYN_SENT', 'ESTABLISHED'];
const SERVER_OPENS: StateName[] = ['SYN_RECEIVED', 'ESTABLISHED'];
const CLOSES_FIRST: StateName[] = ['FIN_WAIT_1', 'FIN_WAIT_2', 'TIME_WAIT'];
const CLOSES_SECOND: StateName[] = ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED'];

const CLIENT_FIRST: FlowDefinition = {
  close_kind: 'fin',
  closed_first: 'client',
  client: [...CLIENT_OPENS, ...CLOSES_FIRST],
  server: [...SERVER_OPENS, ...CLOSES_SECOND],
};
const SERVER_FIRST: FlowDefinition = {
  close_kind: 'fin',
  closed_first: 'server',
  client: [...CLIENT_OPENS, ...CLOSES_SECOND],
  server: [...SERVER_OPENS, ...CLOSES_FIRST],
};

/** Connection, a request of 120 bytes and its answer of 400. */
const request = (conn = 'a'): Step[] => [
  client.connect({}, conn),
  server.accept({}, conn),
  client.send(120, conn),
  server.receives(120, conn),
  server.send(400, conn),
  client.receives(400, conn),
  pause(0.1),
];
/** The four packets of a close that the client begins; the server takes its time. */
const clientThenServer = (conn = 'a'): Step[] => [
  client.close(conn),
  server.seesEnd(conn),
  pause(0.1),
  server.close(conn),
  pause(0.2),
];

export const SCENARIOS: Scenario[] = [
  {
    name: 'graceful-client-first',
    phenomenon: 'the client closes first, the server 0.1 s later',
    see: 'FIN, ACK, FIN, ACK; the client keeps the TIME_WAIT',
    at: 'client',
    steps: [...request(), ...clientThenServer()],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'graceful-server-first',
    phenomenon: 'the server closes first; the file is compressed',
    see: 'the server keeps the TIME_WAIT',
    at: 'server',
    format: 'pcap+gzip',
    steps: [...request(), server.close(), client.seesEnd(), pause(0.1), client.close(), pause(0.2)],
    flows: [SERVER_FIRST],
  },
  {
    name: 'three-packet-close',
    phenomenon: "the server closes so soon that its FIN carries the ACK of the client's",
    see: 'the client goes from FIN_WAIT_1 to TIME_WAIT with one segment',
    at: 'client',
    steps: [...request(), client.close(), server.seesEnd(), server.close(), pause(0.2)],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'simultaneous-close',
    phenomenon: 'both ends close while a slow link holds both FINs',
    see: 'neither FIN acknowledges the other; CLOSING and TIME_WAIT at both ends',
    at: 'client',
    steps: [...request(), router.slow(10), together(client.shutdown(), server.shutdown()), pause(0.5)],
    flows: [
      {
        close_kind: 'fin',
        closed_first: 'both',
        client: [...CLIENT_OPENS, 'FIN_WAIT_1', 'CLOSING', 'TIME_WAIT'],
        server: [...SERVER_OPENS, 'FIN_WAIT_1', 'CLOSING', 'TIME_WAIT'],
      },
    ],
  },
  {
    name: 'half-close-with-data',
    phenomenon: 'the client ends its direction only; the server goes on sending and closes later',
    see: 'data towards an endpoint in FIN_WAIT_2, read and acknowledged',
    at: 'client',
    steps: [
      ...request(),
      client.shutdown(),
      server.seesEnd(),
      pause(0.1),
      server.send(1000),
      client.receives(1400),
      pause(0.2),
      server.send(2000),
      client.receives(3400),
      pause(0.1),
      server.close(),
      pause(0.2),
    ],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'close-wait-leak',
    phenomenon: 'three clients close; the server never closes its side',
    see: 'the server stays in CLOSE_WAIT, the clients in FIN_WAIT_2, until the capture ends',
    at: 'server',
    steps: ['a', 'b', 'c']
      .flatMap((conn) => [...request(conn), client.close(conn), server.seesEnd(conn)])
      .concat(pause(1)),
    flows: [0, 1, 2].map(() => ({
      close_kind: 'half',
      closed_first: 'client',
      client: [...CLIENT_OPENS, 'FIN_WAIT_1', 'FIN_WAIT_2'],
      server: [...SERVER_OPENS, 'CLOSE_WAIT'],
    })),
  },
  {
    name: 'rst-by-linger',
    phenomenon: 'the client aborts: close() with SO_LINGER 0',
    see: 'an RST and no FIN; nobody keeps a TIME_WAIT',
    at: 'client',
    steps: [...request(), client.reset(), server.isReset(), pause(0.1)],
    flows: [
      {
        close_kind: 'reset',
        closed_first: 'client',
        client: [...CLIENT_OPENS, 'CLOSED'],
        server: [...SERVER_OPENS, 'CLOSED'],
      },
    ],
  },
  {
    name: 'rst-by-unread-data',
    phenomenon: 'the server closes while 500 bytes of the client lie unread in its kernel',
    see: 'data and its ACK, then an RST from the end that acknowledged it',
    at: 'server',
    steps: [
      client.connect(),
      server.accept({ unread: true }),
      client.send(500),
      pause(0.2),
      server.close(),
      client.isReset(),
      pause(0.1),
    ],
    flows: [
      {
        close_kind: 'reset',
        closed_first: 'server',
        client: [...CLIENT_OPENS, 'CLOSED'],
        server: [...SERVER_OPENS, 'CLOSED'],
      },
    ],
  },
  {
    name: 'fin-answered-by-rst',
    phenomenon: 'the client closes, the server answers with an abort instead of a FIN',
    see: 'RST out of CLOSE_WAIT; no TIME_WAIT',
    at: 'client',
    steps: [...request(), client.shutdown(), server.seesEnd(), pause(0.1), server.reset(), pause(0.2)],
    flows: [
      {
        close_kind: 'fin-reset',
        closed_first: 'client',
        client: [...CLIENT_OPENS, 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED'],
        server: [...SERVER_OPENS, 'CLOSE_WAIT', 'CLOSED'],
      },
    ],
  },
  {
    name: 'data-after-close',
    phenomenon: 'the server sends to a client that has closed both directions',
    see: 'the client answers the data with RST; unlike half-close-with-data',
    at: 'client',
    steps: [...request(), client.close(), server.seesEnd(), pause(0.1), server.send(300), pause(0.2)],
    flows: [
      {
        close_kind: 'fin-reset',
        closed_first: 'client',
        client: [...CLIENT_OPENS, 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED'],
        server: [...SERVER_OPENS, 'CLOSE_WAIT', 'CLOSED'],
      },
    ],
  },
  {
    name: 'fin-wait-2-orphan',
    phenomenon: "the client's kernel gives up FIN_WAIT_2 (tcp_fin_timeout 2 s), then the server sends",
    see: 'the RST comes from a kernel that has forgotten the connection',
    at: 'client',
    network: { sysctls: { client: { 'net.ipv4.tcp_fin_timeout': '2' } } },
    steps: [...request(), client.close(), server.seesEnd(), pause(3.5), server.send(300), pause(0.3)],
    flows: [
      {
        close_kind: 'fin-reset',
        closed_first: 'client',
        client: [...CLIENT_OPENS, 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED'],
        server: [...SERVER_OPENS, 'CLOSE_WAIT', 'CLOSED'],
      },
    ],
  },
  {
    name: 'rst-in-time-wait',
    phenomenon: 'the last ACK is lost, and the server, with unread data, aborts its LAST_ACK',
    see: "an RST at rcv_nxt kills the client's TIME_WAIT (RFC 1337)",
    at: 'client',
    steps: [
      client.connect(),
      server.accept({ unread: true }),
      client.send(100),
      pause(0.1),
      client.close(),
      pause(0.1),
      router.drop({ from: 'client', flags: 'ack', count: 1 }),
      server.shutdown(),
      pause(0.1),
      server.close(),
      pause(0.3),
    ],
    flows: [
      {
        close_kind: 'fin',
        closed_first: 'client',
        client: [...CLIENT_OPENS, ...CLOSES_FIRST, 'CLOSED'],
        server: [...SERVER_OPENS, ...CLOSES_SECOND],
      },
    ],
  },
  {
    name: 'refused',
    phenomenon: 'nobody listens on the port',
    see: 'SYN, RST+ACK',
    at: 'client',
    steps: [client.connect({ closedPort: true, fails: 'ECONNREFUSED' }), pause(0.1)],
    flows: [{ close_kind: 'refused', closed_first: 'server', client: ['SYN_SENT', 'CLOSED'], server: [] }],
  },
  {
    name: 'unanswered',
    phenomenon: 'the router drops every SYN',
    see: 'the SYN and its retransmissions, a second apart',
    at: 'client',
    steps: [router.drop({ from: 'client', flags: 'syn' }), client.connect({ wait: false }), pause(3.6)],
    flows: [{ close_kind: 'unanswered', closed_first: null, client: ['SYN_SENT'], server: [] }],
  },
  {
    name: 'reused-port-in-time-wait',
    phenomenon: 'the server holds the TIME_WAIT when the client connects again from the same port',
    see: "the SYN is accepted; the server's new ISN is its old snd_nxt + 65537",
    at: 'server',
    steps: [
      ...request(),
      server.close(),
      client.seesEnd(),
      client.close(),
      pause(1.5),
      client.connect({ portOf: 'a' }, 'b'),
      server.accept({}, 'b'),
      client.send(50, 'b'),
      server.receives(50, 'b'),
      ...clientThenServer('b'),
    ],
    flows: [{ ...SERVER_FIRST, server: [...SERVER_FIRST.server, 'CLOSED'] }, CLIENT_FIRST],
  },
  {
    name: 'time-wait-reused-by-client',
    phenomenon: 'the client holds the TIME_WAIT and reuses its port (tcp_tw_reuse 1)',
    see: "the client's new ISN is its old snd_nxt + 65537",
    at: 'client',
    network: { sysctls: { client: { 'net.ipv4.tcp_tw_reuse': '1' } } },
    steps: [
      ...request(),
      ...clientThenServer(),
      pause(1.5),
      client.connect({ portOf: 'a' }, 'b'),
      server.accept({}, 'b'),
      client.send(50, 'b'),
      server.receives(50, 'b'),
      ...clientThenServer('b'),
    ],
    flows: [{ ...CLIENT_FIRST, client: [...CLIENT_FIRST.client, 'CLOSED'] }, CLIENT_FIRST],
  },
  {
    name: 'lossy-fin-retransmitted',
    phenomenon: "the client's first FIN is lost between the two captures",
    see: 'two FINs of one sequence number at the client, one at the server; it is in CLOSE_WAIT only from then on',
    at: 'both',
    steps: [...request(), router.drop({ from: 'client', flags: 'fin', count: 1 }), ...clientThenServer()],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'last-ack-lost',
    phenomenon: 'the last ACK is lost between the two captures',
    see: 'the server stays in LAST_ACK until its FIN, sent again, is acknowledged out of TIME_WAIT',
    at: 'both',
    steps: [
      ...request(),
      client.close(),
      server.seesEnd(),
      pause(0.1),
      router.drop({ from: 'client', flags: 'ack', count: 1 }),
      server.close(),
      pause(0.8),
    ],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'keep-alive-in-close-wait',
    phenomenon: 'the server leaves a closed connection open for 3.5 s, with keep-alive every second',
    see: 'probes at snd_nxt - 1, answered out of FIN_WAIT_2',
    at: 'server',
    steps: [
      ...request(),
      server.keepAlive(1),
      client.shutdown(),
      server.seesEnd(),
      pause(3.5),
      server.close(),
      pause(0.2),
    ],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'zero-window-fin',
    phenomenon: "the client closes while the server's window is shut",
    see: "the FIN stays in the client's queue: only window probes are sent",
    at: 'client',
    network: { sysctls: { server: { 'net.ipv4.tcp_rmem': '4096 4096 4096' } } },
    steps: [
      client.connect(),
      server.accept({ unread: true }),
      client.send(8000),
      pause(0.5),
      client.close(),
      pause(1.5),
    ],
    flows: [
      {
        close_kind: 'open',
        closed_first: null,
        client: [...CLIENT_OPENS, 'FIN_WAIT_1'],
        server: SERVER_OPENS,
        wire: { client: CLIENT_OPENS, server: SERVER_OPENS, why: 'the FIN was never sent' },
      },
    ],
  },
  {
    name: 'syn-on-established',
    phenomenon: 'the client forgets a connection (its RST is lost) and connects again from the same port',
    see: 'the SYN is answered by a challenge ACK, that by an RST; the SYN, sent again at once, is accepted',
    at: 'server',
    steps: [
      ...request(),
      router.drop({ from: 'client', flags: 'rst', count: 1 }),
      client.reset(),
      pause(0.3),
      client.connect({ portOf: 'a' }, 'b'),
      server.accept({}, 'b'),
      client.send(50, 'b'),
      server.receives(50, 'b'),
      ...clientThenServer('b'),
    ],
    flows: [
      {
        close_kind: 'reset',
        closed_first: 'client',
        client: [...CLIENT_OPENS, 'CLOSED'],
        server: [...SERVER_OPENS, 'CLOSED'],
      },
      CLIENT_FIRST,
    ],
  },
  {
    name: 'ipv6-graceful',
    phenomenon: 'graceful-client-first over IPv6',
    see: 'addresses in RFC 5952 form',
    at: 'client',
    steps: [
      client.connect({ ipv6: true }),
      server.accept(),
      client.send(120),
      server.receives(120),
      pause(0.1),
      ...clientThenServer(),
    ],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'nanosecond-pcapng',
    phenomenon: 'graceful-client-first as pcapng with nanoseconds',
    see: 'if_tsresol 9 in the interface block',
    at: 'client',
    format: 'pcapng-ns',
    steps: [...request(), ...clientThenServer()],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'vlan-tagged',
    phenomenon: 'graceful-client-first on a trunk',
    see: 'an 802.1Q tag, VLAN 100, in every frame',
    at: 'trunk',
    network: { trunk: true },
    steps: [...request(), ...clientThenServer()],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'any-device-sll2',
    phenomenon: 'graceful-client-first on the device `any`, unfiltered',
    see: 'link type LINUX_SLL2; ARP and ICMPv6 among the TCP',
    at: 'client',
    any: true,
    steps: [...request(), ...clientThenServer()],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'router-any-duplicates',
    phenomenon: 'graceful-client-first on all devices of the router',
    see: 'every segment twice, coming in and going out with a smaller TTL: duplicates, not retransmissions',
    at: 'router',
    any: true,
    steps: [...request(), ...clientThenServer()],
    flows: [CLIENT_FIRST],
  },
  {
    name: 'time-wait-expires',
    phenomenon: "a TIME_WAIT from beginning to end, seen by a later connection's time",
    see: "the second flow is 64 s later: the first one's TIME_WAIT (60 s on Linux) is over by then",
    at: 'client',
    steps: [...request(), ...clientThenServer(), pause(63), ...request('b'), ...clientThenServer('b')],
    flows: [{ ...CLIENT_FIRST, client: [...CLIENT_FIRST.client, 'CLOSED'] }, CLIENT_FIRST],
  },
];
