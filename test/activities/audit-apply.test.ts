import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { auditAndApply } from '../../src/activities/audit-apply.ts';
import { openDependencies, type Dependencies } from '../../src/activities/dependencies.ts';
import { readConfig } from '../../src/config/config.ts';
import { wontFixReview } from '../../src/database/entity-states/index.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { openReviewOf } from '../dashboard/open-review.ts';
import { entityNow, patience, seedItem } from '../support/audits.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let simulator: Simulator;
beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ seed: 1, musicbrainz: database.db });
});
afterEach(() => vi.useRealTimers());
afterAll(() => database.close());

function dependenciesOf(): Dependencies {
  const { db, url } = database;
  const { urls } = simulator;
  const env = {
    DATABASE_URL: url,
    MUSICBRAINZ_URL: urls.musicbrainz,
    ARCHIVE_URL: urls.archive,
    ARCHIVE_CONTACT: 'test@localhost',
    AUDIT_MODE: 'repair',
  };
  const config = readConfig({ file: '/dev/null', env });
  return openDependencies({ db, config: () => config, run: () => ({ workflowId: null, runId: 'none' }) });
}

const byAurelia = () => ({ actor: 'aurelia', stopped: new AbortController().signal });

test('a review that a person lets stand while the shell audits is let stand by the decision', async () => {
  const { db } = database;
  const dependencies = dependenciesOf();
  const entity = await addRelease(db, { images: 1 });
  await seedItem({ db, simulator }, entity, (plan) => void (plan.dark = true));
  expect(await auditAndApply(dependencies, entity, byAurelia())).toMatchObject({
    audit: { decision: 'manual_review' },
  });
  const reviewId = await openReviewOf(db, (await entityNow(db, entity)).id);

  let looks = 0;
  const clients: Dependencies['clients'] = (options) => {
    const opened = dependencies.clients(options);
    const observe = async (gid: string) => {
      looks += 1;
      if (looks === 1) await wontFixReview(db, { reviewId, actor: 'bertram', note: 'it is to be dark' });
      return opened.reader.observe(gid);
    };
    return { ...opened, reader: { ...opened.reader, observe } };
  };
  expect(await auditAndApply({ ...dependencies, clients }, entity, byAurelia())).toMatchObject({
    audit: { decision: 'clean' },
  });
  expect(looks).toBe(2);
});

test('a shell renews its claim while it works; one that lost its claim all the same changes nothing', async () => {
  const { db } = database;
  const dependencies = dependenciesOf();
  const entity = await addRelease(db, { images: 1 });
  await seedItem({ db, simulator }, entity);
  Object.assign(simulator.faults, { slow: { items: [`mbid-${entity.gid}`], next: 1 }, slowSeconds: 600 });

  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const answer = auditAndApply(dependencies, entity, byAurelia());
  await vi.waitFor(() => expect(simulator.requestLog()).not.toEqual([]), patience);
  const lapses = async (): Promise<number> => {
    const { rows } = await db.query<{ minutes: number }>(
      `select extract(epoch from claim_expires_at - now())::float8 / 60 as minutes
       from artwork_reconciler.audit_entity where gid = $1`,
      [entity.gid],
    );
    return rows[0]!.minutes;
  };
  expect(await lapses()).toBeGreaterThan(9);
  await db.query(`update artwork_reconciler.audit_entity set claim_expires_at = now() + interval '1 minute'`);
  vi.advanceTimersByTime(60_000);
  await vi.waitFor(async () => expect(await lapses()).toBeGreaterThan(9), patience);

  // As housekeeping does with one that lapsed, while the archive's answer is still to come; none will.
  await db.query(
    `update artwork_reconciler.audit_entity
     set status = 'unchecked', claim_run_id = null, claimed_at = null, claimed_by = null, claim_expires_at = null`,
  );
  await simulator.close();
  expect(await answer).toEqual({ refused: expect.stringContaining('its claim was lost') as string });
  expect(await entityNow(db, entity)).toMatchObject({ status: 'unchecked', lastAuditAt: null });
});
