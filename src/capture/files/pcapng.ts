import { MAX_FRAME_LENGTH, newFrame, type OnFrame } from '../base/frame.ts';
import type { Parser } from './parser.ts';
import { tooLong } from './pcap-header.ts';
import { timeUs } from './pcapng-clock.ts';
import { INTERFACE_BLOCK_LENGTH, type Interface, readInterface } from './pcapng-interface.ts';
import type { ReadBuffer } from './read-buffer.ts';
import type { Tally } from './tally.ts';

// Block types, and the layout of the blocks that matter: draft-ietf-opsawg-pcapng.
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
/** No packets, but Wireshark numbers them as frames: journal entries, custom blocks, sysdig events. */
const NUMBERED = new Set([0x9, 0xbad, 0x40000bad, 0x204, 0x216, 0x221]);

/** Type, length and the length again at the end: what every block has. */
const BLOCK_LENGTH = 12;
const BODY = 8;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MAJOR_VERSION = 12;
/** Packet and Enhanced Packet Block differ in the first word only: the interface. */
const TIME_HIGH = 12;
const TIME_LOW = 16;
const CAPTURED_LENGTH = 20;
const WIRE_LENGTH = 24;
const PACKET_DATA = 28;
const SIMPLE_WIRE_LENGTH = 8;
const SIMPLE_DATA = 12;

const MIN_LENGTH = new Map([
  [SECTION_HEADER, 28],
  [INTERFACE_DESCRIPTION, INTERFACE_BLOCK_LENGTH],
  [PACKET, PACKET_DATA + 4],
  [SIMPLE_PACKET, SIMPLE_DATA + 4],
  [ENHANCED_PACKET, PACKET_DATA + 4],
]);

/** Wireshark's and libpcap's limit, too. */
const MAX_BLOCK_LENGTH = 16 * 1024 * 1024;
const MAX_INTERFACES = 65_536;

/** The reader of pcapng, for files and streams alike. */
export class PcapngParser implements Parser {
  readonly format = 'pcapng';
  begun = false;
  need = BLOCK_LENGTH;
  awaited = 'a block header';
  readonly #onFrame: OnFrame;
  readonly #tally: Tally;
  readonly #frame = newFrame();
  #littleEndian = false;
  #interfaces: Interface[] = [];

  constructor(onFrame: OnFrame, tally: Tally) {
    this.#onFrame = onFrame;
    this.#tally = tally;
  }

  parse(buffer: ReadBuffer): void {
    this.#frame.bytes = buffer.bytes;
    this.#frame.view = buffer.view;
    this.need = BLOCK_LENGTH;
    this.awaited = 'a block header';
    while (buffer.start + BLOCK_LENGTH <= buffer.end) {
      const at = buffer.start;
      const length = this.#blockLength(buffer, at);
      const end = at + length;
      if (end > buffer.end) {
        this.need = length;
        this.awaited = 'a block';
        return;
      }
      const trailer = buffer.view.getUint32(end - 4, this.#littleEndian);
      if (trailer !== length) {
        throw buffer.damage(at, `the block's two lengths differ, ${length} and ${trailer}`);
      }
      this.#block(buffer, at, end);
      buffer.start = end;
    }
  }

  /** The length of the block at `at`, of which 12 bytes are there. A new section sets the byte order. */
  #blockLength(buffer: ReadBuffer, at: number): number {
    const { view } = buffer;
    if (view.getUint32(at) === SECTION_HEADER) {
      const magic = view.getUint32(at + BODY);
      this.#littleEndian = magic !== BYTE_ORDER_MAGIC;
      if (this.#littleEndian && view.getUint32(at + BODY, true) !== BYTE_ORDER_MAGIC) {
        throw buffer.damage(at, `unknown byte-order magic 0x${magic.toString(16).padStart(8, '0')}`);
      }
    }
    const type = view.getUint32(at, this.#littleEndian);
    const length = view.getUint32(at + 4, this.#littleEndian);
    const least = MIN_LENGTH.get(type) ?? BLOCK_LENGTH;
    if (length < least) throw buffer.damage(at, `block length ${length} is below the minimum of ${least}`);
    if (length % 4 !== 0) throw buffer.damage(at, `block length ${length} is no multiple of 4`);
    if (length > MAX_BLOCK_LENGTH) {
      throw buffer.damage(at, `block length ${length} is above the maximum of ${MAX_BLOCK_LENGTH}`);
    }
    return length;
  }

  #block(buffer: ReadBuffer, at: number, end: number): void {
    const { view } = buffer;
    const littleEndian = this.#littleEndian;
    const type = view.getUint32(at, littleEndian);
    if (type === ENHANCED_PACKET) this.#packet(buffer, at, end, view.getUint32(at + BODY, littleEndian));
    else if (type === PACKET) this.#packet(buffer, at, end, view.getUint16(at + BODY, littleEndian));
    else if (type === SIMPLE_PACKET) this.#simplePacket(buffer, at, end);
    else if (type === INTERFACE_DESCRIPTION) this.#interface(buffer, at, end);
    else if (type === SECTION_HEADER) this.#section(buffer, at);
    else if (NUMBERED.has(type)) this.#tally.others++;
  }

  #section(buffer: ReadBuffer, at: number): void {
    const major = buffer.view.getUint16(at + MAJOR_VERSION, this.#littleEndian);
    if (major !== 1) throw buffer.damage(at, `pcapng version ${major} is unknown`);
    this.#interfaces = [];
    this.begun = true;
  }

  #interface(buffer: ReadBuffer, at: number, end: number): void {
    if (this.#interfaces.length === MAX_INTERFACES) {
      throw buffer.damage(at, `more than ${MAX_INTERFACES} interfaces in a section`);
    }
    const made = readInterface(buffer.view, at, end, this.#littleEndian);
    this.#interfaces.push(made);
    this.#tally.linkTypes.add(made.linkType);
  }

  #packet(buffer: ReadBuffer, at: number, end: number, id: number): void {
    const { view } = buffer;
    const littleEndian = this.#littleEndian;
    const { clock, linkType } = this.#interfaceOf(buffer, at, id);
    const captured = view.getUint32(at + CAPTURED_LENGTH, littleEndian);
    const start = at + PACKET_DATA;
    checkLength(buffer, at, captured, end - 4 - start);
    const frame = this.#frame;
    frame.timeUs = timeUs(
      clock,
      view.getUint32(at + TIME_HIGH, littleEndian),
      view.getUint32(at + TIME_LOW, littleEndian),
    );
    this.#tally.time(frame.timeUs);
    this.#handOn(linkType, start, captured, view.getUint32(at + WIRE_LENGTH, littleEndian));
  }

  /**
   * A Simple Packet Block has no time. Wireshark shows none; here the frame keeps the time of the
   * one before it (0 at first), so that no flow jumps to 1970, and it counts for no first or last time.
   */
  #simplePacket(buffer: ReadBuffer, at: number, end: number): void {
    const { snapLength, linkType } = this.#interfaceOf(buffer, at, 0);
    const wireLength = buffer.view.getUint32(at + SIMPLE_WIRE_LENGTH, this.#littleEndian);
    const captured = snapLength === 0 ? wireLength : Math.min(wireLength, snapLength);
    const start = at + SIMPLE_DATA;
    checkLength(buffer, at, captured, end - 4 - start);
    this.#handOn(linkType, start, captured, wireLength);
  }

  #interfaceOf(buffer: ReadBuffer, at: number, id: number): Interface {
    const found = this.#interfaces[id];
    if (found !== undefined) return found;
    throw buffer.damage(at, `a packet of interface ${id}, but the section has ${this.#interfaces.length}`);
  }

  #handOn(linkType: number, start: number, captured: number, wireLength: number): void {
    const frame = this.#frame;
    frame.linkType = linkType;
    frame.start = start;
    frame.end = start + captured;
    frame.wireLength = wireLength;
    this.#tally.frames++;
    frame.number = this.#tally.frames + this.#tally.others;
    this.#onFrame(frame);
  }
}

function checkLength(buffer: ReadBuffer, at: number, captured: number, room: number): void {
  if (captured > MAX_FRAME_LENGTH) throw buffer.damage(at, tooLong(captured));
  if (captured > room) {
    throw buffer.damage(at, `a packet claims ${captured} captured bytes, its block has room for ${room}`);
  }
}
