import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrateDown, migrateUp, migrationStatus } from '../../src/database/schema/migrate.ts';
import { installTriggers } from '../../src/database/schema/triggers.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/database.ts';
import { askHarness } from '../support/harness.ts';
import type { Outcome } from '../support/run-source.ts';
import { runCommand } from './run-command.ts';

describe('artwork-reconciler migrate', () => {
  let url: string;
  let names: readonly string[];
  beforeAll(async () => {
    ({ url } = await createEmptyDatabase());
    names = (await migrationStatus({ connectionString: url })).migrations.map(({ name }) => name);
  });

  const migrate = (...args: string[]): Promise<Outcome> => runCommand(['migrate', ...args], { DATABASE_URL: url });

  test('says what is missing, applies it, and has nothing to do the second time', async () => {
    const before = await migrate('status');
    expect(before.stdout).toBe(names.map((name) => `missing  ${name}\n`).join(''));
    const up = await migrate();
    expect([up.code, up.stderr]).toEqual([0, names.map((name) => `Applied: ${name}\n`).join('')]);
    const again = await migrate('up');
    expect([again.code, again.stdout, again.stderr]).toEqual([0, 'Nothing to do: the database is up to date\n', '']);
  });

  describe('down', () => {
    let temporal: string;
    beforeAll(async () => {
      await migrateUp({ connectionString: url });
      temporal = (await askHarness('/temporal')).address;
    });
    const down = (...args: string[]): Promise<Outcome> =>
      runCommand(['migrate', 'down', ...args], { DATABASE_URL: url, TEMPORAL_ADDRESS: temporal });

    test('undoes the newest one only; --json is for programs', async () => {
      const newest = names.at(-1)!;
      expect(JSON.parse((await down('--json')).stdout)).toEqual({ undone: [newest], lost: [] });
      const migrations = names.map((name) => ({ name, applied: name !== newest }));
      expect(JSON.parse((await migrate('status', '--json')).stdout)).toEqual({ migrations, unknown: [] });
    });

    test('where nothing was done yet nothing is lost, however far it goes', async () => {
      const { code, stdout } = await down('--to', '5', '--json');
      expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ lost: [] })]);
      await migrateUp({ connectionString: url });
    });

    test('refuses where rows would be lost, and where nobody can tell whether workers run; --force does it', async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(
        `insert into artwork_reconciler.slow_down (bucket, times, at) values ('a', 1, now()), ('b', 1, now())`,
      );
      await client.query('update artwork_reconciler.pace set set_per_hour = 7');
      await client.end();
      const refused = await down('--to', '5');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(
        /^Error: .*0006_pace would be undone, but rows would be lost: .*slow_down \(2 rows\).*\.pace \(1 rows\)\. Nothing was changed/,
      );
      const unknown = await runCommand(['migrate', 'down'], { DATABASE_URL: url, TEMPORAL_ADDRESS: '127.0.0.1:1' });
      expect(unknown.stderr).toMatch(/^Error: .*whether workers are running is unknown: .*Nothing was changed/);
      const forced = await down('--to', '5', '--force');
      expect([forced.code, forced.stderr]).toEqual([0, expect.stringMatching(/^Lost: [^]*^Undone: 0006_pace$/m)]);
      const { migrations } = await migrationStatus({ connectionString: url });
      expect(migrations.filter(({ applied }) => applied).at(-1)?.name).toBe('0005_audit');
    });
  });

  test('a database that is newer is left alone, in one line', async () => {
    await migrateUp({ connectionString: url });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("insert into artwork_reconciler.migration (name, run_on) values ('9999_of_tomorrow', now())");
    await client.end();
    const refused = await migrate('down');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^Error: The database is newer than this program: it has 9999_of_tomorrow[^\n]*\n$/);
    expect((await migrate('status')).stdout).toMatch(/^unknown {2}9999_of_tomorrow/m);
  });
});

describe('artwork-reconciler migrate --with-triggers', () => {
  let url: string;
  const migrate = (...args: string[]): Promise<Outcome> => runCommand(['migrate', ...args], { DATABASE_URL: url });

  test('installs what fills the queue, says so, and takes it away again', async () => {
    url = (await createTestDatabase()).url;
    const up = await migrate('--with-triggers');
    expect([up.code, up.stdout]).toEqual([
      0,
      'Nothing to do: the database is up to date\nTriggers for releases: installed\nTriggers for events: installed\n',
    ]);
    const triggers = ['release', 'event'].map((type) => ({ entity_type: type, outcome: 'present', foreign: [] }));
    expect(JSON.parse((await migrate('up', '--with-triggers', '--json')).stdout)).toEqual({ applied: [], triggers });
    const status = await migrate('status', '--with-triggers');
    expect(status.stdout).toMatch(/^triggers for releases: \d+ of ours, 0 missing$/m);
    const down = await migrate('down', '--with-triggers');
    expect(down.stdout).toMatch(/^Removed: artwork_reconciler_art_inserted on cover_art_archive\.cover_art$/m);
    expect(JSON.parse((await migrate('down', '--with-triggers', '--json')).stdout)).toEqual({ triggers_removed: [] });
    expect((await migrate('status')).stdout).not.toMatch(/^missing/m);
  });

  test('a database without MusicBrainz’ tables is told of in one line', async () => {
    ({ url } = await createEmptyDatabase());
    const refused = await migrate('--with-triggers');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^Error: The triggers can't be installed: [^\n]*does not exist[^\n]*\n$/m);
  });

  test('with the last migration that is undone go the triggers', async () => {
    const database = await createTestDatabase();
    ({ url } = database);
    await installTriggers(database.db);
    await migrateDown({ connectionString: url }, { to: 1 });
    expect((await migrate('down', '--force')).stdout).toMatch(/^Removed: artwork_reconciler_art_inserted/m);
  });
});
