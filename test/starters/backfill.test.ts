import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { startBackfill } from '../../src/starters/start.ts';
import type { BackfillProgress } from '../../src/temporal/messages.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: noAudits });
});
afterAll(() => deployment.stop());

test('a backfill begun while a dry run waits for a worker is one of its own, and a second one joins it', async () => {
  const { db, temporal } = deployment;
  for (let n = 0; n < 3; n += 1) await addRelease(db, { images: 1 });
  await db.query('analyze musicbrainz.release');
  const dry = await startBackfill(temporal, { source: 'musicbrainz', dryRun: true });
  const one = await startBackfill(temporal, { source: 'musicbrainz', dryRun: false });
  const other = await startBackfill(temporal, { source: 'musicbrainz', dryRun: false });
  expect([dry.workflowId, one.workflowId, other.workflowId]).toEqual([
    'backfill-musicbrainz-dry-run',
    'backfill-musicbrainz',
    'backfill-musicbrainz',
  ]);
  await deployment.startWorker();
  expect(await one.result()).toEqual({ seen: 3, added: 3, known: 0, share: 1 });
  await dry.result();
  await vi.waitFor(async () => expect(await one.query<BackfillProgress, []>('progress')).toMatchObject({ seen: 3 }));
  const { rows } = await db.query<{ count: number }>('select count(*) from artwork_reconciler.audit_entity');
  expect(rows[0]!.count).toBe(3);
});

test('a backfill of one type of entities adds these alone, beside that of all', async () => {
  const { db, temporal } = deployment;
  await db.query('delete from artwork_reconciler.audit_entity');
  await addEvent(db, { images: 1 });
  const handle = await startBackfill(temporal, { source: 'musicbrainz', entityType: 'event', dryRun: false });
  expect(handle.workflowId).toBe('backfill-musicbrainz-event');
  expect(await handle.result()).toEqual({ seen: 1, added: 1, known: 0, share: 1 });
  const { rows } = await db.query('select entity_type::text from artwork_reconciler.audit_entity');
  expect(rows).toEqual([{ entity_type: 'event' }]);
});
