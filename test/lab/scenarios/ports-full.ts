import {
  CLIENT_FIRST,
  CLIENT_FIRST_AND_GONE,
  flow,
  REFUSED,
  type Scenario,
  SERVER_FIRST,
  SERVER_FIRST_AND_GONE,
} from './scenario.ts';
import { client, pause, server } from './steps.ts';

// Causes: TIME_WAITs that pile up, fill the ports, are used again, or are missing.

export const PORTS_FULL: Scenario[] = [
  {
    name: 'causes/time-wait-pile-up',
    phenomenon:
      'an HTTP client without keep-alive: 500 connections a second to four servers, each for one request',
    see: 'the client closes every one first: 500 x 60 s make 30,000 TIME_WAITs, a quarter of them to each server',
    at: 'client',
    format: 'pcap+gzip',
    steps: [
      ...[9001, 9002, 9003, 9004].map((port) => server.serves(port, { answer: 400, closes: 'second' })),
      client.visits({
        ports: [9001, 9002, 9003, 9004],
        count: 1000,
        rate: 500,
        answer: 400,
        closes: 'answered',
      }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 1000 }],
    findings: [{ code: 'time-wait-pile-up', subject: '10.9.1.2' }],
  },
  {
    name: 'causes/server-holds-time-wait',
    phenomenon: 'a server that closes after each answer, 50 times a second',
    see: 'the TIME_WAITs are at the listening end',
    at: 'server',
    format: 'pcap+gzip',
    steps: [
      server.serves(9001, { answer: 400, closes: 'answered' }),
      client.visits({ count: 400, rate: 50, answer: 400, closes: 'second' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...SERVER_FIRST, count: 400 }],
    findings: [{ code: 'server-holds-time-wait', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/server-restart',
    phenomenon: 'the server ends with TIME_WAITs on its port and cannot bind it again without SO_REUSEADDR',
    see: 'first the server closes every connection, then every SYN is refused',
    at: 'server',
    steps: [
      server.serves(9001, { answer: 400, closes: 'answered' }),
      client.visits({ count: 20, rate: 10, answer: 400, closes: 'second' }),
      server.stopsServing(9001),
      server.cannotBind(9001),
      client.visits({ count: 12, rate: 6, answer: 400, closes: 'second' }),
    ],
    flows: [],
    crowd: [
      { ...SERVER_FIRST, count: 20 },
      { ...REFUSED, count: 12 },
    ],
    findings: [
      { code: 'server-holds-time-wait', subject: '10.9.2.2:9001' },
      { code: 'refused', subject: '10.9.2.2:9001' },
    ],
  },
  {
    name: 'causes/port-exhaustion',
    phenomenon: '20 connections a second from a host with 200 ephemeral ports',
    see: 'the client holds a TIME_WAIT on every port; after 10 s connect() fails with EADDRNOTAVAIL, and no packet tells',
    at: 'client',
    format: 'pcap+gzip',
    network: { sysctls: { client: { 'net.ipv4.ip_local_port_range': '40000 40199' } } },
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ ephemeral: true, count: 300, rate: 20, answer: 400, closes: 'answered' }),
      pause(3),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 200 }],
    findings: [{ code: 'port-exhaustion', subject: '10.9.1.2 -> 10.9.2.2:9001' }],
  },
  {
    name: 'causes/time-wait-buckets',
    phenomenon:
      "the client's kernel keeps 50 TIME_WAITs at most (tcp_max_tw_buckets 50) and closes 100 connections",
    see: "half of the server's FINs are answered by RST: the client's kernel had no room to wait for them",
    at: 'client',
    network: { sysctls: { client: { 'net.ipv4.tcp_max_tw_buckets': '50' } } },
    steps: [
      server.serves(9001, { answer: 400, closes: 'second', closesAfter: [0.05] }),
      client.visits({ count: 100, rate: 20, answer: 400, closes: 'answered' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: [40, 60] },
      {
        ...flow(
          'fin-reset',
          'client',
          ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED'],
          ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED'],
        ),
        count: [40, 60],
      },
    ],
    findings: [{ code: 'time-wait-refused', subject: '10.9.1.2' }],
  },
  {
    name: 'causes/time-wait-reuse',
    phenomenon:
      'a client connects from ten ports in turn, whose TIME_WAITs are under two seconds old (tcp_tw_reuse 1)',
    see: 'each new ISN is the old snd_nxt + 65537',
    at: 'client',
    network: { sysctls: { client: { 'net.ipv4.tcp_tw_reuse': '1' } } },
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ count: 30, cycle: 10, rate: 6, answer: 400, closes: 'answered' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST_AND_GONE, count: 20 },
      { ...CLIENT_FIRST, count: 10 },
    ],
    findings: [{ code: 'time-wait-reuse', subject: '10.9.1.2 -> 10.9.2.2:9001' }],
  },
  {
    name: 'causes/time-wait-refused',
    phenomenon:
      'behind NAT a second host gets the ports of the first, on which the server still holds TIME_WAITs',
    see: 'about half of the SYNs are answered by the old ACK, that by an RST; the SYN, sent again at once, is accepted',
    at: 'server',
    network: { nat: true, sysctls: { client: { 'net.ipv4.tcp_timestamps': '0' } } },
    steps: [
      server.serves(9001, { answer: 400, closes: 'answered' }),
      client.visits({ name: 'first', count: 20, rate: 20, answer: 400, closes: 'second' }),
      pause(1.5),
      client.visits({
        portsOf: 'first',
        fromSecond: true,
        count: 20,
        rate: 10,
        answer: 400,
        closes: 'second',
      }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...SERVER_FIRST_AND_GONE, count: 20 },
      { ...SERVER_FIRST, count: 20 },
    ],
    findings: [{ code: 'time-wait-refused', subject: '10.9.2.2:9001' }],
  },
];
