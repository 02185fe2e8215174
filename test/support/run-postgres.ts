import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openDatabase } from '../../src/database/connection.ts';
import { migrateUp } from '../../src/database/schema/migrate.ts';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { installMusicbrainzFixture } from '../../src/simulator/musicbrainz/seed.ts';
import type { RunPart } from './global-setup.ts';
import type { HarnessAnswers } from './harness.ts';

/** What is lost in a crash doesn't matter here, and waiting for the disk takes most of the time. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

/**
 * The run's PostgreSQL: the server of DATABASE_URL where that is set (its user must be allowed to make databases), else
 * an embedded one. In it two databases to clone, migrated once.
 */
export async function startPostgres(): Promise<RunPart<HarnessAnswers['/postgres']>> {
  const embedded = process.env.DATABASE_URL ? null : await startEmbeddedPostgres({ settings });
  const url = embedded?.url ?? process.env.DATABASE_URL!;
  const run = `ar_test_${randomBytes(3).toString('hex')}`;
  const answer = {
    url,
    embedded: embedded !== null,
    run,
    template: `${run}_template`,
    templateWithMusicbrainz: `${run}_template_mb`,
  };
  const drop = async (): Promise<void> => {
    await statement(url, `drop database if exists ${answer.template}`);
    await statement(url, `drop database if exists ${answer.templateWithMusicbrainz}`);
  };
  try {
    await statement(url, `create database ${answer.template}`);
    await migrateUp({ connectionString: databaseUrl(url, answer.template) });
    await statement(url, `create database ${answer.templateWithMusicbrainz} template ${answer.template}`);
    const db = openDatabase({ connectionString: databaseUrl(url, answer.templateWithMusicbrainz) });
    await installMusicbrainzFixture(db).finally(() => db.close());
  } catch (error) {
    if (embedded) await embedded.stop();
    else await drop();
    throw new Error(`The template of the test databases could not be made: ${String(error)}`, { cause: error });
  }
  return { answer, stop: () => (embedded ? embedded.stop() : drop()) };
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
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
