import { CLIENT_FIRST, flow, REFUSED, type Scenario, UNANSWERED } from './scenario.ts';
import { client, pause, router, server, together } from './steps.ts';

// Causes on the way, and ports that do not answer.

/** A connection that is quiet for 1, 2, 6, 7 or 8 s, where the router forgets after 5 s. */
const QUIET = { count: 15, rate: 5, requests: 2, answer: 400, pauses: [1, 2, 6, 7, 8], patience: 4 };

export const MIDDLEBOXES: Scenario[] = [
  {
    name: 'causes/idle-middlebox-silent',
    phenomenon: 'a middlebox forgets connections that were idle for 5 s, and drops what comes later',
    see: 'after 6 s of silence a request is sent again and again, and the FIN waits for it; after 2 s all is well',
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
    name: 'causes/syn-prohibited',
    phenomenon: 'a filter rejects every SYN to one port by ICMP, over IPv4 and IPv6',
    see: 'ICMP 3/13 and ICMPv6 1/1 quote the SYNs until their rate is limited; a SYN whose error met a busy socket is sent again',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      router.drop({ from: 'client', flags: 'syn', port: 9002, prohibits: true }),
      together(
        client.visits({ count: 5, rate: 5, answer: 400, closes: 'answered' }),
        client.visits({ ports: [9002], count: 8, rate: 10, answer: 400, closes: 'answered', patience: 1.4 }),
        client.visits({
          ports: [9002],
          ipv6: true,
          count: 8,
          rate: 10,
          answer: 400,
          closes: 'answered',
          patience: 1.4,
        }),
      ),
      pause(0.2),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 5 },
      { ...UNANSWERED, count: 16 },
    ],
    findings: [
      { code: 'syn-unanswered', subject: '10.9.2.2:9002' },
      { code: 'syn-unanswered', subject: '[fd00:9:2::2]:9002' },
    ],
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
];
