// A flow's life as a script: each `yield` is the pause in microseconds before the next packet, as a
// capture beside the client sees it. The client answers within microseconds, the server in a round trip.
import { ACK, FIN, PSH, RST, SYN } from '../../src/decode/segment.ts';
import type { End } from './pcap-writer.ts';
import type { Random } from './random.ts';

/** How flows end, and how many of a hundred end so. */
export const MIX = {
  /** FIN of the client, ACK, FIN of the server, ACK. */
  clientFin: 38,
  serverFin: 30,
  /** FIN, FIN with the ACK, ACK: one packet less. */
  threeSegments: 8,
  /** Two FINs cross: CLOSING on both ends. */
  crossingFins: 3,
  /** The server goes on sending after the client's FIN. */
  halfClose: 6,
  clientReset: 5,
  serverReset: 3,
  /** The client is gone for good: its RST answers data after its FIN. */
  dataAfterClose: 2,
  /** Still open when the capture ends, as far as it shows. */
  open: 2,
  refused: 1,
  /** Three SYNs and no answer. */
  unanswered: 2,
};
export type Ending = keyof typeof MIX;

export interface Flow {
  client: End;
  server: End;
  ending: Ending;
  /** Packets of a whole life with a four-packet close; other endings take a few less or more. */
  packets: number;
  /** Payload bytes of a full segment. */
  payload: number;
  /** Pause after the handshake, in which nothing is sent. */
  holdUs: number;
  roundTripUs: number;
}

export type Send = (from: End, to: End, flags: number, payload: number) => void;

const HANDSHAKE_PACKETS = 3;
const CLOSE_PACKETS = 4;
const SYN_TIMEOUT_US = 1_000_000;
/** A request, its ACK, then six times two segments of the reply and an ACK. */
const ROUND = 20;

/** The whole life. */
export function* life(flow: Flow, send: Send, random: Random): Generator<number, void> {
  const { client, server, ending } = flow;
  const say = (from: End, flags: number, payload = 0) => {
    const to = from === client ? server : client;
    send(from, to, flags, payload);
    from.next = (from.next + payload + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) >>> 0;
    to.expected = from.next;
  };
  const soon = () => random.between(20, 200);
  const later = () => flow.roundTripUs + random.between(20, 500);

  function* talk(packets: number): Generator<number, void> {
    let unacked = false;
    for (let n = 0; n < packets; n++) {
      const turn = n % ROUND;
      const isLast = n === packets - 1;
      if (turn === 0) {
        yield n === 0 ? soon() : random.between(1000, 100_000);
        say(client, PSH | ACK, Math.ceil(flow.payload / 3));
      } else if (turn === 1) {
        yield later();
        say(server, ACK);
      } else if (unacked && (isLast || turn % 3 === 1)) {
        yield soon();
        say(client, ACK);
        unacked = false;
      } else {
        yield unacked ? random.between(10, 50) : later();
        say(server, PSH | ACK, flow.payload);
        unacked = true;
      }
    }
  }

  say(client, SYN);
  if (ending === 'unanswered') {
    for (const timeout of [SYN_TIMEOUT_US, 2 * SYN_TIMEOUT_US]) {
      yield timeout;
      client.next -= 1;
      say(client, SYN);
    }
    return;
  }
  yield later();
  if (ending === 'refused') return say(server, RST | ACK);
  say(server, SYN | ACK);
  yield soon();
  say(client, ACK);
  if (flow.holdUs > 0) yield flow.holdUs;
  const words = Math.max(0, flow.packets - HANDSHAKE_PACKETS - CLOSE_PACKETS);

  switch (ending) {
    case 'clientFin':
      yield* talk(words);
      yield soon();
      say(client, FIN | ACK);
      yield later();
      say(server, ACK);
      yield soon();
      say(server, FIN | ACK);
      yield soon();
      return say(client, ACK);
    case 'serverFin':
      yield* talk(words);
      yield later();
      say(server, FIN | ACK);
      yield soon();
      say(client, ACK);
      yield soon();
      say(client, FIN | ACK);
      yield later();
      return say(server, ACK);
    case 'threeSegments':
      yield* talk(words);
      yield soon();
      say(client, FIN | ACK);
      yield later();
      say(server, FIN | ACK);
      yield soon();
      return say(client, ACK);
    case 'crossingFins': {
      yield* talk(words);
      yield soon();
      say(client, FIN | ACK);
      yield flow.roundTripUs / 2;
      const withFin = server.expected;
      server.expected = (withFin - 1) >>> 0;
      say(server, FIN | ACK);
      yield soon();
      say(client, ACK);
      yield flow.roundTripUs / 2;
      server.expected = withFin;
      return say(server, ACK);
    }
    case 'halfClose':
      yield* talk(words - 2);
      yield soon();
      say(client, FIN | ACK);
      yield later();
      say(server, ACK);
      yield later();
      say(server, PSH | ACK, flow.payload);
      yield soon();
      say(client, ACK);
      yield later();
      say(server, FIN | ACK);
      yield soon();
      return say(client, ACK);
    case 'clientReset':
      yield* talk(words);
      yield soon();
      return say(client, RST | ACK);
    case 'serverReset':
      yield* talk(words);
      yield later();
      return say(server, RST | ACK);
    case 'dataAfterClose':
      yield* talk(words);
      yield soon();
      say(client, FIN | ACK);
      yield later();
      say(server, ACK);
      yield later();
      say(server, PSH | ACK, flow.payload);
      yield soon();
      return say(client, RST);
    case 'open':
      return yield* talk(words);
  }
}
