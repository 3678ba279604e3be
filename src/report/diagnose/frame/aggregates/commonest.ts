import type { Database } from 'better-sqlite3';

/** The value that most rows have, and how many. */
export interface Commonest {
  value: string;
  count: number;
}

/** Makes `commonest(text)` known to a connection: an aggregate function, a Commonest as JSON. */
export function registerCommonest(db: Database): void {
  db.aggregate('commonest', {
    start: () => new Map<string, number>(),
    step: (counts: Map<string, number>, text: unknown) => {
      const value = String(text);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    },
    result: (counts: Map<string, number>) => {
      const most: Commonest = { value: '', count: 0 };
      for (const [value, count] of counts) if (count > most.count) Object.assign(most, { value, count });
      return JSON.stringify(most);
    },
    directOnly: true,
  });
}
