import { SYN } from '../../src/decode/segment.ts';
import { type Container, PCAP } from './container.ts';

/** One end of a connection, as its packets show it. */
export interface End {
  /** The last word of its address; the rest is the network's. */
  host: number;
  port: number;
  /** The next sequence number it sends. */
  next: number;
  /** The next sequence number it expects, which it acknowledges. */
  expected: number;
  ttl: number;
  ipId: number;
  /** Added to milliseconds, its timestamps clock; NaN where its stack sends no timestamps. */
  tsOffset: number;
  /** The last timestamp it was sent. */
  tsEcho: number;
}

const BLOCK_LENGTH = 1 << 20;
const ETHERNET_LENGTH = 14;
const TCP_LENGTH = 20;
const TCP_PROTOCOL = 6;
const WINDOW_OF_SYN = 64_240;
const WINDOW = 502;

/** SYN options as Linux sends them; its timestamp stands at 8. */
const SYN_OPTIONS = [0x020405b4, 0x0402080a, 0, 0, 0x01030307];
/** SYN options as Windows sends them, without timestamps. */
const SYN_OPTIONS_WITHOUT_TIMESTAMPS = [0x020405b4, 0x01030307, 0x01010402];
/** NOP, NOP, timestamps. */
const OPTIONS = [0x0101080a, 0, 0];

/** Room for the longest record without its payload, whatever the file is. */
const MARGIN = 192;

/**
 * Writes a capture file of Ethernet frames, in blocks. What lies beyond the snap length is counted, not
 * stored; payload is zeros, checksums are zero.
 */
export class PcapWriter {
  packets = 0;
  bytes = 0;
  readonly #write: (block: Uint8Array) => void;
  readonly #block = new DataView(new ArrayBuffer(BLOCK_LENGTH));
  readonly #snapLength: number;
  readonly #ipv6: boolean;
  readonly #container: Container;
  #at = 0;

  /** @param write takes a block that is overwritten once it returns */
  constructor(
    write: (block: Uint8Array) => void,
    options: { snapLength: number; ipv6: boolean; container?: Container },
  ) {
    this.#write = write;
    this.#snapLength = options.snapLength;
    this.#ipv6 = options.ipv6;
    this.#container = options.container ?? PCAP;
    this.#at = this.#container.begin(this.#block, options.snapLength);
  }

  /** One segment at a time in microseconds since the epoch. The ends' numbers are read, not moved on. */
  packet(timeUs: number, from: End, to: End, flags: number, payloadLength: number): void {
    const hasTimestamps = !Number.isNaN(from.tsOffset);
    const options = optionsOf((flags & SYN) !== 0, hasTimestamps);
    const ipLength = this.#ipv6 ? 40 : 20;
    const tcpLength = TCP_LENGTH + 4 * options.length;
    const wireLength = ETHERNET_LENGTH + ipLength + tcpLength + payloadLength;
    const captured = Math.min(wireLength, this.#snapLength);
    if (this.#at + captured + MARGIN > BLOCK_LENGTH) this.flush();

    const block = this.#block;
    const record = this.#at;
    const frame = this.#container.record(block, record, timeUs, captured, wireLength);
    new Uint8Array(block.buffer, frame, captured).fill(0);
    block.setUint32(frame, 0x02000000);
    block.setUint32(frame + 6, 0x02000000);
    block.setUint16(frame + 12, this.#ipv6 ? 0x86dd : 0x0800);
    const ip = frame + ETHERNET_LENGTH;
    if (this.#ipv6) this.#ipv6Header(ip, from, to, tcpLength + payloadLength);
    else this.#ipv4Header(ip, from, to, ipLength + tcpLength + payloadLength);
    const tcp = ip + ipLength;
    block.setUint16(tcp, from.port);
    block.setUint16(tcp + 2, to.port);
    block.setUint32(tcp + 4, from.next);
    block.setUint32(tcp + 8, from.expected);
    block.setUint8(tcp + 12, (tcpLength >> 2) << 4);
    block.setUint8(tcp + 13, flags);
    block.setUint16(tcp + 14, (flags & SYN) === 0 ? WINDOW : WINDOW_OF_SYN);
    for (let i = 0; i < options.length; i++) block.setUint32(tcp + TCP_LENGTH + 4 * i, options[i]!);
    if (hasTimestamps) {
      const timestamps = tcp + TCP_LENGTH + ((flags & SYN) === 0 ? 4 : 8);
      const now = (Math.floor(timeUs / 1000) + from.tsOffset) >>> 0;
      block.setUint32(timestamps, now);
      block.setUint32(timestamps + 4, from.tsEcho);
      to.tsEcho = now;
    }

    this.#at = this.#container.end(block, record, frame + captured);
    this.packets += 1;
    this.bytes += wireLength;
  }

  /** Writes out what is left. */
  flush(): void {
    this.#write(new Uint8Array(this.#block.buffer, 0, this.#at));
    this.#at = 0;
  }

  #ipv4Header(at: number, from: End, to: End, totalLength: number): void {
    const block = this.#block;
    block.setUint8(at, 0x45);
    block.setUint16(at + 2, totalLength);
    from.ipId = (from.ipId + 1) & 0xffff;
    block.setUint16(at + 4, from.ipId);
    block.setUint16(at + 6, 0x4000);
    block.setUint8(at + 8, from.ttl);
    block.setUint8(at + 9, TCP_PROTOCOL);
    block.setUint32(at + 12, from.host);
    block.setUint32(at + 16, to.host);
  }

  #ipv6Header(at: number, from: End, to: End, payloadLength: number): void {
    const block = this.#block;
    block.setUint8(at, 0x60);
    block.setUint16(at + 4, payloadLength);
    block.setUint8(at + 6, TCP_PROTOCOL);
    block.setUint8(at + 7, from.ttl);
    block.setUint32(at + 8, 0x20010db8);
    block.setUint32(at + 20, from.host);
    block.setUint32(at + 24, 0x20010db8);
    block.setUint32(at + 36, to.host);
  }
}

function optionsOf(isSyn: boolean, hasTimestamps: boolean): readonly number[] {
  if (isSyn) return hasTimestamps ? SYN_OPTIONS : SYN_OPTIONS_WITHOUT_TIMESTAMPS;
  return hasTimestamps ? OPTIONS : [];
}
