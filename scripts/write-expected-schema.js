import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

// Writes migrations/expected/schema.txt: what `check` compares a deployment's schema with. To be run after every new
// migration, and after every change of the triggers; a test says so where it was not.
const dist = new URL('../dist/', import.meta.url);
if (!existsSync(fileURLToPath(dist))) {
  process.stderr.write(`There is no ${fileURLToPath(dist)}: compile first (npm run build)\n`);
  process.exit(1);
}
const load = (path) => import(new URL(path, dist).href);
const [{ startEmbeddedPostgres }, { migrateUp }, { openDatabase }] = [
  await load('embedded/postgres.js'),
  await load('database/schema/migrate.js'),
  await load('database/connection.js'),
];
const { installMusicbrainzFixture } = await load('simulator/musicbrainz/seed.js');
const { installTriggers } = await load('database/schema/triggers.js');
const { describeSchema } = await load('database/schema/schema-drift.js');
const { formatSchema } = await load('database/schema/schema-drift.js');

const postgres = await startEmbeddedPostgres({ settings: { fsync: 'off' } });
try {
  await migrateUp({ connectionString: postgres.url });
  const db = openDatabase({ connectionString: postgres.url });
  await installMusicbrainzFixture(db);
  await installTriggers(db);
  const folder = new URL('../migrations/expected/', import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL('schema.txt', folder), formatSchema(await db.transaction(describeSchema)));
  await db.close();
} finally {
  await postgres.stop();
}
