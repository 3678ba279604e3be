import { MAX_FRAME_LENGTH, newFrame, type OnFrame } from '../base/frame.ts';
import type { Parser } from './parser.ts';
import { CAPTURED_LENGTH, FRACTION, type PcapHeader, SECONDS, tooLong, WIRE_LENGTH } from './pcap-header.ts';
import type { ReadBuffer } from './read-buffer.ts';
import type { Tally } from './tally.ts';

/**
 * The block reader of classic files: walks the records where they lie in the buffer. Files come
 * through here, compressed ones too; streams through pcap-stream.ts, which must report the same.
 */
export class PcapParser implements Parser {
  readonly format: string;
  readonly begun = true;
  need: number;
  awaited = 'a record header';
  readonly #header: PcapHeader;
  readonly #onFrame: OnFrame;
  readonly #tally: Tally;
  readonly #frame = newFrame();

  constructor(header: PcapHeader, onFrame: OnFrame, tally: Tally) {
    this.format = header.format;
    this.need = header.recordHeaderLength;
    this.#header = header;
    this.#onFrame = onFrame;
    this.#tally = tally;
    this.#frame.linkType = header.linkType;
    tally.linkTypes.add(header.linkType);
  }

  parse(buffer: ReadBuffer): void {
    const { littleEndian, unitsPerUs, recordHeaderLength } = this.#header;
    const { view, end } = buffer;
    const frame = this.#frame;
    const tally = this.#tally;
    const onFrame = this.#onFrame;
    frame.bytes = buffer.bytes;
    frame.view = view;

    let at = buffer.start;
    this.need = recordHeaderLength;
    this.awaited = 'a record header';
    while (at + recordHeaderLength <= end) {
      const captured = view.getUint32(at + CAPTURED_LENGTH, littleEndian);
      if (captured > MAX_FRAME_LENGTH) throw buffer.damage(at, tooLong(captured));
      const start = at + recordHeaderLength;
      const next = start + captured;
      if (next > end) {
        this.need = next - at;
        this.awaited = 'a record';
        break;
      }
      const fraction = view.getUint32(at + FRACTION, littleEndian);
      frame.timeUs = view.getUint32(at + SECONDS, littleEndian) * 1e6 + Math.floor(fraction / unitsPerUs);
      frame.wireLength = view.getUint32(at + WIRE_LENGTH, littleEndian);
      frame.start = start;
      frame.end = next;
      frame.number = ++tally.frames;
      tally.time(frame.timeUs);
      onFrame(frame);
      at = next;
    }
    buffer.start = at;
  }
}
