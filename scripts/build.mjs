// Compiles the sources into dist: types go, constants are written in, and modules that belong together
// become one file. A failure says where, and leaves what was there.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The command, and what it starts as threads and processes of their own: each has a file of its own in dist. */
const programs = [
  'src/main.ts',
  'src/run/lane-thread.ts',
  'src/record/writer-thread.ts',
  'src/capture/live/cap-child.ts',
  'src/capture/kernel/kernel-sampler-thread.ts',
  'src/terminal/query/query-process.ts',
  'src/terminal/query/parent-watch.ts',
];

try {
  const { output } = await build({
    cwd: root,
    input: Object.fromEntries(programs.map((path) => [basename(path, '.ts'), path])),
    platform: 'node',
    external: [/^node:/, ...Object.keys({ ...dependencies, ...optionalDependencies })],
    // V8 takes constants that come from other modules for variables: written in as numbers they make
    // the whole program a fifth faster.
    optimization: { inlineConst: { mode: 'all', pass: 3 } },
    output: { chunkFileNames: 'parts/[name].js' },
    write: false,
    logLevel: 'warn',
  });
  // Nothing is missing at any time for a program that runs or starts meanwhile.
  const dist = join(root, 'dist');
  mkdirSync(join(dist, 'parts'), { recursive: true });
  for (const { fileName, code } of output) {
    const made = join(dist, `${fileName}.${process.pid}.tmp`);
    writeFileSync(made, code);
    renameSync(made, join(dist, fileName));
  }
  const names = new Set(['.built', 'parts', ...output.map(({ fileName }) => fileName)]);
  for (const name of readdirSync(dist, { recursive: true })) {
    if (!names.has(name)) rmSync(join(dist, name), { recursive: true, force: true });
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
