import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ROW_COLUMNS } from '../../src/flow/format/columns.ts';
import { CLOSE_KINDS, CLOSED_FIRST, ENDPOINTS, STATES, TIME_WAIT_ENDS } from '../../src/flow/format/words.ts';
import {
  namedQueries,
  namedQuery,
  parseNamedQuery,
  QUERY_GROUPS,
  queryNames,
} from '../../src/report/named-query.ts';
import { parametersOf } from '../../src/terminal/options/query-parameters.ts';
import { ROOT } from '../terminal/finwait.ts';

const SQL = `-- Flows of a server
-- Those on one port,
-- as many as you like.
--
-- Group: Closing
-- :port = all   Only servers on
--               this port.
-- :ip text = all   Only this client.
-- :limit = 20   Rows at most.

-- The rest is no manual.
SELECT 1;
`;

describe('the comment that opens a query', () => {
  it('has title, description, group and parameters', () => {
    expect(parseNamedQuery('of-server', SQL)).toEqual({
      name: 'of-server',
      title: 'Flows of a server',
      description: 'Those on one port, as many as you like.',
      group: 'Closing',
      parameters: [
        { name: 'port', default: 'all', isText: false, meaning: 'Only servers on this port.' },
        { name: 'ip', default: 'all', isText: true, meaning: 'Only this client.' },
        { name: 'limit', default: '20', isText: false, meaning: 'Rows at most.' },
      ],
      sql: SQL,
    });
  });

  it.each([
    ['no comment', 'SELECT 1;\n'],
    ['no description', '-- Title\n--\n-- Group: Closing\nSELECT 1;\n'],
    ['no group', '-- Title\n-- Words.\n--\nSELECT 1;\n'],
    ['a group that is none', '-- Title\n-- Words.\n--\n-- Group: Others\nSELECT 1;\n'],
  ])('%s is an error', (_, sql) => {
    expect(() => parseNamedQuery('bad', sql)).toThrow(/^bad.sql: its comment needs/);
  });
});

describe('the queries that ship', () => {
  const queries = namedQueries();

  it('are at least twenty, each group has some, none is left out', () => {
    expect(queries.length).toBeGreaterThanOrEqual(20);
    expect([...new Set(queries.map(({ group }) => group))]).toEqual([...QUERY_GROUPS]);
    expect(queries.map(({ name }) => name).sort()).toEqual(queryNames());
  });

  it('go with the package', () => {
    const words = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const [packed] = JSON.parse(
      execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }),
    ) as [{ files: { path: string }[] }];
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(queryNames().map((name) => `src/report/queries/${name}.sql`)),
    );
  });

  describe.each(queries.map((query) => [query.name, query] as const))('%s', (name, query) => {
    it('has a name that no SQL could be', () => {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(namedQuery(name)).toEqual(query);
    });

    it('explains itself in lines that fit a terminal', () => {
      expect(query.title.length).toBeLessThanOrEqual(60);
      expect(query.description).toMatch(/\.$/);
      expect(query.sql.split('\n').filter((line) => line.length > 110)).toEqual([]);
    });

    it('describes just the parameters it has', () => {
      expect(query.parameters.map((parameter) => parameter.name).sort()).toEqual(
        parametersOf(query.sql).sort(),
      );
    });

    it('names no code, and no word that does not exist', () => {
      const coded = ROW_COLUMNS.filter(({ kind }) => kind === 'word').map((column) => column.name);
      expect(query.sql).not.toMatch(
        new RegExp(`\\b(${coded.join('|')})\\b\\s*(=|<>|IN|IS|IS NOT)\\s*\\(?\\d`),
      );
      for (const [column, words] of Object.entries(WORDS)) {
        expect(words).toEqual(expect.arrayContaining(comparedWith(query.sql, column)));
      }
    });
  });
});

const WORDS: Readonly<Record<string, readonly string[]>> = {
  close_kind: CLOSE_KINDS,
  closed_first: CLOSED_FIRST,
  reset_by: ENDPOINTS,
  endpoint: ENDPOINTS,
  state: STATES,
  ended_by: TIME_WAIT_ENDS,
};

/** The words that a query compares a column with. */
function comparedWith(sql: string, column: string): string[] {
  const comparisons = sql.matchAll(
    new RegExp(`\\b${column} (?:=|<>|(?:NOT )?IN) \\(?((?:'[^']+'(?:, )?)+)`, 'g'),
  );
  return [...comparisons].flatMap(([, list = '']) =>
    [...list.matchAll(/'([^']+)'/g)].map(([, word]) => word!),
  );
}
