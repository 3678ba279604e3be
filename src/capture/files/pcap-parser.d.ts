// Types for the parts of pcap-parser 0.2.1 that are used; the package ships none.
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events';

  export interface PacketHeader {
    timestampSeconds: number;
    timestampMicroseconds: number;
    capturedLength: number;
    originalLength: number;
  }

  /** What it asks of its input: events `data` (Buffer), `error`, `end`. */
  export interface Input extends EventEmitter {
    pause(): void;
    resume(): void;
  }

  export interface Parser extends EventEmitter {
    on(event: 'packet', listener: (packet: { header: PacketHeader; data: Buffer }) => void): this;
  }

  export function parse(input: Input): Parser;
}
