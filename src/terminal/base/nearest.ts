/** A question for the names that come nearest to a word; `otherwise` if none does. */
export function didYouMean(word: string, names: readonly string[], otherwise: string): string {
  const near = nearest(word, names);
  return near.length === 0 ? otherwise : `did you mean ${near.join(' or ')}?`;
}

/**
 * Names that contain the word, else those that a few keystrokes away are it; the best three at most. Case, and
 * whether words are joined by `-` or `_`, makes no difference.
 */
function nearest(word: string, names: readonly string[]): string[] {
  const asked = bare(word);
  const containing = names.filter((name) => bare(name).includes(asked));
  if (containing.length > 0) return containing.slice(0, 3);
  const limit = Math.max(2, word.length / 3);
  return names
    .map((name) => ({ name, distance: editDistance(asked, bare(name)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** Levenshtein's distance: insertions, deletions and replacements that turn one into the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
