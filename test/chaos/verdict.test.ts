import { expect, test } from 'vitest';
import { readStatuses } from '../../chaos/verdict.ts';
import { A, B, emptyQueue, index, insertEvent } from '../database/queue/queue.ts';
import { addAuditEntity } from '../database/entities/support.ts';
import { createTestDatabase } from '../support/database.ts';

const { db } = await createTestDatabase({ musicbrainz: false });

const owner = `mbid-${A}: expected only on the item of ${B}, found here, and the owner's item is dark`;

test.each([
  ['an event of another entity that its reason names, and younger than it', owner, B, 1, true],
  ['an event of another entity that its reason names, and older than it', owner, B, -1, false],
  ['an event of its own', owner, A, 1, false],
  ['an event of an entity that has nothing to do with it', 'item.dark', B, 1, false],
])('chaos tells a review that rests on what has changed since by %s', async (_what, reason, gid, minutes, expected) => {
  await emptyQueue(db);
  await db.query('truncate artwork_reconciler.audit_entity cascade');
  const { id } = await addAuditEntity(db, { key: { entityType: 'release', gid: A }, status: 'manual_review' });
  await db.query(
    'insert into artwork_reconciler.needs_manual_review (audit_entity_id, review_reason) values ($1, $2)',
    [id, reason],
  );
  const event = await insertEvent(db, index(gid));
  await db.query(`update artwork_indexer.event_queue set created = now() + $2 * interval '1 minute' where id = $1`, [
    event,
    minutes,
  ]);
  expect(await readStatuses(db)).toMatchObject([{ gid: A, review: reason, restsOnChanged: expected }]);
});
