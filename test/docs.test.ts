import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anchor, plain } from '../scripts/docs/markdown.ts';
import { pages } from '../scripts/docs/pages.ts';
import { text, typed, usage, wrapped } from '../scripts/docs/roff.ts';
import { LINK_TYPES } from '../src/capture/base/link-types.ts';
import * as words from '../src/flow/format/words.ts';
import { CREATE_SCHEMA } from '../src/record/schema/schema.ts';
import { newProgram } from '../src/terminal/program.ts';
import { lacks } from './record/program.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const program = await newProgram();
const manual = read('man/finwait.1')
  .replaceAll('\\-', '-')
  .replace(/\\f[A-Z]/g, '');

/** The part of a page below a heading, up to the next of the same kind. */
function below(page: string, heading: string, mark: string): string {
  const [, part] = `\n${page}`.split(`\n${heading}\n`);
  return part?.split(`\n${mark} `, 1)[0] ?? '';
}

it.each([...(await pages())])('%s is up to date: else run npm run docs', (path, made) => {
  expect(read(path)).toBe(made);
});

describe.each(program.commands.map((command) => [command.name(), command] as const))(
  'finwait %s is documented',
  (name, command) => {
    const terms = [
      ...command.options.map((option) => option.flags),
      ...command.registeredArguments.map((argument) => argument.name()),
    ];

    it('in docs/commands.md, with its options and arguments', () => {
      const part = below(read('docs/commands.md'), `## finwait ${name}`, '##');
      expect(part).toContain(command.description().slice(0, 20));
      expect(terms.filter((term) => !part.includes(`| \`${term}\``))).toEqual([]);
    });

    it('in the manual, with its options and arguments', () => {
      const part = manual.split(/^\.S[SH] /m).find((one) => one.startsWith(`finwait ${name} `));
      const tags = [...(part ?? '').matchAll(/^\.TP\n(.*)$/gm)].map((match) => match[1]);
      expect(terms.filter((term) => !tags.includes(term.replace(/[<>]/g, '')))).toEqual([]);
    });
  },
);

describe('every named query is documented', () => {
  const files = readdirSync(join(root, 'src', 'report', 'queries'));
  const names = files.map((file) => file.replace(/\.sql$/, ''));

  it.each(names)('%s in docs/queries.md, with its SQL', (name) => {
    const sql = read(`src/report/queries/${name}.sql`).trimEnd();
    const statement = sql.split('\n').slice(-3).join('\n');
    expect(below(read('docs/queries.md'), `## ${name}`, '##')).toContain(statement);
  });

  it('by name in the manual', () => {
    expect(names.filter((name) => !manual.includes(`.TP\n${name}\n`))).toEqual([]);
  });
});

describe('docs/schema.md', () => {
  const page = read('docs/schema.md');
  let db: Database.Database;
  beforeAll(() => {
    db = new Database(':memory:');
    db.exec(CREATE_SCHEMA);
  });
  afterAll(() => db.close());

  it('has every table and view with every column', () => {
    const columns = db
      .prepare<[], { relation: string; name: string }>(
        `SELECT m.name AS relation, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
         WHERE m.type IN ('table', 'view')`,
      )
      .all();
    expect(columns.length).toBeGreaterThan(100);
    const missing = columns.filter(
      ({ relation, name }) => !below(page, `## ${relation}`, '##').includes(`\n| \`${name}\``),
    );
    expect(missing).toEqual([]);
  });

  it('has every word', () => {
    const part = page.slice(page.indexOf('\n## Words'));
    const all = Object.values(words).flatMap((list): readonly string[] =>
      typeof list === 'number' ? [] : list,
    );
    expect(all.length).toBeGreaterThan(90);
    expect(all.filter((word) => !part.includes(`\`${word}\``))).toEqual([]);
  });

  it('has just the link types that are decoded', () => {
    const part = below(page, '### captures.link_types', '###');
    const listed = [...part.matchAll(/^\| `(\d+)` +\| (\w+):/gm)].map(([, number, name]) => [
      Number(number),
      name,
    ]);
    expect(listed.sort()).toEqual(LINK_TYPES.map(({ number, name }) => [number, name]).sort());
  });

  it('has lists of words under columns that exist', () => {
    const [, ...headings] = page.slice(page.indexOf('\n## Words')).split('\n### ');
    const columns = headings.flatMap((heading) => heading.split('\n', 1)[0]!.split(', '));
    expect(columns.length).toBeGreaterThan(10);
    for (const column of columns) {
      const [relation, name] = column.split('.');
      expect(() => db.prepare(`SELECT ${name} FROM ${relation}`), column).not.toThrow();
    }
  });

  it('shows SQL that runs', () => {
    const blocks = [...page.matchAll(/```sql\n(.*?)```/gs)].map((match) => match[1]!);
    expect(blocks.length).toBeGreaterThan(2);
    for (const sql of blocks) expect(() => db.prepare(sql).all(), sql).not.toThrow();
  });
});

const linking = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

it.each(linking.filter((path) => path.endsWith('.md')))(
  'every relative link of %s leads somewhere',
  (path) => {
    const links = [...read(path).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
    const dead = links.filter((link) => !/^\w+:/.test(link) && !leads(path, link));
    expect(dead).toEqual([]);
  },
);

/** To a file that is there and, behind #, to a heading in it. */
function leads(from: string, link: string): boolean {
  const [file = '', fragment] = link.split('#');
  const target = file === '' ? from : join(dirname(from), file);
  if (!existsSync(join(root, target))) return false;
  if (fragment === undefined) return true;
  const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map((match) => anchor(match[1]!));
  // A second heading of the same name has another anchor.
  return headings.filter((heading) => heading === fragment).length === 1;
}

it('the package holds the manual, the reference and the named queries', () => {
  const out = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(out) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  // npm links the manual of a folder only where it is in a list.
  const { man } = JSON.parse(read('package.json')) as { man: string[] };
  const queries = readdirSync(join(root, 'src', 'report', 'queries')).map(
    (name) => `src/report/queries/${name}`,
  );
  expect(paths).toEqual(expect.arrayContaining([...man, 'docs/commands.md', ...queries]));
});

it.skipIf(lacks('mandoc'))('the manual is without fault to mandoc', () => {
  const { stdout, stderr } = spawnSync('mandoc', ['-T', 'lint', 'man/finwait.1'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stdout + stderr).toBe('');
});

describe('text for troff', () => {
  it.each([
    ['--db and -f, not two-fold', '\\-\\-db and \\-f, not two-fold'],
    ['- is standard input', '\\- is standard input'],
    ['C:\\temp', 'C:\\etemp'],
    ['5 µs', '5 \\[u00B5]s'],
  ])('%s', (written, escaped) => {
    expect(text(written)).toBe(escaped);
  });

  it('a line that begins with a dot or a quote is no request', () => {
    expect(wrapped(".sqlite 'x'")).toBe("\\&.sqlite 'x'");
    expect(wrapped(`${'x'.repeat(78)} .x 'y`)).toBe(`${'x'.repeat(78)}\n\\&.x 'y`);
  });

  it('what is to be typed is what the keyboard has', () => {
    expect(typed("a-b '~^`")).toBe('a\\-b \\(aq\\(ti\\(ha\\(ga');
  });

  it('placeholders are in italics, the rest in bold', () => {
    expect(usage('-d, --db <out>')).toBe('\\fB\\-d\\fR, \\fB\\-\\-db\\fR \\fIout\\fR');
    expect(usage('finwait query [db]')).toBe('\\fBfinwait\\fR \\fBquery\\fR [\\fIdb\\fR]');
  });
});

it.each([
  ['a|b', 'a\\|b'],
  ['<db> and *', '\\<db\\> and \\*'],
  ['close_kind', 'close_kind'],
  ['ends in _us', 'ends in \\_us'],
])('%s is plain text in Markdown', (written, escaped) => {
  expect(plain(written)).toBe(escaped);
});
