/**
 * Lines of SQL, each followed by a comment, comments aligned; commas between them. The comment
 * stands after the comma, so that SQLite's own `.schema` prints a manual.
 */
export function listing(lines: readonly (readonly [sql: string, comment: string])[]): string {
  const width = Math.max(...lines.map(([sql]) => sql.length)) + 1;
  return lines
    .map(([sql, comment], i) => `  ${`${sql}${i < lines.length - 1 ? ',' : ''}`.padEnd(width)} -- ${comment}`)
    .join('\n');
}
