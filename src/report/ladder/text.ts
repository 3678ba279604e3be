import { basename } from 'node:path';
import { ENDPOINTS } from '../../flow/format/words.ts';
import { endName } from '../name.ts';
import { tableLines } from '../table.ts';
import { fileName, textWidth } from '../text.ts';
import { count, counted, duration, isoTime } from '../units.ts';
import { wordsOf, wrapWords } from '../wrap.ts';
import type { Ladder } from './ladder.ts';
import { type PictureOptions, pictureLines } from './picture.ts';
import { ladderRows } from './rows.ts';
import { verdictOf } from './verdict.ts';

/** How a ladder is laid out. */
export interface LadderTextOptions extends PictureOptions {
  utc: boolean;
  /** Nothing but ASCII, but for what the names of files hold. */
  ascii: boolean;
}

/** A flow for people: what it is, its segments as arrows between both ends with their states, and the verdict. */
export function ladderText(ladder: Ladder, options: LadderTextOptions): string {
  const { style, width, ascii } = options;
  const lines = [
    style.bold(`Flow ${ladder.flow.id}`),
    ...head(ladder, options),
    '',
    ...pictureLines(ladderRows(ladder), options),
    '',
    ...verdictOf(ladder).flatMap((line) => wrapWords(wordsOf(line), width, '  ')),
  ];
  const text = lines.map((line) => `${line}\n`).join('');
  return ascii ? asAscii(text) : text;
}

function head({ flow, paths }: Ladder, { width, utc }: LadderTextOptions): string[] {
  const ends = ENDPOINTS.map((end) => {
    const again = flow[`${end}_retransmissions`];
    const sent = [
      counted(flow[`${end}_segments`], 'segment'),
      counted(flow[`${end}_bytes`], 'byte'),
      ...(again > 0 ? [`${count(again)} retransmitted`] : []),
    ];
    return [end, endName(flow[`${end}_ip`], flow[`${end}_port`]), sent.join(', ')];
  });
  const when = [`${isoTime(flow.first_us, utc)},`, `${duration(flow.last_us - flow.first_us)},`];
  const path = fileName(paths.get(flow.capture_id) ?? 'an unknown file');
  // The last part of a long path is the most telling.
  const where = ['in', textWidth(path) > width - 2 ? basename(path) : path];
  return [
    ...tableLines(ends, { indent: '  ', width, right: [false, false, false] }),
    ...wrapWords([...when, ...where], width - 2, '').map((line) => `  ${line}`),
  ];
}

/** Each sign that a picture is made of, as one of ASCII. */
const ASCII: Readonly<Record<string, string>> = {
  '─': '-',
  '│': '|',
  '├': '|',
  '┤': '|',
  '►': '>',
  '◄': '<',
  '⋮': ':',
  '…': '~',
  µ: 'u',
};

function asAscii(text: string): string {
  return text.replace(/[─│├┤►◄⋮…µ]/g, (sign) => ASCII[sign] ?? sign);
}
