import { EventEmitter } from 'node:events';
import { type PacketHeader, parse } from 'pcap-parser';
import { MAX_FRAME_LENGTH, newFrame, type OnFrame } from '../base/frame.ts';
import type { Parser } from './parser.ts';
import {
  CAPTURED_LENGTH,
  FILE_HEADER_LENGTH,
  type PcapHeader,
  RECORD_HEADER_LENGTH,
  tooLong,
} from './pcap-header.ts';
import type { ReadBuffer } from './read-buffer.ts';
import type { Tally } from './tally.ts';

/**
 * The reader of classic captures that arrive as a stream: pcap-parser, guarded. pcap-parser
 * knows one magic, buffers without end where a length is corrupt and does not report a cut record;
 * so it is shown a header it knows, and of the stream only whole records of a sound length.
 */
export class PcapStreamParser implements Parser {
  readonly format: string;
  readonly begun = true;
  need: number;
  awaited = 'a record header';
  readonly #header: PcapHeader;
  readonly #onFrame: OnFrame;
  readonly #tally: Tally;
  readonly #frame = newFrame();
  readonly #input = Object.assign(new EventEmitter(), { pause() {}, resume() {} });

  constructor(header: PcapHeader, onFrame: OnFrame, tally: Tally) {
    this.format = header.format;
    this.need = header.recordHeaderLength;
    this.#header = header;
    this.#onFrame = onFrame;
    this.#tally = tally;
    this.#frame.linkType = header.linkType;
    tally.linkTypes.add(header.linkType);
    parse(this.#input).on('packet', ({ header, data }) => this.#packet(header, data));
    this.#input.emit('data', microsecondHeader(header));
  }

  parse(buffer: ReadBuffer): void {
    const { littleEndian, recordHeaderLength } = this.#header;
    const { view, start, end } = buffer;
    let at = start;
    let damage: Error | undefined;
    this.need = recordHeaderLength;
    this.awaited = 'a record header';
    while (at + recordHeaderLength <= end) {
      const captured = view.getUint32(at + CAPTURED_LENGTH, littleEndian);
      if (captured > MAX_FRAME_LENGTH) {
        damage = buffer.damage(at, tooLong(captured));
        break;
      }
      const next = at + recordHeaderLength + captured;
      if (next > end) {
        this.need = next - at;
        this.awaited = 'a record';
        break;
      }
      if (recordHeaderLength > RECORD_HEADER_LENGTH) {
        this.#feed(buffer, at, at + RECORD_HEADER_LENGTH);
        this.#feed(buffer, at + recordHeaderLength, next);
      }
      at = next;
    }
    if (recordHeaderLength === RECORD_HEADER_LENGTH) this.#feed(buffer, start, at);
    buffer.start = at;
    if (damage !== undefined) throw damage;
  }

  /** pcap-parser appends a copy of what it gets to what it has, so the buffer may be used again. */
  #feed(buffer: ReadBuffer, start: number, end: number): void {
    if (end > start) this.#input.emit('data', Buffer.from(buffer.bytes.buffer, start, end - start));
  }

  #packet(header: PacketHeader, data: Buffer): void {
    const frame = this.#frame;
    if (frame.view.buffer !== data.buffer) {
      frame.bytes = new Uint8Array(data.buffer);
      frame.view = new DataView(data.buffer);
    }
    frame.start = data.byteOffset;
    frame.end = data.byteOffset + data.length;
    frame.wireLength = header.originalLength;
    // The field is named microseconds; it holds whatever unit the real magic stands for.
    const fraction = Math.floor(header.timestampMicroseconds / this.#header.unitsPerUs);
    frame.timeUs = header.timestampSeconds * 1e6 + fraction;
    frame.number = ++this.#tally.frames;
    this.#tally.time(frame.timeUs);
    this.#onFrame(frame);
  }
}

/** A file header of the one kind that pcap-parser knows, in the capture's byte order. */
function microsecondHeader({ littleEndian, linkType }: PcapHeader): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER_LENGTH);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(0, 0xa1b2c3d4, littleEndian);
  view.setUint16(4, 2, littleEndian);
  view.setUint16(6, 4, littleEndian);
  view.setUint32(16, MAX_FRAME_LENGTH, littleEndian);
  view.setUint32(20, linkType, littleEndian);
  return bytes;
}
