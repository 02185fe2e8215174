import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Config, readConfig } from '../../src/config/config.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { installMusicbrainzFixture } from '../../src/simulator/musicbrainz/seed.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/database.ts';
import { outcome, type Outcome, runSource, startSource } from '../support/run-source.ts';

const cli = resolve(import.meta.dirname, '../../src/cli.ts');

// Each call is a process, which takes seconds to start on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

const database = await createTestDatabase();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ar-simulator-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Starts the command, hands the settings that it prints to `use`, and stops it. */
async function withSimulator(
  args: readonly string[],
  use: (config: Config) => Promise<void>,
  url = database.url,
): Promise<Outcome> {
  const env = { DATABASE_URL: url };
  const child = startSource(cli, ['simulator', '--listen', '127.0.0.1:0', ...args], env);
  const ended = outcome(child);
  const settings = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (/\[musicbrainz\]\nurl = .*\n$/.test(text)) resolve(text);
    });
    void ended.then(({ stderr }) => reject(new Error(`ended: ${stderr}`)));
  });
  const file = join(folder, 'config.ini');
  await writeFile(file, settings);
  try {
    await use(readConfig({ file, env: {} }));
  } finally {
    child.kill('SIGTERM');
  }
  return ended;
}

test('artwork-reconciler simulator prints the settings for who uses it, serves, and ends on SIGTERM', async () => {
  const { code, stderr } = await withSimulator([], async ({ archive }) => {
    const response = await fetch(`${archive.url}/metadata/mbid-00000000-0000-4000-8000-000000000000`);
    expect([response.status, await response.text()]).toEqual([200, '{}']);
  });
  expect([code, stderr]).toEqual([0, '']);
});

test('--entities fills empty MusicBrainz tables and the archive; tables that hold entities are left alone', async () => {
  await withSimulator(['--entities', '10'], async ({ archive, musicbrainz }) => {
    const { rows } = await database.db.query<{ gid: string }>('select gid from musicbrainz.release');
    const items = await Promise.all(rows.map(({ gid }) => getText(`${archive.url}/metadata/mbid-${gid}`)));
    expect(items.filter((text) => text.includes('"files"'))).not.toEqual([]);
    const { gid } = rows[0]!;
    expect(await getText(`${musicbrainz.url}/ws/2/release/${gid}?inc=artists`)).toContain(`<release id="${gid}"`);
  });
  const again = await runSource(cli, ['simulator', '--listen', '127.0.0.1:0', '--entities', '10'], {
    DATABASE_URL: database.url,
  });
  expect([again.code, again.stdout]).toEqual([1, '']);
  expect(again.stderr).toMatch(/^Error: --entities is for empty MusicBrainz tables[^\n]*\n$/);
});

/**
 * What MusicBrainz' own schema has beyond the fixture's, as of 2026: further tables that triggers fill, triggers that
 * name tables without their schema, rows and constraints that refuse what its server wouldn't write, and lists without
 * rows, as `InitDb.pl --clean` leaves them.
 */
const asItsServerMakesIt = `
  do $$ begin
    execute (
      select 'truncate ' || string_agg(format('%I.%I', schemaname, tablename), ', ') || ' restart identity' from pg_tables
      where schemaname in ('musicbrainz', 'cover_art_archive', 'event_art_archive')
    );
  end $$;
  drop schema simulated_web_service cascade;
  set search_path to musicbrainz, public;

  insert into editor (id, name, password, ha1) values (1, 'Anonymous', '', ''), (2, 'FreeDB', '', ''), (4, 'ModBot', '', '');
  insert into release_status (id, name, gid) values (1, 'Official', '4e304316-386d-3409-af2e-78857eec5cfe');
  insert into artist (gid, name, sort_name)
  values ('89ad4ac3-39f7-470e-963a-56509c546377', 'Various Artists', 'Various Artists');

  create table artist_meta (id integer primary key references artist on delete cascade, rating smallint);
  create table release_group_meta (id integer primary key references release_group on delete cascade, rating smallint);
  create table place_meta (id integer primary key references place on delete cascade, rating smallint);
  create function a_ins_artist() returns trigger language plpgsql as
    $$ begin insert into artist_meta (id) values (new.id); return null; end $$;
  create function a_ins_release_group() returns trigger language plpgsql as
    $$ begin insert into release_group_meta (id) values (new.id); return null; end $$;
  create function a_ins_place() returns trigger language plpgsql as
    $$ begin insert into place_meta (id) values (new.id); return null; end $$;
  create trigger a_ins_artist after insert on artist for each row execute function a_ins_artist();
  create trigger a_ins_release_group after insert on release_group for each row execute function a_ins_release_group();
  create trigger a_ins_place after insert on place for each row execute function a_ins_place();

  create function inserting_edits_requires_confirmed_email_address() returns trigger language plpgsql as $$
  begin
    if not (select email_confirm_date is not null from editor where editor.id = new.editor) then
      raise exception 'this editor''s address is not confirmed';
    end if;
    return new;
  end $$;
  create trigger inserting_edits_requires_confirmed_email_address before insert on edit
    for each row execute function inserting_edits_requires_confirmed_email_address();

  create unique index artist_idx_uniq_name_comment on artist (name, comment);
  alter table release_unknown_country
    add constraint non_empty_date check (date_year is not null or date_month is not null or date_day is not null),
    drop constraint release_unknown_country_release_fkey,
    add constraint release_unknown_country_fk_release foreign key (release) references release;
  alter table release_country
    drop constraint release_country_release_fkey,
    add constraint release_country_fk_release foreign key (release) references release;

  drop trigger keep_presence on cover_art_archive.cover_art;
  create trigger keep_presence after insert or delete on cover_art_archive.cover_art
    for each row execute function cover_art_archive.keep_presence();
  drop trigger keep_presence on event_art_archive.event_art;
  create trigger keep_presence after insert or delete on event_art_archive.event_art
    for each row execute function event_art_archive.keep_presence();
`;

test("--entities fills MusicBrainz' own schema, where its server made it without data", async () => {
  const { url } = await createEmptyDatabase();
  const db = openDatabase({ connectionString: url, max: 1 });
  try {
    await installMusicbrainzFixture(db);
    await db.query(asItsServerMakesIt);
    const { stderr } = await withSimulator(
      ['--entities', '60'],
      async ({ archive, musicbrainz }) => {
        const { rows } = await db.query<{ gid: string; count: number }>(
          `select gid, count(art.id)::int as count
           from musicbrainz.release left join cover_art_archive.cover_art art on art.release = release.id
           group by gid`,
        );
        expect(rows.length).toBeGreaterThan(10);
        for (const { gid, count } of rows) {
          expect(await getText(`${musicbrainz.url}/ws/2/release/${gid}?inc=artists`)).toContain(
            `<count>${count}</count>`,
          );
        }
        const items = await Promise.all(rows.map(({ gid }) => getText(`${archive.url}/metadata/mbid-${gid}`)));
        expect(items.filter((text) => text.includes('"files"'))).not.toEqual([]);
      },
      url,
    );
    expect(stderr).toBe('');
  } finally {
    await db.close();
  }
});

async function getText(url: string): Promise<string> {
  return (await fetch(url)).text();
}
