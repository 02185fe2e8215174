import { addEntities } from '../src/database/entities/add-entities.ts';
import { itemName } from '../src/domain/documents/file-names.ts';
import type { EntityKey } from '../src/domain/entity.ts';
import { type ArchiveSeed, seedArchive } from '../src/simulator/drift/seed-demo.ts';
import { seedMusicbrainz } from '../src/simulator/musicbrainz/seed.ts';
import type { BenchDeployment } from './deployment.ts';

export type Uploaded = NonNullable<ArchiveSeed['uploaded']>;

/** Releases of which the archive holds what MusicBrainz says. */
export async function seedInStep(
  { db, simulator }: BenchDeployment,
  releases: number,
  uploaded: Uploaded,
): Promise<readonly EntityKey[]> {
  const musicbrainz = await seedMusicbrainz(db, { seed: 1, releases, events: 0, merged: 0, deleted: 0, withoutArt: 0 });
  const entities = await seedArchive(db, simulator.archive, { seed: 1, musicbrainz, uploaded });
  // An image is drawn for what the archive lists of it: the simulator's work, which would count as the audits'.
  for (const { gid } of entities) simulator.archive.item(itemName(gid))?.files.map(({ md5 }) => md5);
  return entities;
}

/** Lets the pacer take them. */
export async function makeDue({ db }: BenchDeployment, entities: readonly EntityKey[]): Promise<void> {
  await addEntities(
    db,
    entities.map((entity) => ({ ...entity, priority: 100 })),
  );
}

/** Audits that came to a decision so far. */
export async function decided({ db }: BenchDeployment): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) from artwork_reconciler.audit where decision <> 'not_now'`,
  );
  return rows[0]?.count ?? 0;
}
