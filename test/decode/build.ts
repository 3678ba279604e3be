// Builds frames byte by byte, inside out: ethernet(0x0800, ipv4({}, tcp({ flags: SYN }))).
// Lengths are filled in unless given; checksums stay zero.
import type { Frame } from '../../src/capture/base/frame.ts';
import { ACK } from '../../src/decode/segment.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Numbers are single bytes; arrays and blocks are taken as they are. */
export function join(...parts: (number | readonly number[] | Uint8Array)[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));
}

/** `hex('aa aa 03')`. */
export function hex(text: string): Bytes {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (byte) => Number.parseInt(byte, 16));
}

export function u16(value: number): Bytes {
  return join((value >>> 8) & 0xff, value & 0xff);
}

export function u32(value: number): Bytes {
  return join(u16(value >>> 16), u16(value));
}

export function zeros(length: number): Bytes {
  return new Uint8Array(length);
}

/** Text such as 10.0.0.1 or 2001:db8::1 as 4 or 16 bytes. */
export function address(text: string): Bytes {
  if (!text.includes(':')) return Uint8Array.from(text.split('.'), Number);
  const [head = '', tail] = text.split('::');
  const groups = (part: string) =>
    part.split(':').flatMap((g) => (g === '' ? [] : [...u16(Number.parseInt(g, 16))]));
  const front = groups(head);
  const back = groups(tail ?? '');
  return join(front, zeros(16 - front.length - back.length), back);
}

export function ethernet(type: number, payload: Uint8Array): Bytes {
  return join(hex('02 00 00 00 00 01 02 00 00 00 00 02'), u16(type), payload);
}

/** A VLAN tag, without the EtherType that announces it. */
export function vlan(id: number, type: number, payload: Uint8Array): Bytes {
  return join(u16(id), u16(type), payload);
}

export interface Ipv4 {
  src?: string;
  dst?: string;
  protocol?: number;
  ttl?: number;
  id?: number;
  /** Flags and fragment offset: 0x2000 is "more fragments". */
  fragment?: number;
  options?: Uint8Array;
  version?: number;
  headerWords?: number;
  totalLength?: number;
}

export function ipv4(fields: Ipv4, payload: Uint8Array): Bytes {
  const options = fields.options ?? zeros(0);
  const length = 20 + options.length;
  return join(
    ((fields.version ?? 4) << 4) | (fields.headerWords ?? length / 4),
    0,
    u16(fields.totalLength ?? length + payload.length),
    u16(fields.id ?? 0),
    u16(fields.fragment ?? 0),
    fields.ttl ?? 64,
    fields.protocol ?? 6,
    u16(0),
    address(fields.src ?? '10.0.0.1'),
    address(fields.dst ?? '10.0.0.2'),
    options,
    payload,
  );
}

export interface Ipv6 {
  src?: string;
  dst?: string;
  next?: number;
  hopLimit?: number;
  version?: number;
  payloadLength?: number;
}

export function ipv6(fields: Ipv6, payload: Uint8Array): Bytes {
  return join(
    (fields.version ?? 6) << 4,
    zeros(3),
    u16(fields.payloadLength ?? payload.length),
    fields.next ?? 6,
    fields.hopLimit ?? 64,
    address(fields.src ?? '2001:db8::1'),
    address(fields.dst ?? '2001:db8::2'),
    payload,
  );
}

export function udp(dstPort: number, payload: Uint8Array): Bytes {
  return join(u16(50_000), u16(dstPort), u16(8 + payload.length), u16(0), payload);
}

/** An ICMP or ICMPv6 message: type, code, the four bytes that mean something else in each, and what it quotes. */
export function icmp(type: number, code: number, quote: Uint8Array, rest: Uint8Array = zeros(4)): Bytes {
  return join(type, code, u16(0), rest, quote);
}

export interface Tcp {
  srcPort?: number;
  dstPort?: number;
  seq?: number;
  ack?: number;
  flags?: number;
  window?: number;
  /** A multiple of four bytes. */
  options?: Uint8Array;
  headerWords?: number;
}

export function tcp(fields: Tcp = {}, payload: Uint8Array = zeros(0)): Bytes {
  const options = fields.options ?? zeros(0);
  return join(
    u16(fields.srcPort ?? 40_000),
    u16(fields.dstPort ?? 80),
    u32(fields.seq ?? 1),
    u32(fields.ack ?? 1),
    (fields.headerWords ?? 5 + options.length / 4) << 4,
    fields.flags ?? ACK,
    u16(fields.window ?? 65_535),
    u32(0),
    options,
    payload,
  );
}

/** A frame as a reader hands it on. `around` bytes of 0xee before and behind do not belong to it. */
export function frameOf(
  bytes: Uint8Array,
  fields: Partial<Frame> & { around?: number; filler?: number } = {},
): Frame {
  const { around = 0, filler = 0xee, ...rest } = fields;
  const buffer = new Uint8Array(bytes.length + 2 * around).fill(filler);
  buffer.set(bytes, around);
  return {
    bytes: buffer,
    view: new DataView(buffer.buffer),
    start: around,
    end: around + bytes.length,
    wireLength: bytes.length,
    timeUs: 0,
    linkType: 1,
    number: 1,
    ...rest,
  };
}
