import type { Format } from '../../report/rows.ts';
import type { SqlValues } from '../options/query-parameters.ts';

/** The request to the process that runs a query. */
export interface QueryJob {
  /** Path of the database. */
  path: string;
  sql: string;
  values: SqlValues;
  format: Format;
  crlf?: boolean | undefined;
}

/** Its message when it fails: the query is wrong, finwait is not installed well, the database cannot be read, or finwait has a bug. */
export type QueryFailure =
  | { kind: 'usage' | 'installation'; message: string }
  | { kind: 'store'; path: string; reason: string; code: string | undefined }
  | { kind: 'bug'; stack: string };
