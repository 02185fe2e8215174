import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { noFaults } from '../../src/simulator/archive/faults.ts';
import { changeIndexImage } from '../../src/simulator/drift/documents.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { darkReview, entityNow, seedItem, unpaced } from '../support/audits.ts';
import { dashboardParts, servicesOf, type Visitor, visitorOf } from '../support/dashboard.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { patience } from '../support/patience.ts';

let deployment: Deployment;
let visitor: Visitor;

beforeAll(async () => {
  deployment = await startDeployment({ settings: { ...unpaced, AUDIT_MODE: 'report' } });
  const { db, temporal, environment } = deployment;
  visitor = visitorOf(
    dashboardParts({ db, temporal: () => Promise.resolve(temporal), settings: servicesOf(environment) }),
  );
});
afterAll(() => deployment.stop());

test('an audit that is asked for is followed from waiting for a worker to its outcome', async () => {
  const release = await addRelease(deployment.db, { images: 1 });
  await seedItem(deployment, release);
  const path = `/entities/release/${release.gid}`;
  await visitor.get(path);
  const asked = await visitor.post(`${path}/audit`, { note: 'is it well?' });
  expect(asked.status).toBe(303);
  const waiting = await visitor.get(asked.location!);
  expect(waiting.body).toContain('waits for a worker');
  // A double click joins the run.
  expect((await visitor.post(`${path}/audit`, {})).location).toBe(asked.location);
  // That one goes by the mode.
  const otherwise = await visitor.post(`${path}/audit`, { even_in_report_mode: '1' });
  expect([otherwise.status, otherwise.body]).toEqual([409, expect.stringContaining('runs already') as string]);
  await deployment.startWorker();
  await vi.waitFor(async () => {
    const { body } = await visitor.get(asked.location!);
    expect(body).toContain('came out');
    expect(body).toContain('is-clean');
  }, patience);
  const { rows } = await deployment.db.query(`select action, target, note from artwork_reconciler.operator_action`);
  expect(rows).toEqual([{ action: 'audit entity', target: `release ${release.gid}`, note: 'is it well?' }]);
});

describe('in report mode', () => {
  async function drifted() {
    const release = await addRelease(deployment.db, { images: 1 });
    await seedItem(deployment, release, (plan) =>
      changeIndexImage(plan, 0, (image) => ({ ...image, comment: 'before' })),
    );
    return release;
  }
  const repairsOf = async ({ gid }: StoredEntity) => {
    const { rows } = await deployment.db.query(
      `select state::text from artwork_indexer.event_queue where message->>'gid' = $1 and action = 'index'`,
      [gid],
    );
    return rows;
  };

  test('an audit goes by it, unless an operator says that this entity is repaired all the same', async () => {
    const [shown, repaired, called] = [await drifted(), await drifted(), await drifted()];
    expect((await visitor.get(`/entities/release/${shown.gid}`)).body).toContain('name="even_in_report_mode"');
    await visitor.post(`/entities/release/${shown.gid}/audit`, {});
    await vi.waitFor(async () => {
      expect((await entityNow(deployment.db, shown)).dueCause).toBe('report_mode');
    }, patience);
    expect(await repairsOf(shown)).toEqual([]);

    await visitor.post(`/entities/release/${repaired.gid}/audit`, { even_in_report_mode: '1', note: 'a first one' });
    const answer = await visitor.call('/api/entities/audit', { entity: called.gid, even_in_report_mode: true });
    expect(answer.status).toBe(200);
    for (const each of [repaired, called]) {
      await vi.waitFor(async () => expect(await repairsOf(each)).toEqual([{ state: 'completed' }]), patience);
    }
    const { rows } = await deployment.db.query(
      `select target, note from artwork_reconciler.operator_action
       where action = 'audit entity' and after @> '{"even_in_report_mode": true}' order by id`,
    );
    expect(rows).toEqual([
      { target: `release ${repaired.gid}`, note: 'a first one' },
      { target: `release ${called.gid}`, note: null },
    ]);
  });
});

test('a run that recorded nothing says why', async () => {
  const { body } = await visitor.get(
    `/entities/release/76df3287-6cda-33eb-8e9a-044b5e15ffdd?followed=${crypto.randomUUID()}`,
  );
  expect(body).toContain('Temporal knows no such run any more');
});

describe('images side by side', () => {
  test('are asked for by their page and not by the entity’s, and what is unknown is shown as such', async () => {
    const release = await addRelease(deployment.db, { images: 2 });
    await seedItem(deployment, release);
    const requests = () => deployment.simulator.requestLog().filter(({ url }) => url.includes(release.gid)).length;
    await visitor.get(`/entities/release/${release.gid}`);
    expect(requests()).toBe(0);
    const { body } = await visitor.get(`/entities/release/${release.gid}/images`);
    expect(requests()).toBe(1);
    for (const { id } of release.images) expect(body).toContain(`Image ${id}.jpg`);
    for (const { id } of release.images) expect(body).toContain(`data-file="mbid-${release.gid}-${id}.jpg"`);
    deployment.simulator.faults.metadataError = 1;
    const untold = (await visitor.get(`/entities/release/${release.gid}/images`)).body;
    Object.assign(deployment.simulator.faults, noFaults());
    expect(untold).toContain('is unknown just now');
    expect(untold).not.toContain('data-file=');
  });

  test('a review’s page comes back with the outcome of the audit it asked for', async () => {
    const { release, id } = await darkReview(deployment, { images: 1 });
    const from = `/reviews/${id}`;
    await visitor.get(from);
    const asked = await visitor.post(`/entities/release/${release.gid}/audit`, { from });
    expect(asked.location).toMatch(new RegExp(`^${from}\\?followed=`));
    await vi.waitFor(async () => expect((await visitor.get(asked.location!)).body).toContain('came out'), patience);
  });
});
