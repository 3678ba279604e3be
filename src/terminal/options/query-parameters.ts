import { InvalidArgumentError } from 'commander';
import type { NamedQuery } from '../../report/named-query.ts';
import { UsageError } from '../base/exit.ts';

/** A value that SQL can be given. */
export type SqlValue = null | number | bigint | string;
/** Values by the names of the parameters. */
export type SqlValues = Record<string, SqlValue>;

/** Adds `name=value` to those that the option has had before; the last one of a name counts. */
export function collectParameter(text: string, before: SqlValues = {}): SqlValues {
  const [, name, value = ''] = /^:?(\w+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It is written name=value.');
  return { ...before, [name]: sqlValue(value) };
}

/** Whole numbers and decimals are numbers, nothing is NULL, all else is text. */
function sqlValue(text: string): SqlValue {
  if (text === '') return null;
  if (/^[+-]?\d{1,18}$/.test(text)) return BigInt(text);
  return /^[+-]?(\d+\.\d*|\.\d+|\d+)$/.test(text) ? Number(text) : text;
}

/** SQLite's comments, texts and quoted names, in which nothing is a parameter; and its parameters. */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[:@$](?<name>[\w$\u0080-\uffff]+)|(?<nameless>\?\d*)|[\w$\u0080-\uffff]+/g;

/** The distinct names of the parameters in a query. Throws a UsageError on one without a name. */
export function parametersOf(sql: string): string[] {
  const names = new Set<string>();
  for (const { groups } of sql.matchAll(TOKEN)) {
    if (groups?.nameless) throw new UsageError('a parameter needs a name: write :name instead of ?');
    if (groups?.name) names.add(groups.name);
  }
  return [...names];
}

/**
 * What is bound to a query's parameters: for one of a named query's own NULL if nothing was given,
 * which it takes for the default. Throws a UsageError on one too few or too many, and on a text where
 * a named query wants a number, which SQLite would compare as it is.
 */
export function bindParameters(
  { sql, parameters }: Pick<NamedQuery, 'sql' | 'parameters'>,
  given: SqlValues,
): SqlValues {
  const names = parametersOf(sql);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`the query has no parameter :${unknown}; it has ${listOf(names)}`);
  }
  const missing = names.find((name) => !(name in given) && !parameters.some((own) => own.name === name));
  if (missing !== undefined) {
    throw new UsageError(`the query needs --param ${missing}=VALUE; its parameters are ${listOf(names)}`);
  }
  const text = parameters.find(({ name, isText }) => !isText && typeof given[name] === 'string');
  if (text !== undefined) throw new UsageError(`--param ${text.name} is a number, not ${given[text.name]}`);
  return Object.fromEntries(names.map((name) => [name, given[name] ?? null]));
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `:${name}`).join(', ');
}
