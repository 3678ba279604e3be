import { ENDPOINTS } from '../../flow/format/words.ts';
import { endName } from '../name.ts';
import { wordsOf, wrapWords } from '../wrap.ts';
import type { Ladder } from './ladder.ts';
import { ladderRows } from './rows.ts';
import { flowTime, verdictOf } from './verdict.ts';

/** Columns of a note's lines. */
const NOTE = 72;
const SIDE = { client: 'left of client', server: 'right of server' } as const;

/** A flow as a Mermaid sequence diagram, to be pasted into an issue: participants, arrows and notes only. */
export function ladderMermaid(ladder: Ladder): string {
  const { flow } = ladder;
  const steps = ladderRows(ladder).flatMap(({ at, frame, newFile, from, label, states, notes }) => {
    const when = at === null ? [] : [flowTime(at)];
    const which = frame === null ? [] : [`frame ${frame}`];
    const text = [[...when, ...which].join(' '), label.join(' '), ...notes]
      .filter((part) => part !== '')
      .join(', ');
    const to = from === 'client' ? 'server' : 'client';
    return [
      ...(newFile === null ? [] : [`Note over client,server: ${escaped(newFile)}`]),
      from === null ? `Note over client,server: ${escaped(text)}` : `${from}->>${to}: ${escaped(text)}`,
      ...ENDPOINTS.flatMap((end) =>
        states[end].length === 0 ? [] : [`Note ${SIDE[end]}: ${states[end].join(', ')}`],
      ),
    ];
  });
  const verdict = verdictOf(ladder)
    .flatMap((line) => wrapWords(wordsOf(line), NOTE))
    .map(escaped);
  const lines = [
    ...ENDPOINTS.map(
      (end) => `participant ${end} as ${end} ${escaped(endName(flow[`${end}_ip`], flow[`${end}_port`]))}`,
    ),
    ...steps,
    `Note over client,server: ${verdict.join('<br/>')}`,
  ];
  return ['sequenceDiagram', ...lines.map((line) => `    ${line}`)].map((line) => `${line}\n`).join('');
}

/**
 * Text that Mermaid takes for nothing else: signs that would end a line, begin a comment, an entity or
 * markup are written as entity codes, control characters left out, and "end", which could end a block, is bracketed.
 */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, ' ')
    .replace(/[#;<>&"%{}\\]/g, (sign) => `#${sign.codePointAt(0)};`)
    .replace(/\bend\b/gi, '($&)');
}
