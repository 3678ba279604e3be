import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../../src/flow/format/words.ts';
import type { Ladder } from '../../../src/report/ladder/ladder.ts';
import { ladderMermaid } from '../../../src/report/ladder/mermaid.ts';
import { textWidth } from '../../../src/report/text.ts';
import { capturesUnder, EXAMPLES } from '../../examples.ts';
import { databaseOfCaptures, databaseOfScript, laddersOf, textOf } from './ladders.ts';

// Every picture shows all states and segments of its flow once, whatever the flow.

const ROOT = join(import.meta.dirname, '..', '..', '..');
const CAPTURE = /\.(pcap|pcapng)(\.gz)?$/;

/** What stands in the columns of a picture, top to bottom. */
interface Seen {
  client: string[];
  server: string[];
  /** The frame and direction of each arrow. */
  arrows: string[];
}

function read(picture: string): Seen {
  const seen: Seen = { client: [], server: [], arrows: [] };
  for (const line of picture.split('\n')) {
    const [, left = '', between = '', right = ''] = /^([^│├]*)[│├](.*)[│┤](.*)$/.exec(line) ?? [];
    const [, frame, state] = /^ *(?:-?\d+\.\d{6} +(\d+)?)? *([A-Z][A-Z_12]+)? $/.exec(left) ?? [];
    if (state !== undefined) seen.client.push(state);
    if (/^ [A-Z]/.test(right)) seen.server.push(right.trim());
    if (between.includes('►')) seen.arrows.push(`client ${frame}`);
    if (between.includes('◄')) seen.arrows.push(`server ${frame}`);
  }
  return seen;
}

function expected({ states, segments }: Ladder): Seen {
  const [client, server] = ENDPOINTS.map((end) =>
    states.filter(({ endpoint }) => endpoint === end).sort((a, b) => a.step - b.step),
  ).map((life) => life.map(({ state }) => state));
  return {
    client: client ?? [],
    server: server ?? [],
    arrows: segments.map(({ endpoint, frame, meaning }) => {
      const isBack = meaning === 'ICMP error';
      return `${ENDPOINTS.find((end) => (end === endpoint) !== isBack)} ${frame}`;
    }),
  };
}

function checkAll(ladders: readonly Ladder[]): void {
  for (const ladder of ladders) {
    expect(read(textOf(ladder))).toEqual(expected(ladder));
    const diagram = ladderMermaid(ladder);
    expect(diagram.split('\n').filter((line) => line.includes('->>'))).toHaveLength(ladder.segments.length);
  }
}

describe('every state and every segment is in the picture once', () => {
  it.each(readdirSync(join(ROOT, 'captures')).filter((file) => CAPTURE.test(file)))('%s', async (file) => {
    const ladders = laddersOf(await databaseOfCaptures([join(ROOT, 'captures', file)]));
    expect(ladders).not.toEqual([]);
    checkAll(ladders);
  });

  const examples = capturesUnder(EXAMPLES);
  it.skipIf(examples.length === 0)('the examples beside the repository', async () => {
    checkAll(laddersOf(await databaseOfCaptures(examples)));
  });
});

/** A line of a script, by chance: numbers near each other, so that closes come about. */
const line = fc
  .record({
    later: fc.integer({ min: -5_000, max: 70_000 }),
    who: fc.constantFrom('c', 's'),
    flags: fc.constantFrom('S', 'S.', '.', '.', 'P.', 'F.', 'F.', 'R', 'R.', ''),
    seq: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.integer({ min: 0, max: 2 ** 31 })),
    length: fc.constantFrom(0, 0, 0, 1, 1460),
    ack: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.integer({ min: 0, max: 2 ** 31 })),
  })
  .filter(({ flags }) => flags !== '')
  .map(({ later, who, flags, seq, length, ack }) => {
    const numbers = length === 0 ? seq : `${seq}:${seq + length}`;
    const delay = `${later < 0 ? '' : '+'}${(later / 1000).toFixed(3)}`;
    return `${delay} ${who} ${flags} ${numbers}${flags.includes('.') ? ` ack ${ack}` : ''}`;
  });
const error = fc
  .record({ who: fc.constantFrom('c', 's'), seq: fc.integer({ min: -2, max: 5 }), code: fc.nat({ max: 20 }) })
  .map(({ who, seq, code }) => `icmp +0.01 ${who} ${seq} 3/${code}`);
const lines = fc.oneof({ arbitrary: line, weight: 9 }, { arbitrary: error, weight: 1 });
const script = fc.array(lines, { minLength: 1, maxLength: 30 }).map((lines) => lines.join('\n'));

describe('any flow', () => {
  it('has a picture in which no line is wider than there are columns, with all in it at 80', () => {
    fc.assert(
      fc.property(script, fc.integer({ min: 20, max: 200 }), fc.boolean(), (text, width, ascii) => {
        const ladders = laddersOf(databaseOfScript(text));
        checkAll(ladders);
        for (const ladder of ladders) {
          const lines = textOf(ladder, { width, ascii }).split('\n');
          expect(lines.filter((each) => textWidth(each) > width)).toEqual([]);
        }
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('has each life in its order, also where the clock of the capture jumps back', () => {
    checkAll(
      laddersOf(
        databaseOfScript(`
          +0.000 s S. 4:5 ack 9000
          +5.000 c F. 13000:14000 ack 4
          +50.000 c R. 3:1463 ack 1950
          -0.700 s F. -2 ack 2
          -5.000 c S. 17000:18000 ack 3`),
      ),
    );
  });

  it('has a picture in ASCII that says the same', () => {
    fc.assert(
      fc.property(script, (text) => {
        for (const ladder of laddersOf(databaseOfScript(text))) {
          const ascii = textOf(ladder, { ascii: true });
          expect(ascii).toMatch(/^[\n -~]*$/);
          const letters = (picture: string) => picture.replace(/µ/g, 'u').match(/[\w.,]+/g);
          expect(letters(ascii)).toEqual(letters(textOf(ladder)));
        }
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });
});
