import { describe, expect, it } from 'vitest';
import { ladderMermaid } from '../../../src/report/ladder/mermaid.ts';
import { captureOf } from '../../record/batches.ts';
import { databaseOfCaptures, databaseOfScript, laddersOf } from './ladders.ts';

// The part of Mermaid's sequence diagrams that is used: participants, messages and notes. Text ends
// with the line; ";" would end it early, "#" begin a comment unless it begins an entity code.
const TEXT = /(?:[^#;<>\n]|#\d+;|<br\/>)+/.source;
const GRAMMAR = [
  /sequenceDiagram/,
  new RegExp(`    participant (?:client|server) as ${TEXT}`),
  new RegExp(`    (?:client->>server|server->>client): ${TEXT}`),
  new RegExp(`    Note (?:left of client|right of server|over client,server): ${TEXT}`),
].map(({ source }) => new RegExp(`^${source}$`));

function checkGrammar(diagram: string): void {
  expect(diagram.endsWith('\n')).toBe(true);
  const lines = diagram.trimEnd().split('\n');
  expect(lines[0]).toBe('sequenceDiagram');
  expect(lines.filter((line) => !GRAMMAR.some((rule) => rule.test(line)))).toEqual([]);
  // Mermaid takes the word for the end of a block.
  expect(lines.filter((line) => /(?<!\()\bend\b(?!\))/i.test(line))).toEqual([]);
}

it('is a diagram with both ends, segments, states and the verdict', async () => {
  const [ladder] = laddersOf(await databaseOfCaptures(['captures/refused.pcap']));
  expect(ladderMermaid(ladder!)).toBe(`sequenceDiagram
    participant client as client 10.9.1.2:40001
    participant server as server 10.9.2.2:8081
    client->>server: 0.000000 frame 1, SYN seq 0
    Note left of client: SYN_SENT
    server->>client: 0.000036 frame 2, RST,ACK ack 1, RST refusing SYN
    Note left of client: CLOSED
    Note right of server: CLOSED
    Note over client,server: The SYN was answered by RST: the connection was refused.<br/>The server sent RST, most likely because nothing listens on the port#59; it<br/>is the only answer to the SYN.
`);
});

describe('keeps to the grammar', () => {
  it.each(['half-close-with-data', 'simultaneous-close', 'time-wait-expires', 'ipv6-graceful'])(
    '%s',
    async (name) => {
      for (const ladder of laddersOf(await databaseOfCaptures([`captures/${name}.pcap`]))) {
        checkGrammar(ladderMermaid(ladder));
      }
    },
  );

  it('whatever a file is called', () => {
    const script = `
      +0.00 c S 0
      +0.01 s S. 0 ack 1
      +0.01 c . 1 ack 1`;
    const path = 'the end; of #1\n<b>%%{init}%%\u202e.pcap';
    const captures = [captureOf({ lastFrame: 1 }), captureOf({ path, frameBase: 1 })];
    const diagram = ladderMermaid(laddersOf(databaseOfScript(script, {}, captures))[0]!);
    expect(diagram).toContain('the (end)#59; of #35;1 #60;b#62;');
    expect(diagram).toMatch(/ \.pcap$/m);
    checkGrammar(diagram);
  });
});
