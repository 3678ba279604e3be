/**
 * A condition on rows with `capture_id`, of a table of that alias: their capture would show a FIN or an answer if
 * there were one. Those that a filter thinned and those of one direction would not.
 */
export function wouldBeSeen(alias: string): string {
  return `NOT EXISTS (SELECT 1 FROM captures AS c
    WHERE c.id = ${alias}.capture_id AND (c.filtered > 0 OR c.directions = 1))`;
}
