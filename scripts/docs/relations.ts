import Database from 'better-sqlite3';
import { CREATE_SCHEMA } from '../../src/record/schema/schema.ts';

/** A table or view as SQLite holds it, with the comments inside its CREATE. */
export interface Relation {
  kind: 'table' | 'view';
  name: string;
  comment: string;
  columns: { name: string; type: string; comment: string }[];
}

interface Master {
  type: 'table' | 'view';
  name: string;
  sql: string;
}

/** The schema of an empty database. Throws an Error where a column or a relation has no comment. */
export function relations(): Relation[] {
  const db = new Database(':memory:');
  try {
    db.exec(CREATE_SCHEMA);
    const masters = db
      .prepare<[], Master>(
        `SELECT type, name, sql FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY rowid`,
      )
      .all();
    return masters.map(({ type, name, sql }) => {
      const comments = commentsOf(sql);
      const columns = db
        .prepare<[string], { name: string; type: string }>('SELECT name, type FROM pragma_table_info(?)')
        .all(name);
      return {
        kind: type,
        name,
        comment: commentOf(comments, name, name),
        columns: columns.map((column) => ({ ...column, comment: commentOf(comments, column.name, name) })),
      };
    });
  } finally {
    db.close();
  }
}

/** The comment after each name: that of the relation on the line of CREATE, those of the columns each on its own. */
function commentsOf(sql: string): Map<string, string> {
  const lines = sql.matchAll(/^(?:CREATE (?:TABLE|VIEW)| ) +(\w+).*? -- (.*)$/gm);
  return new Map([...lines].map(([, name = '', comment = '']) => [name, comment]));
}

function commentOf(comments: Map<string, string>, name: string, relation: string): string {
  const comment = comments.get(name);
  if (comment === undefined) throw new Error(`${relation}: ${name} has no comment in the schema`);
  return comment;
}
