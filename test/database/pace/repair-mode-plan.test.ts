import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { readRepairModePlan, readReportedFindings } from '../../../src/database/audits/findings.ts';
import { setPace } from '../../../src/database/pace/rate.ts';
import type { Repair } from '../../../src/domain/decision/decision.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addAuditEntity, audit, clean, finding, index, repair, review } from '../entities/support.ts';

const { db } = await createTestDatabase({ musicbrainz: false });

function copy(from: EntityKey, to: EntityKey): Repair {
  const message = { artwork_id: 1, old_gid: from.gid, new_gid: to.gid, suffix: 'jpg' };
  return { action: 'copy_image', entityType: from.entityType, message, dependsOn: [] };
}

test('what waits for repair mode, by the newest audit of each entity; an event that two order counts once', async () => {
  const order = finding('index.order', 'index');
  const thumbnail = finding('files.thumbnail', 'report');
  const [owner, leaving] = [await addAuditEntity(db), await addAuditEntity(db)];
  // Both ends of a merge.
  const image = finding('files.image', 'copy_image');
  await audit(db, owner, repair([copy(leaving, owner), index(owner, 0)], image, thumbnail), 'report');
  const deletion: Repair = {
    action: 'delete_image',
    entityType: 'release',
    message: { artwork_id: 1, gid: leaving.gid, suffix: 'jpg' },
    dependsOn: [0],
  };
  const extra = finding('files.extra_image', 'delete_image');
  await audit(db, leaving, repair([copy(leaving, owner), deletion, index(leaving, 1)], extra, order), 'report');
  // What was found before counts no more, nor what is repaired, clean, or for a person.
  const changed = await addAuditEntity(db);
  await audit(db, changed, repair([index(changed)], finding('xml.value', 'index')), 'report');
  await audit(db, changed, repair([index(changed)], order), 'report');
  const repaired = await addAuditEntity(db);
  await audit(db, repaired, repair([index(repaired)], order), 'repair');
  await audit(db, await addAuditEntity(db), { ...clean, findings: [thumbnail] }, 'report');
  await audit(db, await addAuditEntity(db), review(finding('item.dark', 'review')), 'report');

  const found = await readReportedFindings(db, null);
  const none = { copiesHere: 0, copiesAway: 0, deletions: 0, deindexes: 0 };
  expect(found.groups).toEqual([
    { ...none, checks: ['files.extra_image', 'index.order'], entities: 1, live: 1, copiesAway: 1, deletions: 1 },
    { ...none, checks: ['files.image'], entities: 1, live: 1, copiesHere: 1 },
    { ...none, checks: ['index.order'], entities: 1, live: 1 },
  ]);
  expect(found.events).toEqual({ index: 3, copy_image: 1, delete_image: 1, deindex: 0 });
  expect(found.decided).toEqual({
    audits: 6,
    checks: { 'files.extra_image': 1, 'files.image': 1, 'index.order': 3, 'item.dark': 1 },
  });
  expect([found.isPart, (await readReportedFindings(db, 2)).isPart]).toEqual([false, true]);

  const config = readConfig({ file: '/dev/null', env: {} });
  await setPace(db, { perHour: 2 }, { actor: 'tester' });
  expect(await readRepairModePlan(db, config, null)).toMatchObject({ entities: 3, hours: 3, limitedBy: 'audits' });
});
