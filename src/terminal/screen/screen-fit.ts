import { besideLines, type Line, widest } from './screen-line.ts';

// What is left out if there is no room for all: every line has a rank, and those that matter most stay.

/** A line and how little it matters: 0 stays longest. */
export interface Ranked {
  rank: number;
  line: Line;
}

/** Lines that stand together. */
export interface Block {
  /** The ranks of its lines, ascending: what the first, the second, ... line drawn is worth. */
  readonly ranks: readonly number[];
  /** Its best `count` lines, in their place. */
  draw: (count: number) => Line[];
}

/** Lines one below the other. */
export function blockOf(lines: readonly Ranked[]): Block {
  const best = [...lines.keys()].sort((a, b) => lines[a]!.rank - lines[b]!.rank || a - b);
  return {
    ranks: best.map((i) => lines[i]!.rank),
    draw: (count) =>
      best
        .slice(0, count)
        .sort((a, b) => a - b)
        .map((i) => lines[i]!.line),
  };
}

/** Two blocks beside each other: a line of both is worth what the better one is. */
export function beside(left: Block, right: Block, gap: number): Block {
  const width = widest(left.draw(left.ranks.length));
  const longer = left.ranks.length > right.ranks.length ? left : right;
  return {
    ranks: longer.ranks.map((_, i) => Math.min(left.ranks[i] ?? Infinity, right.ranks[i] ?? Infinity)),
    draw: (count) => besideLines(left.draw(count), right.draw(count), width, gap),
  };
}

/** The blocks in at most `rows` lines. */
export function fitBlocks(blocks: readonly Block[], rows: number): Line[] {
  const kept = blocks
    .flatMap(({ ranks }, block) => ranks.map((rank) => ({ rank, block })))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, Math.max(0, rows));
  return blocks.flatMap(({ draw }, i) => draw(kept.filter(({ block }) => block === i).length));
}
