import { CLIENT_FIRST, flow, REFUSED, request, type Scenario, UNANSWERED } from '../scenario.ts';
import { client, pause, router, type Step, server, together } from '../steps.ts';

// Causes between the two ends, and ends that abort or know nothing of a connection.

const SIX = ['a', 'b', 'c', 'd', 'e', 'f'];
/** A connection that is quiet for 1, 2, 6, 7 or 8 s, where the router forgets after 5 s. */
const QUIET = { count: 15, rate: 5, requests: 2, answer: 400, pauses: [1, 2, 6, 7, 8], patience: 4 };
const CLOSING_BOTH = flow(
  'fin',
  'both',
  ['FIN_WAIT_1', 'CLOSING', 'TIME_WAIT'],
  ['FIN_WAIT_1', 'CLOSING', 'TIME_WAIT'],
);

export const NETWORKS: Scenario[] = [
  {
    name: 'causes/idle-middlebox-silent',
    phenomenon: 'a middlebox forgets connections that were idle for 5 s, and drops what comes later',
    see: 'after 6 s of silence a request is sent again and again, and the FIN waits behind it; after 2 s all is well',
    at: 'client',
    steps: [
      router.forgets(5, 'drop'),
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ ...QUIET, closes: 'answered' }),
      pause(2),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 6 },
      {
        ...flow('open', null, ['FIN_WAIT_1'], []),
        wire: {
          client: ['SYN_SENT', 'ESTABLISHED'],
          server: ['SYN_RECEIVED', 'ESTABLISHED'],
          why: 'the FIN waits in its queue until the request is acknowledged',
        },
        count: 9,
      },
    ],
    findings: [{ code: 'idle-middlebox', subject: '10.9.1.2 -> 10.9.2.2:9001' }],
  },
  {
    name: 'causes/idle-middlebox-reset',
    phenomenon: 'a middlebox forgets connections that were idle for 5 s, and answers what comes later by RST',
    see: 'the first segment after 6 s of silence is answered by RST; after 2 s all is well',
    at: 'client',
    steps: [
      router.forgets(5, 'reset'),
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ ...QUIET, closes: 'answered' }),
      pause(0.5),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 6 },
      {
        ...flow('reset', 'server', ['CLOSED'], []),
        wire: {
          client: ['SYN_SENT', 'ESTABLISHED', 'CLOSED'],
          server: ['SYN_RECEIVED', 'ESTABLISHED', 'CLOSED'],
          why: "the RST bears the server's address, though the server knows nothing of it",
        },
        count: 9,
      },
    ],
    findings: [{ code: 'idle-middlebox', subject: '10.9.1.2 -> 10.9.2.2:9001' }],
  },
  {
    name: 'causes/tw-recycle-nat',
    phenomenon:
      'two hosts with clocks of their own behind one address; the server drops SYNs whose timestamps run backwards',
    see: "the SYNs of the host with the older clock are sent again and again, while the other's are answered",
    at: 'server',
    // One clock for all connections of a host, as before Linux 4.10; today each has an offset of its own.
    network: { nat: true, trunk: true, sysctls: { client: { 'net.ipv4.tcp_timestamps': '2' } } },
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ count: 2, rate: 4, answer: 400, closes: 'answered' }),
      client.visits({ count: 2, rate: 4, answer: 400, closes: 'answered', fromSecond: true }),
      server.checksTimestampsPerHost(),
      together(
        client.visits({ count: 10, rate: 2, answer: 400, closes: 'answered', patience: 3.5 }),
        client.visits({
          count: 10,
          rate: 2,
          answer: 400,
          closes: 'answered',
          patience: 3.5,
          fromSecond: true,
        }),
      ),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 14 },
      { ...UNANSWERED, count: 10 },
    ],
    findings: [{ code: 'tw-recycle-nat', subject: '10.9.2.1 -> 10.9.2.2:9001' }],
  },
  {
    name: 'causes/syn-unanswered',
    phenomenon: 'a filter drops every SYN to one port',
    see: 'SYNs sent again every second, while another port of the same server answers',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      router.drop({ from: 'client', flags: 'syn', port: 9002 }),
      together(
        client.visits({ count: 10, rate: 2, answer: 400, closes: 'answered' }),
        client.visits({ ports: [9002], count: 10, rate: 5, answer: 400, closes: 'answered', patience: 4 }),
      ),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 10 },
      { ...UNANSWERED, count: 10 },
    ],
    findings: [{ code: 'syn-unanswered', subject: '10.9.2.2:9002' }],
  },
  {
    name: 'causes/refused',
    phenomenon: 'a client tries a port on which nobody listens, three times a second',
    see: 'SYN, RST+ACK, twelve times; another port of the same server answers',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      together(
        client.visits({ count: 8, rate: 2, answer: 400, closes: 'answered' }),
        client.visits({ ports: [9002], count: 12, rate: 3, answer: 400, closes: 'answered' }),
      ),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 8 },
      { ...REFUSED, count: 12 },
    ],
    findings: [{ code: 'refused', subject: '10.9.2.2:9002' }],
  },
  {
    name: 'causes/aborts-by-server',
    phenomenon: 'the server closes without having read the requests',
    see: "RST and no FIN, from the end that had acknowledged the other's bytes",
    at: 'client',
    steps: [
      server.serves(9001, { answer: 0, closes: 'second', unread: true, closesAfter: [0.1, 0.2, 0.3] }),
      client.visits({ count: 12, rate: 5, answer: 400, closes: 'second' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...flow('reset', 'server', ['CLOSED'], ['CLOSED']), count: 12 }],
    findings: [{ code: 'aborts', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/aborts-by-client',
    phenomenon:
      'the client aborts (SO_LINGER 0) where an answer takes more than half a second, as two of three do',
    see: 'RST and no FIN, from the end that waits for an answer',
    at: 'server',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second', answersAfter: [0.1, 2, 3] }),
      client.visits({ count: 15, rate: 5, answer: 400, closes: 'answered', givesUp: 'reset', patience: 0.5 }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 5 },
      { ...flow('reset', 'client', ['CLOSED'], ['CLOSED']), count: 10 },
    ],
    findings: [{ code: 'aborts', subject: '10.9.1.2 -> 10.9.2.2:9001' }],
  },
  {
    name: 'causes/half-open',
    phenomenon:
      'the server loses all connections at once (its RSTs are lost, as in a power failure), and clients go on later',
    see: 'data, after different times of silence, answered by an RST without ACK: the server has no such socket',
    at: 'client',
    steps: [
      ...SIX.flatMap((conn): Step[] => [...request(conn), pause(0.5)]),
      router.drop({ from: 'server', flags: 'rst' }),
      ...SIX.map((conn) => server.reset(conn)),
      pause(0.2),
      router.pass(),
      ...SIX.flatMap((conn): Step[] => [client.send(120, conn), client.isReset(conn), pause(0.1)]),
    ],
    flows: SIX.map(() => flow('reset', 'server', ['CLOSED'], ['CLOSED'])),
    findings: [{ code: 'half-open', subject: '10.9.2.2:8080' }],
  },
  {
    name: 'causes/simultaneous-close',
    phenomenon: 'six connections that both ends close while a slow link holds both FINs',
    see: 'CLOSING at both ends, and a TIME_WAIT at each',
    at: 'client',
    steps: [
      ...SIX.flatMap((conn) => request(conn)),
      ...SIX.flatMap((conn): Step[] => [
        router.slow(10),
        together(client.shutdown(conn), server.shutdown(conn)),
        pause(0.6),
      ]),
    ],
    flows: SIX.map(() => CLOSING_BOTH),
    findings: [{ code: 'simultaneous-close', subject: '10.9.2.2:8080' }],
  },
  {
    name: 'causes/fin-retransmitted',
    phenomenon: 'the first FINs of the clients are lost behind the capture',
    see: 'FINs sent again after 0.2 s, unanswered until one gets through',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      router.drop({ from: 'client', flags: 'fin', count: 12 }),
      client.visits({ count: 16, rate: 10, answer: 400, closes: 'answered' }),
      pause(2),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 16 }],
    findings: [{ code: 'fin-retransmitted', subject: '10.9.1.2 -> 10.9.2.2:9001' }],
  },
  {
    name: 'causes/last-ack-lost',
    phenomenon: 'the last ACK of six connections is lost behind the capture',
    see: "the server's FIN comes again after its ACK was seen, and is acknowledged out of TIME_WAIT",
    at: 'client',
    steps: SIX.flatMap((conn): Step[] => [
      ...request(conn),
      client.close(conn),
      server.seesEnd(conn),
      pause(0.1),
      router.drop({ from: 'client', flags: 'ack', count: 1 }),
      server.close(conn),
      pause(0.5),
    ]),
    flows: SIX.map(() => CLIENT_FIRST),
    findings: [{ code: 'last-ack-lost', subject: '10.9.1.2 -> 10.9.2.2:8080' }],
  },
];
