import { expect, vi } from 'vitest';
import type { Database, Queryable } from '../../src/database/connection.ts';
import { createScene } from '../../src/simulator/drift/drift-kind.ts';
import { itemSeedOf, planItem } from '../../src/simulator/drift/item-plan.ts';
import { createRandom } from '../../src/simulator/random.ts';
import { untilQueueIsEmpty } from '../support/audits.ts';
import type { Deployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';
import { documentedMbid } from './sandbox.ts';

/** Event 12345 is carried out once, so that Temporal has its run too. A worker has to be there. */
export async function runEvent({ db }: Pick<Deployment, 'db'>): Promise<void> {
  await db.query(
    `insert into artwork_indexer.event_queue (id, entity_type, action, message) values (12345, 'release', 'index', $1)`,
    [{ gid: documentedMbid }],
  );
  await untilQueueIsEmpty(db);
}

/** The release that the docs speak of, with three images, in step. */
export async function seedRelease({ db, simulator }: Pick<Deployment, 'db' | 'simulator'>): Promise<void> {
  const scene = createScene(db, simulator.archive, 'release', createRandom('docs'));
  await scene.addEntity({ images: 3, release: { gid: documentedMbid } });
  simulator.archive.seedItem(itemSeedOf(await planItem(db, { entityType: 'release', gid: documentedMbid })));
}

/**
 * What the docs have to work on before each line, whatever the line before it made of it: the failed events 12345 and
 * 12346, the reviews 17 and 18, a bulk action that nobody has confirmed yet, window 1 to come, nothing paused.
 */
export async function setScene({ db }: { readonly db: Database }, line: string): Promise<void> {
  await db.query(`delete from artwork_reconciler.brake where name in ('audits_paused', 'events_paused', 'repairs_paused')`);
  await setWindow(db);
  await untilQueueIsEmpty(db);
  // One that the worker has in progress is refused to a shell.
  if (/ audit /.test(line)) await untilReleaseIsSettled(db);
  await failEvents(db);
  await planBulkAction(db);
  if (/ undo /.test(line)) await dismissForUndo(db);
  const status = / reviews reopen /.test(line) ? 'resolved' : 'open';
  await db.transaction(async (tx) => {
    await writeReview(tx, 17, status);
    await writeReview(tx, 18, status);
  });
}

/** Window 1 is to come; none is on, so that events go. */
async function setWindow(q: Queryable): Promise<void> {
  await q.query('delete from artwork_reconciler.pause_window');
  await q.query(
    `insert into artwork_reconciler.pause_window (id, stops, daily, begins, ends, reason, actor)
     values (1, 'all', false, now() + interval '1 day', now() + interval '25 hours', 'maintenance', 'ida')`,
  );
  // The next one gets another number.
  await q.query(`select setval('artwork_reconciler.pause_window_id_seq', 100)`);
}

async function untilReleaseIsSettled(q: Queryable): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await q.query(
      `select from artwork_reconciler.audit_entity
       where gid = $1 and status in ('unchecked', 'audit_in_progress', 'repair_queue')`,
      [documentedMbid],
    );
    expect(rows).toHaveLength(0);
  }, patience);
}

/** What `undo 12` takes back. The actions of lines before may have that number, and what they did would have come after it. */
async function dismissForUndo(q: Queryable): Promise<void> {
  await q.query('delete from artwork_reconciler.operator_action where id >= 12');
  await q.query(
    `with recorded as (
       insert into artwork_reconciler.operator_action (id, actor, action, target, after)
       values (12, 'ida', 'dismiss events', 'event 12345', '{"dismissed": [12345]}')
     )
     insert into artwork_reconciler.event_dismissal (event, last_updated, actor)
     select id, last_updated, 'ida' from artwork_indexer.event_queue where id = 12345
     on conflict (event) do update set last_updated = excluded.last_updated, at = now(), actor = 'ida'`,
  );
  await q.query(
    `select setval(pg_get_serial_sequence('artwork_reconciler.operator_action', 'id'), 12)`,
  );
}

async function planBulkAction(q: Queryable): Promise<void> {
  await q.query(
    `insert into artwork_reconciler.bulk_action (id, kind, filter, state, planned_by)
     values ('3f0c1c4e-8a53-4c0b-9d0e-0f5f6c1d2a7b', 'dismiss_events', '{"ids": []}', 'planned', 'ida')
     on conflict (id) do update set state = excluded.state, ended_at = null, stopped_by = null`,
  );
}

async function failEvents(q: Queryable): Promise<void> {
  for (const [id, action] of [
    [12345, 'index'],
    [12346, 'deindex'],
  ] as const) {
    await q.query(
      `insert into artwork_indexer.event_queue (id, entity_type, action, message, state, attempts, created)
       values ($1, 'release', $2::artwork_indexer.event_queue_action, $3, 'failed', 5, now() - interval '1 day')
       on conflict (id) do update set state = 'failed', attempts = 5`,
      [id, action, { gid: documentedMbid }],
    );
  }
  await q.query(
    `insert into artwork_indexer.event_failure_reason (event, failure_reason)
     select 12345, 'PUT mbid-${documentedMbid}/index.json: HTTP 503'
     where not exists (select from artwork_indexer.event_failure_reason where event = 12345)`,
  );
}

/** Of an entity of its own, which is made again: an audit of the one before finds it gone. */
async function writeReview(q: Queryable, id: number, status: 'open' | 'resolved'): Promise<void> {
  const gid = `1d3a4c3e-5b0a-4d7e-9a3b-6f1c2d3e4f${id}`;
  await q.query('delete from artwork_reconciler.audit_entity where gid = $1', [gid]);
  await q.query(
    `with entity as (
       insert into artwork_reconciler.audit_entity (entity_type, gid, status)
       values ('release', $1, $2::artwork_reconciler.audit_entity_status)
       returning id
     )
     insert into artwork_reconciler.needs_manual_review
       (id, audit_entity_id, review_reason, reasons, evidence, status, resolution_notes, resolved_at, resolved_by)
     select $6, id, $3, $4, '{0}', $5::artwork_reconciler.manual_review_status, note, resolved, person
     from entity, (select 'seen to', now(), 'somebody' where $5 = 'resolved'
                   union all select null, null, null where $5 = 'open') as closing (note, resolved, person)`,
    [gid, status === 'open' ? 'manual_review' : 'clean', reason.reason, JSON.stringify([reason]), status, id],
  );
}

const reason = {
  check: 'item.dark',
  reason: 'item.dark: the item: expected public, found dark',
  count: 1,
  evidence: '0',
  examples: [{ subject: 'the item', expected: 'public', found: 'dark' }],
};
