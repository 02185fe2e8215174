import pg from 'pg';
import { startEmbeddedPostgres } from '../embedded/postgres.ts';

/** A database of the demo's own, gone when it is stopped. */
export interface DemoDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A new, empty database: in an embedded PostgreSQL, or, where `DATABASE_URL` names a server, in that one, beside what
 * else is there.
 */
export async function startDemoDatabase(env: NodeJS.ProcessEnv): Promise<DemoDatabase> {
  const { DATABASE_URL: given } = env;
  if (given === undefined || given === '') {
    // What a crash of the machine would lose is a demo.
    return startEmbeddedPostgres({ settings: { fsync: 'off' } });
  }
  const name = `artwork_reconciler_demo_${process.pid}`;
  await statement(given, `create database ${name}`);
  const url = new URL(given);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => statement(given, `drop database if exists ${name}`) };
}

async function statement(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
