/** A value that SQL can hold as a literal. */
export type Literal = null | number | string;
/** Values by the names of their parameters. */
export type Literals = Readonly<Record<string, Literal>>;

/** SQLite's texts, quoted names and comments, in which nothing is a parameter; and its `:name`. */
const TOKEN = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|:(?<name>[A-Za-z_]\w*)/g;

/** A statement with the values of its parameters written in, as any SQLite client takes it. */
export function withLiterals(sql: string, values: Literals): string {
  return sql.replace(TOKEN, (token, ...rest) => {
    const { name } = rest.at(-1) as { name?: string };
    if (name === undefined) return token;
    const value = values[name];
    if (value === undefined) throw new Error(`no value for :${name}`);
    return literal(value);
  });
}

/** A value as SQL has it. */
export function literal(value: Literal): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (!Number.isFinite(value)) throw new Error(`SQL has no ${value}`);
  return String(value);
}
