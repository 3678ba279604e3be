import { describe, expect, it } from 'vitest';
import { captureOf } from '../../record/batches.ts';
import { databaseOfCaptures, databaseOfScript, laddersOf, textOf } from './ladders.ts';

// Whole pictures, as they are printed where there is no terminal: what a ladder says is read best in one.

/** The picture of one flow of a recorded capture. */
async function pictureOf(file: string, flow = 1): Promise<string> {
  return textOf(laddersOf(await databaseOfCaptures([`captures/${file}`]))[flow - 1]!);
}

/** A picture as it stands in a test: without the first line break and the indentation. */
function drawn(picture: string): string {
  return picture.replace(/^\n/, '').replace(/^ {6}/gm, '').replace(/ +$/, '');
}

describe('recorded captures', () => {
  it('a close by both ends, the client first: the server has to close as well, the client keeps the TIME_WAIT', async () => {
    expect(await pictureOf('graceful-client-first.pcap')).toBe(
      drawn(`
      Flow 1
        client  10.9.1.2:40001  6 segments, 120 bytes
        server  10.9.2.2:8080   5 segments, 400 bytes
        2026-11-21T10:52:45.460Z, 213 ms, in captures/graceful-client-first.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│ SYN_RECEIVED
      0.000051      2   ESTABLISHED │◄─ SYN,ACK seq 0 ack 1 ────────────┤
      0.000062      3               ├─ ACK of SYN seq 1 ack 1 ─────────►│ ESTABLISHED
                                    │  ⋮ client 120, server 400 bytes   │
      0.106465      8    FIN_WAIT_1 ├─ FIN,ACK seq 121 ack 401 ────────►│ CLOSE_WAIT
      0.147667      9    FIN_WAIT_2 │◄─ ACK of FIN seq 401 ack 122 ─────┤
      0.212649     10     TIME_WAIT │◄─ FIN,ACK seq 401 ack 122 ────────┤ LAST_ACK
      0.212688     11               ├─ ACK of FIN seq 122 ack 402 ─────►│ CLOSED
      0.212688                      │  the capture ended                │

      The client closed first, with FIN at 0.106465. Both FINs were acknowledged.
      The client was in FIN_WAIT_1 for 41.2 ms, FIN_WAIT_2 for 65.0 ms.
      TIME_WAIT of the client: at least 39 µs, until the capture ended. Expected: 60 s
        (Linux, the default).
      The server was in CLOSE_WAIT for 106 ms, LAST_ACK for 39 µs.
`),
    );
  });

  it('a half-close: the server goes on sending to a client in FIN_WAIT_2', async () => {
    expect(await pictureOf('half-close-with-data.pcap')).toBe(
      drawn(`
      Flow 1
        client  10.9.1.2:40001  9 segments, 120 bytes
        server  10.9.2.2:8080   8 segments, 3,400 bytes
        2026-11-21T10:52:50.686Z, 520 ms, in captures/half-close-with-data.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│ SYN_RECEIVED
      0.000048      2   ESTABLISHED │◄─ SYN,ACK seq 0 ack 1 ────────────┤
      0.000059      3               ├─ ACK of SYN seq 1 ack 1 ─────────►│ ESTABLISHED
                                    │  ⋮ client 120, server 400 bytes   │
      0.108157      8    FIN_WAIT_1 ├─ FIN,ACK seq 121 ack 401 ────────►│ CLOSE_WAIT
      0.149893      9    FIN_WAIT_2 │◄─ ACK of FIN seq 401 ack 122 ─────┤
      0.210552     10               │◄─ PSH,ACK seq 401 ack 122 ────────┤
                                    │  len 1000                         │
                                    │  data after FIN                   │
                                    │  ⋮ server 2,000 bytes             │
      0.519783     16     TIME_WAIT │◄─ FIN,ACK seq 3401 ack 122 ───────┤ LAST_ACK
      0.519801     17               ├─ ACK of FIN seq 122 ack 3402 ────►│ CLOSED
      0.519801                      │  the capture ended                │

      The client closed first, with FIN at 0.108157. Both FINs were acknowledged.
      The client was in FIN_WAIT_1 for 41.7 ms, FIN_WAIT_2 for 370 ms.
      TIME_WAIT of the client: at least 18 µs, until the capture ended. Expected: 60 s
        (Linux, the default).
      The server was in CLOSE_WAIT for 412 ms, LAST_ACK for 18 µs.
`),
    );
  });

  it('a simultaneous close: both ends go through CLOSING to TIME_WAIT', async () => {
    expect(await pictureOf('simultaneous-close.pcap')).toBe(
      drawn(`
      Flow 1
        client  10.9.1.2:40001  6 segments, 120 bytes
        server  10.9.2.2:8080   5 segments, 400 bytes
        2026-11-21T10:52:49.230Z, 221 ms, in captures/simultaneous-close.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│ SYN_RECEIVED
      0.000055      2   ESTABLISHED │◄─ SYN,ACK seq 0 ack 1 ────────────┤
      0.000066      3               ├─ ACK of SYN seq 1 ack 1 ─────────►│ ESTABLISHED
                                    │  ⋮ client 120, server 400 bytes   │
      0.128117      8    FIN_WAIT_1 ├─ FIN,ACK seq 121 ack 401 ────────►│
      0.168573      9       CLOSING │◄─ FIN,ACK seq 401 ack 121 ────────┤ FIN_WAIT_1
                                    │                                   │ CLOSING
      0.168605     10               ├─ ACK of FIN seq 122 ack 402 ─────►│ TIME_WAIT
      0.221401     11     TIME_WAIT │◄─ ACK of FIN seq 402 ack 122 ─────┤
      0.221401                      │  the capture ended                │

      Both ends closed at once: their FINs crossed, the first at 0.128117. Both FINs
        were acknowledged.
      The client was in FIN_WAIT_1 for 40.5 ms, CLOSING for 52.8 ms.
      TIME_WAIT of the client: at least 0 s, until the capture ended. Expected: 60 s
        (Linux, the default).
      The server was in CLOSING for 32 µs.
      TIME_WAIT of the server: at least 52.8 ms, until the capture ended. Expected:
        60 s (Linux, the default).
`),
    );
  });

  it('an abort: no FIN, nobody waits', async () => {
    expect(await pictureOf('rst-by-unread-data.pcap')).toBe(
      drawn(`
      Flow 1
        client  10.9.1.2:40001  3 segments, 500 bytes
        server  10.9.2.2:8080   3 segments, 0 bytes
        2026-11-21T10:52:55.570Z, 204 ms, in captures/rst-by-unread-data.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│ SYN_RECEIVED
      0.000029      2   ESTABLISHED │◄─ SYN,ACK seq 0 ack 1 ────────────┤
      0.000045      3               ├─ ACK of SYN seq 1 ack 1 ─────────►│ ESTABLISHED
                                    │  ⋮ client 500 bytes               │
      0.203551      6        CLOSED │◄─ RST,ACK seq 1 ack 501 ──────────┤ CLOSED

      The server closed first, with RST at 0.203551. RST ended the connection; no FIN
        was captured.
      The server sent RST, most likely an abort: close() with unread data, or with
        SO_LINGER 0; the peer had sent data, and some may have been unread.
`),
    );
  });

  it('a FIN answered by RST out of CLOSE_WAIT', async () => {
    expect(await pictureOf('fin-answered-by-rst.pcap')).toBe(
      drawn(`
      Flow 1
        client  10.9.1.2:40001  5 segments, 120 bytes
        server  10.9.2.2:8080   5 segments, 400 bytes
        2026-11-21T10:52:56.742Z, 210 ms, in captures/fin-answered-by-rst.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│ SYN_RECEIVED
      0.000053      2   ESTABLISHED │◄─ SYN,ACK seq 0 ack 1 ────────────┤
      0.000064      3               ├─ ACK of SYN seq 1 ack 1 ─────────►│ ESTABLISHED
                                    │  ⋮ client 120, server 400 bytes   │
      0.105286      8    FIN_WAIT_1 ├─ FIN,ACK seq 121 ack 401 ────────►│ CLOSE_WAIT
      0.145947      9    FIN_WAIT_2 │◄─ ACK of FIN seq 401 ack 122 ─────┤
      0.210026     10        CLOSED │◄─ RST,ACK seq 401 ack 122 ────────┤ CLOSED

      The client closed first, with FIN at 0.105286. RST ended the connection before
        the close was complete.
      The server sent RST, most likely an abort: close() with unread data, or with
        SO_LINGER 0; the peer had sent data, and some may have been unread.
      The client was in FIN_WAIT_1 for 40.7 ms, FIN_WAIT_2 for 64.1 ms.
      The server was in CLOSE_WAIT for 105 ms.
`),
    );
  });

  it('a TIME_WAIT that a new connection of the same ends took the place of', async () => {
    expect(await pictureOf('reused-port-in-time-wait.pcap')).toBe(
      drawn(`
      Flow 1
        client  10.9.1.2:40001  5 segments, 120 bytes
        server  10.9.2.2:8080   5 segments, 400 bytes
        2026-11-21T10:53:10.919Z, 105 ms, in captures/reused-port-in-time-wait.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│ SYN_RECEIVED
      0.000028      2   ESTABLISHED │◄─ SYN,ACK seq 0 ack 1 ────────────┤
      0.000043      3               ├─ ACK of SYN seq 1 ack 1 ─────────►│ ESTABLISHED
                                    │  ⋮ client 120, server 400 bytes   │
      0.104481      8    CLOSE_WAIT │◄─ FIN,ACK seq 401 ack 121 ────────┤ FIN_WAIT_1
      0.105476      9      LAST_ACK ├─ FIN,ACK seq 121 ack 402 ────────►│ FIN_WAIT_2
                                    │  FIN, ACK of FIN                  │ TIME_WAIT
      0.105491     10        CLOSED │◄─ ACK of FIN seq 402 ack 122 ─────┤
      1.606665                      │  server (reopened): a new         │ CLOSED
                                    │  connection took its place        │

      The server closed first, with FIN at 0.104481. Both FINs were acknowledged.
      The client was in CLOSE_WAIT for 995 µs, LAST_ACK for 15 µs.
      The server was in FIN_WAIT_1 for 995 µs.
      TIME_WAIT of the server: 1.50 s, until a new connection took its place; the new
        ISN is the old one's next number + 65537, so Linux has recycled it. Expected:
        60 s (Linux, the default).
`),
    );
  });

  it('a FIN sent again, because its ACK was lost', async () => {
    expect(await pictureOf('last-ack-lost-client.pcap')).toBe(
      drawn(`
      Flow 1
        client  10.9.1.2:40001  7 segments, 120 bytes
        server  10.9.2.2:8080   6 segments, 400 bytes, 1 retransmitted
        2026-11-21T10:53:19.667Z, 461 ms, in captures/last-ack-lost-client.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│ SYN_RECEIVED
      0.000045      2   ESTABLISHED │◄─ SYN,ACK seq 0 ack 1 ────────────┤
      0.000056      3               ├─ ACK of SYN seq 1 ack 1 ─────────►│ ESTABLISHED
                                    │  ⋮ client 120, server 400 bytes   │
      0.117841      8    FIN_WAIT_1 ├─ FIN,ACK seq 121 ack 401 ────────►│ CLOSE_WAIT
      0.161049      9    FIN_WAIT_2 │◄─ ACK of FIN seq 401 ack 122 ─────┤
      0.250403     10     TIME_WAIT │◄─ FIN,ACK seq 401 ack 122 ────────┤ LAST_ACK
      0.250419     11               ├─ ACK of FIN seq 122 ack 402 ─────►│
      0.461011     12               │◄─ FIN,ACK seq 401 ack 122 ────────┤
                                    │  retransmitted FIN                │
      0.461028     13               ├─ ACK of FIN seq 122 ack 402 ─────►│ CLOSED
      0.461028                      │  the capture ended                │

      The client closed first, with FIN at 0.117841. Both FINs were acknowledged.
      The client was in FIN_WAIT_1 for 43.2 ms, FIN_WAIT_2 for 89.4 ms.
      TIME_WAIT of the client: at least 211 ms, until the capture ended. Expected:
        60.21 s (Linux, the default); a late segment re-armed it once.
      The server was in CLOSE_WAIT for 133 ms, LAST_ACK for 211 ms.
      The server sent its FIN twice.
`),
    );
  });

  it('a refused connection', async () => {
    expect(await pictureOf('refused.pcap')).toBe(
      drawn(`
      Flow 1
        client  10.9.1.2:40001  1 segment, 0 bytes
        server  10.9.2.2:8081   1 segment, 0 bytes
        2026-11-21T10:53:05.509Z, 36 µs, in captures/refused.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│
      0.000036      2        CLOSED │◄─ RST,ACK ack 1 ──────────────────┤ CLOSED
                                    │  RST refusing SYN                 │

      The SYN was answered by RST: the connection was refused.
      The server sent RST, most likely because nothing listens on the port; it is the
        only answer to the SYN.
`),
    );
  });

  it('a CLOSE_WAIT that stands when the capture ends', async () => {
    expect(await pictureOf('close-wait-leak.pcap')).toBe(
      drawn(`
      Flow 1
        client  10.9.1.2:40001  5 segments, 120 bytes
        server  10.9.2.2:8080   4 segments, 400 bytes
        2026-11-21T10:52:52.251Z, 149 ms, in captures/close-wait-leak.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│ SYN_RECEIVED
      0.000027      2   ESTABLISHED │◄─ SYN,ACK seq 0 ack 1 ────────────┤
      0.000042      3               ├─ ACK of SYN seq 1 ack 1 ─────────►│ ESTABLISHED
                                    │  ⋮ client 120, server 400 bytes   │
      0.105383      8    FIN_WAIT_1 ├─ FIN,ACK seq 121 ack 401 ────────►│ CLOSE_WAIT
      0.149028     16    FIN_WAIT_2 │◄─ ACK of FIN seq 401 ack 122 ─────┤
      0.361030                      │  the capture ended                │

      The client closed first, with FIN at 0.105383. Neither FIN nor RST of the other
        end was captured.
      The client was in FIN_WAIT_1 for 43.6 ms, FIN_WAIT_2 for at least 212 ms, until
        the capture ended.
      The server was in CLOSE_WAIT for at least 256 ms, until the capture ended.
`),
    );
  });

  it('a TIME_WAIT whose time passes in the capture', async () => {
    expect(await pictureOf('time-wait-expires.pcap')).toBe(
      drawn(`
      Flow 1
        client  10.9.1.2:40001  6 segments, 120 bytes
        server  10.9.2.2:8080   5 segments, 400 bytes
        2026-11-21T10:53:44.311Z, 209 ms, in captures/time-wait-expires.pcap

           time  frame        client │                                  │ server
       0.000000      1      SYN_SENT ├─ SYN seq 0 ─────────────────────►│ SYN_RECEIVED
       0.000038      2   ESTABLISHED │◄─ SYN,ACK seq 0 ack 1 ───────────┤
       0.000050      3               ├─ ACK of SYN seq 1 ack 1 ────────►│ ESTABLISHED
                                     │  ⋮ client 120, server 400 bytes  │
       0.108116      8    FIN_WAIT_1 ├─ FIN,ACK seq 121 ack 401 ───────►│ CLOSE_WAIT
       0.148953      9    FIN_WAIT_2 │◄─ ACK of FIN seq 401 ack 122 ────┤
       0.209433     10     TIME_WAIT │◄─ FIN,ACK seq 401 ack 122 ───────┤ LAST_ACK
       0.209450     11               ├─ ACK of FIN seq 122 ack 402 ────►│ CLOSED
      60.209433               CLOSED │  client (timer): the expected    │
                                     │  length passed                   │

      The client closed first, with FIN at 0.108116. Both FINs were acknowledged.
      The client was in FIN_WAIT_1 for 40.8 ms, FIN_WAIT_2 for 60.5 ms.
      TIME_WAIT of the client: its expected length passed inside the capture; no
        packet shows it. Expected: 60 s (Linux, the default).
      The server was in CLOSE_WAIT for 101 ms, LAST_ACK for 17 µs.
`),
    );
  });
});

describe('scripts', () => {
  it('a connection that was open before the capture began', () => {
    const db = databaseOfScript(`
      +0.000 c P. 1000:1100 ack 1
      +0.010 s . 1 ack 1100
      +5.000 s F. 1 ack 1100
      +0.010 c F. 1100 ack 2
      +0.010 s . 2 ack 1101
    `);
    expect(textOf(laddersOf(db)[0]!)).toBe(
      drawn(`
      Flow 1
        client  10.0.0.1:40000  2 segments, 100 bytes
        server  10.0.0.2:80     3 segments, 0 bytes
        2024-05-01T12:00:00.000Z, 5.03 s, in script.pcap

          time  frame        client │                                   │ server
      0.000000      1   ESTABLISHED ├─ PSH,ACK seq 1 ack 1 len 100 ────►│
                                    │  client (mid-stream): open before │
                                    │  the capture began                │
      0.010000      2               │◄─ ACK seq 1 ack 101 ──────────────┤ ESTABLISHED
                                    │  server (mid-stream): open before │
                                    │  the capture began                │
      5.010000      3    CLOSE_WAIT │◄─ FIN,ACK seq 1 ack 101 ──────────┤ FIN_WAIT_1
      5.020000      4      LAST_ACK ├─ FIN,ACK seq 101 ack 2 ──────────►│ FIN_WAIT_2
                                    │  FIN, ACK of FIN                  │ TIME_WAIT
      5.030000      5        CLOSED │◄─ ACK of FIN seq 2 ack 102 ───────┤
      5.030000                      │  the capture ended                │

      The server closed first, with FIN at 5.010000. Both FINs were acknowledged.
      The client was in CLOSE_WAIT for 10.0 ms, LAST_ACK for 10.0 ms.
      The server was in FIN_WAIT_1 for 10.0 ms.
      TIME_WAIT of the server: at least 10.0 ms, until the capture ended. Expected:
        60 s (Linux, the default).
      No SYN was captured: that the lower port is the server is a guess.
`),
    );
  });

  it('a connection that goes on in the next file', () => {
    const db = databaseOfScript(
      `
      +0.000 c S 0
      +0.010 s S. 0 ack 1
      +0.010 c . 1 ack 1
      +1.000 c F. 1 ack 1
      +0.010 s . 1 ack 2
    `,
      {},
      [captureOf({ path: 'monday.pcap', lastFrame: 3 }), captureOf({ path: 'tuesday.pcap', frameBase: 3 })],
    );
    expect(textOf(laddersOf(db)[0]!)).toBe(
      drawn(`
      Flow 1
        client  10.0.0.1:40000  3 segments, 0 bytes
        server  10.0.0.2:80     2 segments, 0 bytes
        2024-05-01T12:00:00.000Z, 1.03 s, in monday.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│ SYN_RECEIVED
      0.010000      2   ESTABLISHED │◄─ SYN,ACK seq 0 ack 1 ────────────┤
      0.020000      3               ├─ ACK of SYN seq 1 ack 1 ─────────►│ ESTABLISHED
      ── tuesday.pcap ──
      1.020000      1    FIN_WAIT_1 ├─ FIN,ACK seq 1 ack 1 ────────────►│ CLOSE_WAIT
      1.030000      2    FIN_WAIT_2 │◄─ ACK of FIN seq 1 ack 2 ─────────┤
      1.030000                      │  the capture ended                │

      The client closed first, with FIN at 1.020000. Neither FIN nor RST of the other
        end was captured.
      The client was in FIN_WAIT_1 for 10.0 ms, FIN_WAIT_2 for at least 0 s, until the
        capture ended.
      The server was in CLOSE_WAIT for at least 10.0 ms, until the capture ended.
`),
    );
  });
});

describe('an ICMP error', () => {
  const picture = (script: string, options: Parameters<typeof databaseOfScript>[1] = {}) =>
    textOf(laddersOf(databaseOfScript(script, options))[0]!);

  it('goes to the end whose segment it quotes, and says who sent it', () => {
    expect(picture('+0 c S 0\nicmp +0.001 c 0 3/13 from 7\n+1 c S 0')).toBe(
      drawn(`
      Flow 1
        client  10.0.0.1:40000  2 segments, 0 bytes, 1 retransmitted
        server  10.0.0.2:80     0 segments, 0 bytes
        2024-05-01T12:00:00.000Z, 1.00 s, in script.pcap

          time  frame        client │                                   │ server
      0.000000      1      SYN_SENT ├─ SYN seq 0 ──────────────────────►│
      0.001000      2               │◄─ ICMP 3/13 from 10.9.1.7 ────────┤
                                    │  about seq 0: communication       │
                                    │  administratively prohibited      │
      1.001000      3               ├─ SYN seq 0 ──────────────────────►│
                                    │  retransmitted SYN                │
      1.001000                      │  the capture ended                │

      No segment that answers the SYN was captured.
      10.9.1.7 sent ICMP 3/13 (communication administratively prohibited) about a
        segment of the client.
      `),
    );
  });

  it('of IPv6 is called so', () => {
    const address = (last: number) => [0x20010db8, 0, 0, last] as const;
    const ends = { client: { address: address(1), port: 40_000 }, server: { address: address(2), port: 80 } };
    expect(picture('+0 c S 0\nicmp +0.001 c 0 1/1', ends)).toContain(
      '10.9.1.1 sent ICMPv6 1/1 (communication with destination administratively\n',
    );
  });

  it('accounts for no bytes', () => {
    const script = `
      +0    c S  0
      +0.01 s S. 0 ack 1
      +0.01 c .  1 ack 1
      +1    c P. 1:101 ack 1
      icmp +0.01 c 1 3/1
      +1    c F. 101 ack 1`;
    expect(picture(script)).toContain('ICMP 3/1 from 10.9.1.1');
    expect(picture(script)).toMatch(/ICMP 3\/1[^⋮]*⋮ client 100 bytes/);
  });
});

it('at 60 columns states are whole', async () => {
  const [ladder] = laddersOf(await databaseOfCaptures(['captures/graceful-client-first.pcap']));
  const lines = textOf(ladder!, { width: 60 }).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  const picture = lines.filter((line) => /[│├┤]/.test(line)).join('\n');
  expect(picture).toMatch(/SYN_RECEIVED$/m);
  expect(picture).not.toContain('…');
});
