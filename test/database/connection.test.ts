import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database/connection.ts';
import { createEmptyDatabase } from '../support/database.ts';

test('moments are read as they are, whatever the date style of the database', async () => {
  const { url } = await createEmptyDatabase();
  const admin = openDatabase({ connectionString: url });
  await admin.query(`alter database ${new URL(url).pathname.slice(1)} set datestyle = 'SQL, DMY'`);
  await admin.close();
  const db = openDatabase({ connectionString: url });
  onTestFinished(() => db.close());
  const { rows } = await db.query(`select '2026-11-29T01:02:03Z'::timestamptz as at`);
  expect(rows).toEqual([{ at: new Date('2026-11-29T01:02:03Z') }]);
});
