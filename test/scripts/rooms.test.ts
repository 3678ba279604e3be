import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../terminal/finwait.ts';

/**
 * The rooms of each folder of src, from the first to the last: a room imports only from rooms before its own, and
 * rooms that share a line do not know each other. '' is the folder itself.
 */
const ROOMS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  capture: [['base'], ['files', 'kernel'], ['live']],
  flow: [['format'], ['table'], ['follow', 'packing'], ['judge'], ['rows'], ['']],
  record: [['files', 'pages'], ['schema'], ['kernel', 'rows', 'timeline'], ['thread'], ['live'], ['']],
  report: [[''], ['ladder'], ['flows', 'states', 'summary'], ['diagnose']],
  'report/diagnose': [['frame'], ['family'], ['findings'], ['']],
  run: [['']],
  terminal: [['base'], ['options'], ['completion', 'query', 'screen'], ['commands'], ['']],
};

/** The first file of a folder says the order of its rooms, in these lines at most. */
const HEAD_LINES = 5;
const MAX_FILES = 20;

interface Import {
  from: string;
  to: string;
}

/** Each import of a file in src by one of another folder, as folders. */
const imports: Import[] = filesBelow('src').flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:from|import)[\s(]*'(\.{1,2}\/[^']+)'/g)]
    .map(([, path = '']) => ({ from: dirname(file), to: dirname(normalize(join(dirname(file), path))) }))
    .filter(({ from, to }) => from !== to);
});

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
}

/** The room of a folder within another: '' is that itself; undefined outside of it. */
function roomOf(path: string, folder: string): string | undefined {
  if (path === folder) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split('/')[0] : undefined;
}

describe.each(Object.entries(ROOMS))('src/%s', (name, levels) => {
  const folder = `src/${name}`;
  const levelOf = (path: string) => {
    const room = roomOf(path, folder);
    return room === undefined ? -1 : levels.findIndex((level) => level.includes(room));
  };

  it('has just these rooms', () => {
    const rooms = new Set(filesBelow(folder).map((file) => roomOf(dirname(file), folder)!));
    const listed = levels.flat();
    expect([...rooms].filter((room) => !listed.includes(room) && room !== 'queries')).toEqual([]);
    expect(listed.filter((room) => !rooms.has(room))).toEqual([]);
  });

  it('says so at the top of its first file', () => {
    const own = filesBelow(folder).filter((file) => dirname(file) === folder);
    const [first = ''] = (own.length > 0 ? own : filesBelow(folder)).sort();
    const head = readFileSync(join(ROOT, first), 'utf8').split('\n').slice(0, HEAD_LINES);
    const order = levels.map((level) => level.map((room) => room || 'these files').join(', ')).join(' < ');
    expect(head, first).toContain(`// ${order}`);
  });

  it('imports only from rooms before its own', () => {
    const inside = imports.filter(({ from, to }) => levelOf(from) >= 0 && levelOf(to) >= 0);
    const wrong = inside.filter(
      ({ from, to }) => roomOf(from, folder) !== roomOf(to, folder) && levelOf(to) >= levelOf(from),
    );
    expect(wrong).toEqual([]);
  });
});

it('no finding of diagnose knows another', () => {
  const findings = 'src/report/diagnose/findings';
  const between = imports.filter(({ from, to }) => roomOf(from, findings) && roomOf(to, findings));
  expect(between).toEqual([]);
});

it.each(['src', 'test', 'scripts'])(`no folder of %s holds more than ${MAX_FILES} files`, (top) => {
  const counts = new Map<string, number>();
  for (const file of filesBelow(top)) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
});
