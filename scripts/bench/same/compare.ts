import type { Contents, Relation } from './contents.ts';
import { hashRow, type Value } from './row-hash.ts';

/** How a relation differs between two databases, A and B. */
export interface Difference {
  relation: string;
  /** Columns that only one of them has; only the others are compared. */
  columnsOnlyInA: string[];
  columnsOnlyInB: string[];
  /** Rows that only one of them has, where both have the relation. */
  rowsOnlyInA: number;
  rowsOnlyInB: number;
  /** The first of these rows, or which of the two has the relation at all. */
  examples: string[];
}

/** Rows shown of a relation. */
const EXAMPLES = 3;
/** Rows of B among which the one is looked for that a row of A should have been. */
const CANDIDATES = 1000;

/** Compares a relation of two databases as a heap of rows, in no order; undefined where it is the same. */
export function compareRelation(name: string, a: Contents, b: Contents): Difference | undefined {
  const [hasA, hasB] = [a.names.includes(name), b.names.includes(name)];
  const none = { relation: name, columnsOnlyInA: [], columnsOnlyInB: [], rowsOnlyInA: 0, rowsOnlyInB: 0 };
  if (!hasA || !hasB) return { ...none, examples: [`only in ${hasA ? 'A' : 'B'}`] };
  const [ofA, ofB] = [a.relation(name), b.relation(name)];
  const columns = ofA.columns.filter((column) => ofB.columns.includes(column));
  const columnsOnlyInA = ofA.columns.filter((column) => !columns.includes(column));
  const columnsOnlyInB = ofB.columns.filter((column) => !columns.includes(column));
  const [hashesA, hashesB] = [sortedHashes(ofA, columns), sortedHashes(ofB, columns)];
  const onlyInA = without(hashesA, hashesB);
  const onlyInB = without(hashesB, hashesA);
  if (onlyInA.length + onlyInB.length + columnsOnlyInA.length + columnsOnlyInB.length === 0) return undefined;
  return {
    relation: name,
    columnsOnlyInA,
    columnsOnlyInB,
    rowsOnlyInA: onlyInA.length,
    rowsOnlyInB: onlyInB.length,
    examples: examplesOf(
      columns,
      rowsOf(ofA, columns, onlyInA, EXAMPLES),
      rowsOf(ofB, columns, onlyInB, CANDIDATES),
    ),
  };
}

function sortedHashes(relation: Relation, columns: readonly string[]): Float64Array {
  let hashes = new Float64Array(1 << 16);
  let count = 0;
  for (const row of relation.rows(columns)) {
    if (count === hashes.length) {
      const grown = new Float64Array(2 * count);
      grown.set(hashes);
      hashes = grown;
    }
    hashes[count++] = hashRow(row);
  }
  return hashes.subarray(0, count).sort();
}

/** What is left of a sorted list without another; what is there twice has to be taken away twice. */
function without(hashes: Float64Array, others: Float64Array): number[] {
  const left: number[] = [];
  let other = 0;
  for (const hash of hashes) {
    while (other < others.length && others[other]! < hash) other++;
    if (others[other] === hash) other++;
    else left.push(hash);
  }
  return left;
}

/** The first rows with such a hash. */
function rowsOf(
  relation: Relation,
  columns: readonly string[],
  hashes: readonly number[],
  most: number,
): Value[][] {
  const wanted = new Set(hashes);
  const found: Value[][] = [];
  if (wanted.size === 0) return found;
  for (const row of relation.rows(columns)) {
    if (!wanted.has(hashRow(row))) continue;
    found.push([...row]);
    if (found.length === most) break;
  }
  return found;
}

/** Each row of A beside the row of B that is most like it, and then what only B has. */
function examplesOf(
  columns: readonly string[],
  onlyInA: readonly Value[][],
  onlyInB: readonly Value[][],
): string[] {
  const left = [...onlyInB];
  const examples = onlyInA.map((row) => {
    const likeness = left.map((other) => row.filter((value, i) => value === other[i]).length);
    const best = Math.max(...likeness, 0);
    if (2 * best < columns.length) return `only in A: ${rowText(columns, row)}`;
    const [other] = left.splice(likeness.indexOf(best), 1);
    const differing = columns.filter((_, i) => row[i] !== other![i]);
    const changes = differing.map((column) => {
      const [inA, inB] = [row, other!].map((values) => valueText(values[columns.indexOf(column)]!));
      return `${column} ${inA} in A, ${inB} in B`;
    });
    return `${rowText(columns, row)}: ${changes.join('; ')}`;
  });
  const room = Math.max(0, EXAMPLES - examples.length);
  return [...examples, ...left.slice(0, room).map((row) => `only in B: ${rowText(columns, row)}`)];
}

/** Enough of a row to find it. */
const SHOWN = 8;

function rowText(columns: readonly string[], row: readonly Value[]): string {
  const values = row.slice(0, SHOWN).map((value, i) => `${columns[i]} ${valueText(value)}`);
  return values.join(', ');
}

function valueText(value: Value): string {
  const text = value === null ? 'NULL' : String(value).replace(/\s+/g, ' ');
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
