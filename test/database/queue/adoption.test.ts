import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateDown, migrateUp } from '../../../src/database/schema/migrate.ts';
import { createEmptyDatabase } from '../../support/database.ts';
import { artworkIndexerSchema } from './artwork-indexer-schema.ts';

let client: pg.Client;
let connection: pg.ClientConfig;
beforeEach(async () => {
  const { url } = await createEmptyDatabase();
  connection = { connectionString: url };
  client = new pg.Client(connection);
  await client.connect();
});
afterEach(() => client.end());

const ours = `tgname like 'artwork\\_reconciler\\_%'`;

/** Everything in artwork-indexer's schema but our indexes, our trigger and what our foreign keys bring with them. */
async function theirSchema(): Promise<unknown> {
  const { rows } = await client.query(`
    select 'column' as kind, table_name || '.' || column_name as name,
      udt_schema || '.' || udt_name || ' ' || is_nullable || ' ' || coalesce(column_default, '') as definition
    from information_schema.columns where table_schema = 'artwork_indexer'
    union all select 'index', indexname, indexdef from pg_indexes
    where schemaname = 'artwork_indexer' and indexname not like 'reconciler\\_%'
    union all select 'trigger', tgname, pg_get_triggerdef(oid) from pg_trigger
    where tgrelid = 'artwork_indexer.event_queue'::regclass and not tgisinternal and not ${ours}
    union all select 'constraint', conname, pg_get_constraintdef(oid) from pg_constraint
    where connamespace = 'artwork_indexer'::regnamespace and contype <> 'n'
    union all select 'enum', typname, enumlabel from pg_enum join pg_type on pg_type.oid = enumtypid
    where typnamespace = 'artwork_indexer'::regnamespace
    union all select 'function', proname, prosrc from pg_proc where pronamespace = 'artwork_indexer'::regnamespace
    order by 1, 2, 3`);
  return rows;
}

describe('migrating a database that artwork-indexer has made', () => {
  it('leaves all that is there as it was, and so does undoing it', async () => {
    await client.query(artworkIndexerSchema);
    const before = await theirSchema();
    const applied = await migrateUp(connection);
    expect(await theirSchema()).toEqual(before);
    for (let left = applied.length; left > 0; left--) await migrateDown(connection);
    expect(await theirSchema()).toEqual(before);
    expect((await client.query('select from artwork_indexer.event_queue')).rowCount).toBe(1);
    expect((await client.query(`select from pg_indexes where indexname like 'reconciler\\_%'`)).rowCount).toBe(0);
    expect((await client.query(`select from pg_trigger where ${ours}`)).rowCount).toBe(0);
  });

  it.each([
    [
      'alter table artwork_indexer.event_queue drop column depends_on',
      'column artwork_indexer.event_queue.depends_on is missing: expected bigint[]',
    ],
    [
      'alter table artwork_indexer.event_queue alter attempts type int',
      'column artwork_indexer.event_queue.attempts is integer: expected smallint',
    ],
    ['drop table artwork_indexer.event_failure_reason', 'table artwork_indexer.event_failure_reason is missing'],
    [
      `alter type artwork_indexer.event_queue_action rename value 'deindex' to 'remove'`,
      `type artwork_indexer.event_queue_action lacks the value 'deindex'`,
    ],
    ['alter type artwork_indexer.event_state rename to state_of_event', 'type artwork_indexer.event_state is missing'],
  ])('names what it lacks, and changes nothing: %s', async (damage, expected) => {
    await client.query(artworkIndexerSchema);
    await client.query(damage);
    const before = await theirSchema();
    await expect(migrateUp(connection)).rejects.toThrow(expected);
    expect(await theirSchema()).toEqual(before);
    expect((await client.query(`select to_regclass('artwork_reconciler.event_claim') as made`)).rows).toEqual([
      { made: null },
    ]);
  });

  it('takes a type that knows more for one that will do', async () => {
    await client.query(artworkIndexerSchema);
    await client.query(`alter type artwork_indexer.event_queue_action add value 'future'`);
    expect(await migrateUp(connection)).not.toEqual([]);
  });
});

describe('migrating a database without artwork-indexer', () => {
  it('makes its schema, also where somebody has made an empty one', async () => {
    await client.query('create schema artwork_indexer');
    await migrateUp(connection);
    await client.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message) values ('event', 'noop', '{}')`,
    );
    const same = client.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message) values ('event', 'noop', '{}')`,
    );
    await expect(same).rejects.toThrow(/unique/);
  });

  it('dates every change of an event, unless the change does so itself', async () => {
    await migrateUp(connection);
    await client.query(`insert into artwork_indexer.event_queue (entity_type, action, message, last_updated)
      values ('event', 'noop', '{}', '2020-01-01')`);
    const after = async (change: string): Promise<unknown> =>
      (
        await client.query<{ year: unknown }>(
          `update artwork_indexer.event_queue set ${change} returning extract(year from last_updated)::int as year`,
        )
      ).rows[0]!.year;
    expect(await after(`last_updated = '2021-01-01', state = 'running'`)).toBe(2021);
    expect(await after('attempts = attempts + 1')).toBeGreaterThan(2024);
  });

  it('keeps the queue when the migrations are undone: it may be all that knows of these events', async () => {
    const applied = await migrateUp(connection);
    await client.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message) values ('event', 'noop', '{}')`,
    );
    for (let left = applied.length; left > 0; left--) await migrateDown(connection);
    expect((await client.query('select from artwork_indexer.event_queue')).rowCount).toBe(1);
    await migrateUp(connection);
    expect((await client.query('select from artwork_indexer.event_queue')).rowCount).toBe(1);
  });
});
