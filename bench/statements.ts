import { randomBytes } from 'node:crypto';
import type { Database } from '../src/database/connection.ts';
import { rounded } from './measure.ts';
import type { TableRow } from './table.ts';

/** What a server has to be started with, so that statements are counted. Planning too: of short statements it is the larger part. */
export const countingSettings = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track_planning': 'on',
} as const;

/** Who is counted: a login of the worker's, so that what the bench itself asks is not. */
const counted = 'bench_worker';

/** @returns the address by which the worker is to come, so that its statements are told from the bench's own */
export async function countStatements(db: Database, url: string): Promise<string> {
  const password = randomBytes(8).toString('hex');
  await db.query('create extension if not exists pg_stat_statements');
  await db.query(`create role ${counted} superuser login password '${password}'`);
  const address = new URL(url);
  address.username = counted;
  address.password = password;
  return address.href;
}

export async function forgetStatements(db: Database): Promise<void> {
  await db.query('select pg_stat_statements_reset()');
}

interface CountedStatement {
  readonly text: string;
  readonly calls: number;
  readonly milliseconds: number;
}

export interface CountedStatements {
  readonly statements: readonly CountedStatement[];
  /** Not statements of ours, but what each transaction costs besides: `begin` with its limits, `commit`, `rollback`. */
  readonly frames: readonly CountedStatement[];
}

/** Since they were forgotten, the most frequent first. */
export async function readStatements(db: Database): Promise<CountedStatements> {
  const { rows } = await db.query<CountedStatement>(
    `select regexp_replace(query, '\\s+', ' ', 'g') as text, sum(calls)::int8 as calls,
            sum(total_exec_time + total_plan_time)::float8 as milliseconds
     from pg_stat_statements where userid = $1::regrole
     group by 1 order by 2 desc, 3 desc`,
    [counted],
  );
  const isFrame = ({ text }: CountedStatement): boolean => /^\s*(begin|commit|rollback|set )/i.test(text);
  return { statements: rows.filter((row) => !isFrame(row)), frames: rows.filter(isFrame) };
}

/** So many are shown each; the others are summed up. */
const mostShown = 16;

/** Statements by text, each as so many for one of what was done. */
export function statementRows(what: string, { statements }: CountedStatements, done: number): TableRow[] {
  const shown = statements.slice(0, mostShown);
  return shown.map(({ text, calls, milliseconds }) => ({
    what: `${what}: ${text.trim().slice(0, 90)}`,
    calls_each: rounded(calls / done),
    database_ms_each: rounded(milliseconds / done),
  }));
}

/** All of them as figures for one of what was done. */
export function statementFigures({ statements, frames }: CountedStatements, done: number) {
  const sum = (rows: readonly CountedStatement[], of: 'calls' | 'milliseconds'): number =>
    rows.reduce((total, row) => total + row[of], 0);
  return {
    statements_each: rounded(sum(statements, 'calls') / done),
    transactions_each: rounded(
      sum(
        frames.filter(({ text }) => /^\s*begin/i.test(text)),
        'calls',
      ) / done,
    ),
    database_ms_each: rounded((sum(statements, 'milliseconds') + sum(frames, 'milliseconds')) / done),
  };
}
