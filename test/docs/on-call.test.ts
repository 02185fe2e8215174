import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readAuditHistory } from '../../src/database/audits/entity-history.ts';
import { changeIndexImage } from '../../src/simulator/drift/documents.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { addAuditEntity, audit, finding, review } from '../database/entities/support.ts';
import { auditOf, entityNow, seedItem, untilStatus } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';
import { beginSituation, runLine } from './on-call-lines.ts';
import { documentedMbid } from './sandbox.ts';
import { seedRelease } from './seed.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: { AUDIT_MODE: 'report' } });
  await seedRelease(deployment);
});
afterAll(() => deployment.stop());

const begin = (name: string) => beginSituation(name, () => deployment.environment);
const run = (line: string) => runLine(line, deployment.environment);

const documented = { entityType: 'release', gid: documentedMbid } as const;
async function eventsOf(gid: string): Promise<string[]> {
  const { rows } = await deployment.db.query<{ state: string }>(
    `select state::text from artwork_indexer.event_queue where message->>'gid' = $1 order by id`,
    [gid],
  );
  return rows.map(({ state }) => state);
}
const uploadsTo = ({ gid }: { readonly gid: string }) =>
  deployment.simulator.requestLog().filter(({ method, url }) => method === 'PUT' && url.includes(gid)).length;

/** A release of which index.json is not as it should be. */
async function drifted(change: 'comment' | 'image'): Promise<StoredEntity> {
  const release = await addRelease(deployment.db, { images: 1 });
  await seedItem(deployment, release, (plan) =>
    changeIndexImage(plan, 0, (image) => ({ ...image, [change]: `${image[change]}x` })),
  );
  return release;
}

describe('on call', () => {
  // The first: no worker is there, and carries out what the scene queues.
  test('wrong repairs are queued', async () => {
    const { db } = deployment;
    const { say, left } = begin('Wrong repairs are queued');
    const wrong = [await drifted('image'), await drifted('image')];
    const right = await drifted('comment');
    for (const { gid } of [...wrong, right]) {
      await run(`artwork-reconciler audit ${gid} --apply --even-in-report-mode`);
      expect(await eventsOf(gid)).toEqual(['queued']);
    }
    expect((await say('repairs pause')).stdout).toMatch(/^Repairs are paused since .*; 3 queued or running\n$/);
    await deployment.startWorker();
    await db.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message) values ('release', 'index', $1)`,
      [{ gid: documentedMbid }],
    );
    // Editors' events go on, and what audits queued stays.
    await vi.waitFor(async () => expect(await eventsOf(documentedMbid)).toEqual(['completed']), patience);
    for (const { gid } of [...wrong, right]) expect(await eventsOf(gid)).toEqual(['queued']);

    expect((await say('schedule mode report')).stdout).toMatch(/^The mode is report/);
    const dry = await say('events withdraw --all');
    expect(dry.stdout.match(/would be withdrawn/g)).toHaveLength(2);
    for (const { gid } of wrong) expect(await eventsOf(gid)).toEqual(['queued']);
    expect((await say('events withdraw --all')).stdout.match(/: withdrawn/g)).toHaveLength(2);
    for (const { gid } of wrong) expect(await eventsOf(gid)).toEqual(['failed']);
    expect(await eventsOf(right.gid)).toEqual(['queued']);
    // They are audited again, and nothing is queued for them.
    await vi.waitFor(async () => {
      for (const release of wrong) {
        expect(await entityNow(db, release)).toMatchObject({ status: 'unchecked', dueCause: 'report_mode' });
      }
    }, patience);
    expect((await entityNow(db, right)).status).toBe('repair_queue');

    expect((await say('repairs resume')).stdout).toBe('Repairs are started again\n');
    await untilStatus(db, right, 'clean');
    expect(uploadsTo(right)).toBeGreaterThan(0);
    expect(wrong.map(uploadsTo)).toEqual([0, 0]);
    expect(left).toEqual([]);
  });

  test('first: how far it is, what brakes it, and whether all that it needs answers', async () => {
    const { say, left } = begin('First');
    const status = (await say('status')).stdout;
    expect(status).toMatch(/^mode +report/m);
    expect(status).toMatch(/^ +failed events: 2 not dismissed$|^ +failed events: 0 not dismissed$/m);
    const shown = (await say('schedule show')).stdout;
    expect(shown).toMatch(/^brakes/m);
    expect(shown).not.toContain('paused');
    const checked = (await say('check')).stdout;
    for (const what of ['database', 'Temporal', 'archive']) expect(checked.toLowerCase()).toContain(what.toLowerCase());
    expect(left).toEqual([]);
  });

  test('an uploader complains', async () => {
    const { db } = deployment;
    const { say, left } = begin('An uploader complains: the cover isn’t there, or is the wrong one'.replace('’', "'"));
    const { gid } = await drifted('comment');
    const of = [documentedMbid, gid] as const;
    const before = await eventsOf(gid);
    const audited = await say('audit', of);
    expect(audited.stdout).toContain('index.value');
    expect(await eventsOf(gid)).toEqual(before);
    await say('events list', of);
    await say('index', of);
    await vi.waitFor(async () => expect(await eventsOf(gid)).toEqual([...before, 'completed']), patience);
    // What was uploaded is applied within moments, and then all is well.
    await vi.waitFor(async () => {
      const again = await run(`artwork-reconciler audit ${gid} --json`);
      expect(JSON.parse(again.stdout)).toMatchObject({ decision: 'clean', findings: [] });
    }, patience);
    const { rows } = await db.query(
      `select note from artwork_reconciler.operator_action where action = 'index entity' order by id desc limit 1`,
    );
    expect(rows).toEqual([{ note: 'an uploader asked' }]);
    expect(left).toEqual([]);
  });

  test('the archive announces maintenance', async () => {
    const { db } = deployment;
    const { say, left } = begin('The archive announces maintenance');
    const release = await addRelease(db, { images: 1 });
    await seedItem(deployment, release);
    const set = (await say('schedule pause')).stdout;
    const id = /^Window (\d+): no audits and events, from .*: maintenance of the archive, by /.exec(set)?.[1];
    expect(id).toBeDefined();
    expect((await say('schedule show')).stdout).toContain(`  ${id}: no audits and events, from `);

    // It is 22:30.
    const move = (begins: string, ends: string) =>
      db.query(
        `update artwork_reconciler.pause_window set begins = now() + $2::interval, ends = now() + $3::interval where id = $1`,
        [id, begins, ends],
      );
    await move('-30 minutes', '3 hours 30 minutes');
    expect((await run('artwork-reconciler schedule show')).stdout).toMatch(
      /^ {2}window_audits, since .*: no audits, ends in 3 h/m,
    );
    await vi.waitFor(async () => {
      // A worker looks once a second: one that has not seen the window yet audits as before.
      expect(await auditOf(deployment, release)).toMatchObject({ outcome: 'given_back' });
    }, patience);
    const [last] = await readAuditHistory(db, (await entityNow(db, release)).id, { limit: 1 });
    expect(last).toMatchObject({ decision: 'not_now', cause: 'window' });
    const asked = uploadsTo(documented);
    await run(`artwork-reconciler index mbid-${documentedMbid}`);
    expect((await eventsOf(documentedMbid)).at(-1)).toBe('queued');

    // It is 02:00: all goes on by itself.
    await move('-4 hours', '-1 second');
    await vi.waitFor(async () => expect((await eventsOf(documentedMbid)).at(-1)).toBe('completed'), patience);
    await vi.waitFor(async () => {
      // A worker that still sees the window, for a second, has an audit wait for its end as it was.
      await db.query(`update artwork_reconciler.audit_entity set due_at = now() where due_cause = 'window'`);
      expect((await entityNow(db, release)).status).toBe('clean');
    }, patience);
    expect(uploadsTo(documented)).toBeGreaterThan(asked);
    expect(left).toEqual([]);
  });

  test('too much for people', async () => {
    const { db } = deployment;
    const { say, left } = begin('Too much for people');
    for (let n = 0; n < 2; n++) {
      const entity = await addAuditEntity(db, { key: await addRelease(db, { images: 1 }) });
      await audit(db, entity, review(finding('meta.noindex', 'review')));
    }
    expect((await say('reviews groups')).stdout).toMatch(/2\b.*noindex|noindex.*\b2\b/);
    const handed = await say('reviews hand-over');
    expect(handed.stdout.match(/would be handed over/g)).toHaveLength(2);
    expect((await db.query('select from artwork_reconciler.hand_over')).rowCount).toBe(0);
    expect(left).toEqual([]);
  });

  test('a mistake of one’s own', async () => {
    const { db } = deployment;
    const { say, left } = begin("A mistake of one's own");
    const event = await db.query<{ id: number }>(
      `insert into artwork_indexer.event_queue (entity_type, action, message, state, attempts)
       values ('release', 'index', $1, 'failed', 5) returning id`,
      [{ gid: documentedMbid }],
    );
    const id = String(event.rows[0]!.id);
    await run(`artwork-reconciler events dismiss ${id}`);
    const { rows } = await db.query<{ id: number }>('select max(id) as id from artwork_reconciler.operator_action');
    const action = String(rows[0]!.id);
    expect((await say('undo 12', ['undo 12', `undo ${action}`])).stdout).toBe(`event ${id}: would be undone\n`);
    expect((await db.query('select from artwork_reconciler.event_dismissal where event = $1', [id])).rowCount).toBe(1);
    expect((await run(`artwork-reconciler undo ${action}`)).stdout).toBe(`event ${id}: undone\n`);
    expect((await db.query('select from artwork_reconciler.event_dismissal where event = $1', [id])).rowCount).toBe(0);
    expect(left).toEqual([]);
  });
});
