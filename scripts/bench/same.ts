// Whether two databases hold the same, table by table and view by view, however flows and addresses are
// numbered in them and however the timeline is cut into pieces:
//   npx tsx scripts/bench/same.ts A.sqlite B.sqlite [NAME...]
// NAMEs are those of the tables and views to compare; all, without. Exit code 1 where something differs.
import { compareRelation, type Difference } from './same/compare.ts';
import { Contents } from './same/contents.ts';

const [pathA, pathB, ...wanted] = process.argv.slice(2);
if (pathA === undefined || pathB === undefined || pathA.startsWith('-')) {
  console.error('usage: same.ts A.sqlite B.sqlite [NAME...]');
  process.exit(2);
}

const [a, b] = [open(pathA), open(pathB)];
const all = [...new Set([...a.names, ...b.names])];
const unknown = wanted.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`same: no such table or view: ${unknown}; there are ${all.join(', ')}`);
  process.exit(2);
}
let differing = 0;
for (const name of wanted.length > 0 ? wanted : all) {
  const difference = compareRelation(name, a, b);
  if (difference !== undefined) differing++;
  console.log(difference === undefined ? `${name}: the same` : textOf(difference));
}
console.log(differing === 0 ? 'the same' : `${differing} differ`);
if (differing > 0) process.exitCode = 1;

function open(path: string): Contents {
  try {
    return new Contents(path);
  } catch (error) {
    console.error(`same: ${path}: ${(error as Error).message}`);
    process.exit(3);
  }
}

function textOf(difference: Difference): string {
  const { relation, columnsOnlyInA, columnsOnlyInB, rowsOnlyInA, rowsOnlyInB, examples } = difference;
  const lines = [`${relation}: rows only in A ${rowsOnlyInA}, only in B ${rowsOnlyInB}`];
  if (columnsOnlyInA.length > 0) lines.push(`  columns only in A: ${columnsOnlyInA.join(', ')}`);
  if (columnsOnlyInB.length > 0) lines.push(`  columns only in B: ${columnsOnlyInB.join(', ')}`);
  return [...lines, ...examples.map((example) => `  ${example}`)].join('\n');
}
