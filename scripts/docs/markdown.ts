import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** The first line of a page that nobody edits by hand. */
export const MADE = '<!-- Made by npm run docs. Change what it is made from, not this page. -->';

/** Plain text, in which nothing is markup. */
export function plain(text: string): string {
  return text.replace(/[\\`*<>|[\]]|(?<!\w)_|_(?!\w)/g, '\\$&');
}

export function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

/** A code block, as its lines are. */
export function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

/** A table of cells that are Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The anchor GitHub gives a heading. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** Blocks as a page, laid out as the formatter wants it. Throws where the formatter does not run. */
export function page(name: string, blocks: readonly string[]): string {
  const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [biome, 'format', `--stdin-file-path=docs/${name}`],
    { cwd: ROOT, input: `${blocks.join('\n\n')}\n`, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`biome did not format ${name}: ${stderr}`);
  return stdout;
}
