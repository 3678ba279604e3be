import type { Answer } from '../../report/answer.ts';
import { type NamedQuery, namedQueries } from '../../report/named-query.ts';
import { tableLines } from '../../report/table.ts';
import { outputLayout, print } from '../base/output.ts';
import { printAnswer, type RowsFlags } from '../options/database.ts';

/** Prints the named queries: for people by group, in the other formats as rows. */
export async function printQueries(flags: RowsFlags): Promise<void> {
  const queries = namedQueries();
  await (flags.format === 'table' ? print(groupedLines(queries)) : printAnswer(asAnswer(queries), flags));
}

function* groupedLines(queries: readonly NamedQuery[]): Generator<string> {
  const { width, style } = outputLayout();
  const rows = queries.map(({ name, title, parameters }) => [
    name,
    title,
    parameters.map((parameter) => `:${parameter.name}`).join(' '),
  ]);
  const lines = tableLines(rows, { indent: '  ', width });
  for (const [i, { group }] of queries.entries()) {
    if (group !== queries[i - 1]?.group) yield `${i === 0 ? '' : '\n'}${style.bold(group)}\n`;
    yield `${lines[i]}\n`;
  }
}

function asAnswer(queries: readonly NamedQuery[]): Answer {
  return {
    fields: ['group', 'name', 'title', 'description', 'parameters'].map((name) => ({ name, kind: 'plain' })),
    rows: queries.map((query) => [
      query.group,
      query.name,
      query.title,
      query.description,
      query.parameters.map((parameter) => `${parameter.name} = ${parameter.default}`).join(', '),
    ]),
  };
}
