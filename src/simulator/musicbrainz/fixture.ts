import { readdir, readFile } from 'node:fs/promises';
import type { Queryable } from '../../database/connection.ts';

/** At the package's root; this file is three folders below it, in src/ as in dist/. */
const folder = new URL('../../../fixture/musicbrainz/', import.meta.url);

/**
 * Makes MusicBrainz' tables, views and lists, empty of entities, in the schemas `musicbrainz`, `cover_art_archive` and
 * `event_art_archive`: all of them or, where one fails, none. Does nothing where `musicbrainz.release` is there already,
 * so a real MusicBrainz database is never touched.
 *
 * @throws the database's error, for example where only some of the schemas exist.
 */
export async function installMusicbrainzFixture(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ installed: boolean }>(
    `select to_regclass('musicbrainz.release') is not null as installed`,
  );
  if (rows[0]?.installed === true) return;
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const files = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  // Several statements without parameters are one simple query, which PostgreSQL runs as one transaction.
  await db.query(files.join('\n'));
}
