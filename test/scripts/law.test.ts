import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../terminal/finwait.ts';
import { projectWith } from './project.ts';

const FOLDERS = ['capture', 'decode', 'flow', 'record', 'report', 'run', 'serve', 'ship', 'terminal'];
const BIOME = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');

/** The rules that files break, as `path rule`, sorted. */
function brokenRules(files: Record<string, string>): string[] {
  const words = [BIOME, 'lint', '--reporter=json', '--max-diagnostics=none', 'src'];
  const { stdout } = spawnSync(process.execPath, words, { cwd: projectWith(files), encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string } }[];
  };
  return diagnostics.map(({ category, location }) => `${location.path} ${category}`).sort();
}

const EXPORT = 'export const b = 1;\n';

it('a folder may import only from folders earlier in the alphabet', () => {
  const targets = FOLDERS.map((folder): [string, string] => [`src/${folder}/b.ts`, EXPORT]);
  const pairs = FOLDERS.flatMap((from) => FOLDERS.filter((to) => to !== from).map((to) => ({ from, to })));
  const imports = pairs.map(({ from, to }): [string, string] => [
    `src/${from}/from-${to}.ts`,
    `export { b } from '../${to}/b.ts';\n`,
  ]);
  const forbidden = pairs
    .filter(({ from, to }) => from < to)
    .map(({ from, to }) => `src/${from}/from-${to}.ts lint/style/noRestrictedImports`);
  expect(brokenRules(Object.fromEntries([...targets, ...imports]))).toEqual(forbidden.sort());
});

it('main may import from anywhere', () => {
  const text = "export { b } from './terminal/b.ts';\n";
  expect(brokenRules({ 'src/main.ts': text, 'src/terminal/b.ts': EXPORT })).toEqual([]);
});

it('nothing may import in a circle', () => {
  const broken = brokenRules({
    'src/flow/a.ts': "import { b } from './b.ts';\n\nexport const a = () => b;\n",
    'src/flow/b.ts': "import { a } from './a.ts';\n\nexport const b = () => a;\n",
  });
  expect(broken).toEqual(
    ['src/flow/a.ts', 'src/flow/b.ts'].map((path) => `${path} lint/suspicious/noImportCycles`),
  );
});
