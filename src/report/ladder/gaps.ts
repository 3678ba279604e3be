import type { Endpoint } from '../../flow/format/words.ts';
import type { LadderFlow, LadderSegment } from './ladder.ts';

// The segments of a ladder are those that matter. What payload lay between two of them, their
// sequence and acknowledgment numbers tell.

/** Payload bytes of each end. */
export type Gap = Readonly<Record<Endpoint, number>>;

/** Their numbers may be anywhere: they prove nothing about what was sent before. */
const ASTRAY: readonly LadderSegment['meaning'][] = [
  'RST out of window',
  'spurious RST',
  'SYN on an open flow',
  'challenge ACK',
  'data out of window',
  'ICMP error',
];

/** How far one end's bytes are accounted for. */
class Sent {
  private next: number | undefined;
  private rest: number;

  constructor(bytes: number) {
    // Relative numbers wrap at 4 GiB: beyond it they do not tell how much lies between.
    this.rest = bytes < 2 ** 32 ? bytes : 0;
  }

  /** The bytes up to a number that were not accounted for. */
  upTo(seq: number): number {
    const bytes = Math.min(this.rest, Math.max(0, seq - (this.next ?? seq)));
    this.pass(seq);
    this.rest -= bytes;
    return bytes;
  }

  /** A SYN takes a number, and is no payload. */
  pass(seq: number): void {
    this.next = Math.max(this.next ?? seq, seq);
  }

  get left(): number {
    return this.rest;
  }
}

/** The payload before each segment that neither it nor those before carried, and what came after the last. */
export function gapsOf(flow: LadderFlow, segments: readonly LadderSegment[]): { before: Gap[]; after: Gap } {
  const sent = { client: new Sent(flow.client_bytes), server: new Sent(flow.server_bytes) };
  const before = segments.map(({ endpoint, flags, seq, ack, len, meaning }): Gap => {
    const gap = { client: 0, server: 0 };
    if (ASTRAY.includes(meaning)) return gap;
    const peer = endpoint === 'client' ? 'server' : 'client';
    // A keep-alive's number is the last one that was sent, its payload nothing new.
    if (seq !== null && (meaning === 'keep-alive' || meaning === 'unanswered keep-alive')) {
      gap[endpoint] = sent[endpoint].upTo(seq + 1);
    } else if (seq !== null) {
      gap[endpoint] = sent[endpoint].upTo(seq);
      const payload = flags.includes('SYN') ? seq + 1 : seq;
      sent[endpoint].pass(payload);
      sent[endpoint].upTo(payload + len);
    }
    if (ack !== null) gap[peer] = sent[peer].upTo(ack);
    return gap;
  });
  return { before, after: { client: sent.client.left, server: sent.server.left } };
}
