import { describe, expect, it } from 'vitest';
import { gapsOf } from '../../../src/report/ladder/gaps.ts';
import { ladderRows } from '../../../src/report/ladder/rows.ts';
import { databaseOfCaptures, databaseOfScript, laddersOf } from './ladders.ts';

const OPENED = `
  +0.000 c S 0
  +0.010 s S. 0 ack 1
  +0.010 c . 1 ack 1
`;

/** The notes of all rows that are no segments. */
function notesOf(script: string): string[] {
  const ladder = laddersOf(databaseOfScript(script))[0]!;
  return ladderRows(ladder).flatMap(({ from, notes }) => (from === null ? notes : []));
}

describe('the payload between two segments', () => {
  it('is what the next numbers of both ends say', () => {
    const script = `${OPENED}
      +0.1 c P. 1:301 ack 1
      +0.1 s P. 1:1001 ack 301
      +0.1 s P. 1001:2001 ack 301
      +0.1 c F. 301 ack 2001`;
    expect(notesOf(script)).toContain('⋮ client 300, server 2,000 bytes');
  });

  it('is nothing where a SYN or a FIN alone moves the numbers on', () => {
    const script = `${OPENED}
      +0.1 c F. 1 ack 1
      +0.1 s F. 1 ack 2
      +0.1 c . 2 ack 2`;
    expect(notesOf(script)).toEqual(['the capture ended']);
  });

  it('is not what a segment of the picture carries itself', () => {
    const script = `${OPENED}
      +0.1 c F. 1:101 ack 1
      +0.1 s F. 1 ack 102`;
    expect(notesOf(script)).toEqual(['the capture ended']);
  });

  it('is shown for a keep-alive, whose number is one of the payload', () => {
    const script = `${OPENED}
      +0.1 c P. 1:101 ack 1
      +0.1 s . 1 ack 101
      +60 c . 100 ack 1
      +0.1 s . 1 ack 101`;
    const notes = notesOf(script);
    expect(notes).toContain('⋮ client 100 bytes');
    expect(notes.filter((note) => note.startsWith('⋮'))).toHaveLength(1);
  });

  it('comes after the last segment too, with the time of the end', () => {
    const script = `${OPENED}
      +0.1 c P. 1:2 ack 1
      +0.1 s . 1 ack 2`;
    expect(notesOf(script)).toEqual(['⋮ client 1 byte', 'its last segment', 'the capture ended']);
  });

  it('is not taken from a SYN whose numbers are those of another connection', async () => {
    const [ladder] = laddersOf(await databaseOfCaptures(['captures/syn-on-established.pcap']));
    const rows = ladderRows(ladder!).slice(-3);
    expect(rows.map(({ label, notes }) => label[0] ?? notes[0])).toEqual([
      'SYN on an open flow',
      '⋮ client 120 bytes',
      'RST',
    ]);
  });

  it('is not guessed where numbers have gone round', () => {
    const ladder = laddersOf(databaseOfScript(OPENED))[0]!;
    const [, , ack] = ladder.segments;
    const flow = { ...ladder.flow, client_bytes: 2 ** 32 + 5 };
    const { before, after } = gapsOf(flow, [ack!, { ...ack!, seq: 1000 }]);
    expect([...before, after].map(({ client }) => client)).toEqual([0, 0, 0]);
  });
});
