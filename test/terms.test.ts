import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './terminal/finwait.ts';

/** Words that had another name in the field, or several meanings here, and what is said instead: see docs/terms.md. */
const RETIRED: readonly [RegExp, string][] = [
  [/\b(anew|afresh)\b/i, 're-armed, again'],
  [/\bpassed over\b/i, 'skipped'],
  [/\blets?\b(?! the name lead)(?: \w+){0,2} go\b|\bletGo|\bletDueGo/i, 'expire, evict, finish'],
  [/handwriting/i, 'SYN fingerprint, option layout'],
  [/\baffairs?\b/i, 'is handled by'],
  [/\bof ours\b/, "finwait's"],
  [/\bone row an? /i, 'one row per'],
  [/\bbehind (the|its|their|his) (SYN|FIN|RST|ACK|capture|end|last|first)\b/, 'after, beyond'],
  [/\bjust behind\b/, 'past, after, beyond'],
  [/\b(at least|for|after|of|with|more than) so (many|long|much)\b/i, 'this many, this long'],
  [/\b(MOST|LEAST|FEW)_[A-Z]/, 'MAX_, MIN_, INITIAL_'],
  [/\b(gone|is|are|was|were) told (of|by|from|to)\b/i, 'receives, is distinguished by'],
  [/\bsay\w*All\b|\bthis\.#(say|hear)\(/, 'post, receive'],
];

const FILES = execFileSync(
  'git',
  ['ls-files', 'README.md', 'ARCHITECTURE.md', 'docs', 'src', 'scripts', 'test'],
  {
    cwd: ROOT,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((file) => /\.(ts|sql|md)$/.test(file) && file !== 'test/terms.test.ts');

it.each(RETIRED)('%s is not said any more: %s', (retired) => {
  const found = FILES.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, i) => (retired.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});
