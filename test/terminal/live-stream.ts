import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { type End, PcapWriter } from '../../scripts/generate/pcap-writer.ts';
import { ACK, FIN, SYN } from '../../src/decode/segment.ts';

// pcap streams made as they are sent.

const CLIENT = 0x0a010000;
const SERVER = 0x0a020001;

const end = (host: number, port: number): End => ({
  host,
  port,
  next: 1,
  expected: 1,
  ttl: 64,
  ipId: 0,
  tsOffset: Number.NaN,
  tsEcho: 0,
});

/** Packets of one connection a call, as a client sees them that leaves the server in CLOSE_WAIT. */
export class Connections {
  /** Connections so far. */
  count = 0;
  readonly #writer: PcapWriter;
  #block = Buffer.alloc(0);

  constructor() {
    const keep = (block: Uint8Array) => {
      this.#block = Buffer.concat([this.#block, block]);
    };
    this.#writer = new PcapWriter(keep, { snapLength: 128, ipv6: false });
  }

  /** Packets so far. */
  get packets(): number {
    return this.#writer.packets;
  }

  /** A whole connection at a time (microseconds since the epoch). */
  closeWait(us: number): this {
    const [client, server] = this.#ends();
    const send = (from: End, to: End, flags: number, at: number) =>
      this.#writer.packet(us + at, from, to, flags, 0);
    client.next = 0;
    send(client, server, SYN, 0);
    client.next = 1;
    server.next = 0;
    send(server, client, SYN | ACK, 10);
    server.next = 1;
    send(client, server, ACK, 20);
    send(client, server, FIN | ACK, 30);
    server.expected = 2;
    send(server, client, ACK, 40);
    return this;
  }

  /** A SYN of a connection of its own, and nothing else. */
  syn(us: number): this {
    const [client, server] = this.#ends();
    this.#writer.packet(us, client, server, SYN, 0);
    return this;
  }

  /** What was made since the last call, the stream's header first. */
  take(): Buffer {
    this.#writer.flush();
    const block = this.#block;
    this.#block = Buffer.alloc(0);
    return block;
  }

  #ends(): [End, End] {
    const n = this.count++;
    return [end(CLIENT + Math.floor(n / 50_000), 1024 + (n % 50_000)), end(SERVER, 80)];
  }
}

/** Connections at the time they are sent, some hundred a second, until the returned function is called. */
export function trickle(to: Writable): () => void {
  const connections = new Connections();
  const send = () => {
    for (let i = 0; i < 5; i++) connections.closeWait(Date.now() * 1000);
    to.write(connections.take());
  };
  to.on('error', () => {});
  const timer = setInterval(send, 10);
  return () => clearInterval(timer);
}

/** SYNs at so many a second of capture time, as fast as they are taken. */
export async function flood(to: Writable, { count, rate }: { count: number; rate: number }): Promise<void> {
  const connections = new Connections();
  const startUs = Date.now() * 1000;
  while (connections.count < count) {
    for (let i = 0; i < 2000; i++) connections.syn(Math.floor(startUs + (connections.count * 1e6) / rate));
    if (!to.write(connections.take())) await once(to, 'drain');
  }
  to.end();
}
