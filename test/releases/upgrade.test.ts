import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { resumeWork } from '../../src/database/brakes/stored-brakes.ts';
import { type Database, openDatabase } from '../../src/database/connection.ts';
import { migrateUp } from '../../src/database/schema/migrate.ts';
import { entityTypes } from '../../src/domain/entity.ts';
import { itemSeedOf, planLiveItems } from '../../src/simulator/drift/item-plan.ts';
import { runCommand } from '../commands/run-command.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { replay, type RunHistory } from '../support/replay.ts';
import { workflowBundlePath } from '../support/workflow-bundle.ts';
import { fromStored } from '../workflows/stored-histories.ts';
import { recordRelease } from './record-release.ts';
import { type ReleasedWorker, startReleasedWorker } from './released-worker.ts';

/*
 * What each release left in mid-work is carried on by the code of today. A release's files are recorded when it is made
 * (record-release.ts), and never again.
 */

vi.setConfig({ testTimeout: 900_000, hookTimeout: 400_000 });

beforeAll(async () => {
  const version = process.env['RECORD_RELEASE'];
  if (version) await recordRelease(version);
});

const stored = (name: string): string => gunzipSync(readFileSync(join(import.meta.dirname, name))).toString('utf8');
const releases = readdirSync(import.meta.dirname).flatMap((name) => /^(.+)\.sql\.gz$/.exec(name)?.[1] ?? []);

/** Rows of the dump by what they are, as far as nothing may be lost of them. */
const kept = {
  audits: 'select id, decision from artwork_reconciler.audit order by id',
  brakes: 'select name, reason from artwork_reconciler.brake order by name',
  done: 'select id, actor, action, target from artwork_reconciler.operator_action order by id',
  events: 'select id from artwork_indexer.event_queue order by id',
  reasons: 'select event, failure_reason from artwork_indexer.event_failure_reason order by event, failure_reason',
  reviews: 'select id, audit_entity_id, review_reason from artwork_reconciler.needs_manual_review order by id',
} as const;

type Kept = Readonly<Record<keyof typeof kept, readonly object[]>>;

async function readKept(db: Database): Promise<Kept> {
  const read = Object.entries(kept).map(async ([what, query]) => [what, (await db.query(query)).rows] as const);
  return Object.fromEntries(await Promise.all(read)) as unknown as Kept;
}

/** Restored, as after an upgrade of the program alone. */
async function restore(version: string): Promise<{ db: Database; url: string }> {
  const { url } = await createEmptyDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(stored(`${version}.sql.gz`));
  } finally {
    await client.end();
  }
  return { url, db: openDatabase({ connectionString: url }) };
}

describe.each(releases)('what release %s left in mid-work', (version) => {
  test('is upgraded beside its own worker, and all of it settles: nothing is lost, nothing is done twice', async () => {
    const { db, url } = await restore(version);
    const before = await readKept(db);
    // Those that were requeued are of MBIDs that nobody has: they fail again.
    const unfinished = await ids(
      db,
      `select id from artwork_indexer.event_queue where state in ('queued', 'running')
         and message->>'gid' in (select gid::text from musicbrainz.release union select gid::text from musicbrainz.event)`,
    );
    const [inProgress] = await ids(
      db,
      `select id from artwork_reconciler.audit_entity where status = 'audit_in_progress'`,
    );
    const [action] = await ids(db, `select id from artwork_reconciler.bulk_action where state = 'running'`);
    // Else it would be no mid-work.
    expect([unfinished.length > 3, inProgress, action, before.reviews.length > 0]).toEqual([
      true,
      expect.anything(),
      expect.anything(),
      true,
    ]);

    const deployment = await startDeployment({
      database: { db, url },
      settings: {
        EVENTS_ATTEMPT_DELAY_SECONDS: '1',
        HOUSEKEEPING_SECONDS: '2',
        HOUSEKEEPING_YOUNG_CLAIM_SECONDS: '0',
        // However long ago the release was.
        AUDIT_RECHECK_DAYS: '100000',
        HOUSEKEEPING_KEEP_AUDIT_DAYS: '100000',
        HOUSEKEEPING_KEEP_COMPLETED_DAYS: '100000',
      },
    });
    let old: ReleasedWorker | undefined;
    try {
      await fillArchive(deployment);
      old = await startReleasedWorker(version, deployment.environment);
      await migrateUp({ connectionString: url });
      await deployment.startWorker();
      // An operator's pause outlives the upgrade.
      const { rows: paused } = await db.query(`select name from artwork_reconciler.brake where name = 'audits_paused'`);
      expect(paused).toEqual([{ name: 'audits_paused' }]);
      await resumeWork(db, { what: 'audits' }, { actor: 'ida' });

      const open = `select id from artwork_indexer.event_queue where state in ('queued', 'running')
        union all select id from artwork_reconciler.audit_entity where status not in ('clean', 'legacy', 'manual_review')
        union all select 0 from artwork_reconciler.bulk_action where state <> 'done'`;
      // Some of it by the old worker, which polls beside the new one; where both have had their turn, it is replaced.
      const patience = { timeout: 300_000, interval: 500 };
      const done = `select event as id from artwork_reconciler.event_attempt where outcome = 'completed'`;
      await vi.waitFor(async () => expect((await ids(db, done)).length).toBeGreaterThan(2), patience);
      const rounds = async (): Promise<number> =>
        (await deployment.temporal.workflow.count(`WorkflowType = 'housekeeping' and ExecutionStatus = 'Completed'`))
          .count;
      const roundsBefore = await rounds();
      await vi.waitFor(async () => expect(await rounds()).toBeGreaterThan(roundsBefore), patience);
      expect(old.isRunning(), old.printed()).toBe(true);
      await old.stop();
      old = undefined;
      await vi.waitFor(async () => expect(await ids(db, open)).toEqual([]), patience);
      const failed = `WorkflowType = 'housekeeping' and ExecutionStatus = 'Failed'`;
      expect((await deployment.temporal.workflow.count(failed)).count).toBe(0);
      const ended = `select id from artwork_indexer.event_queue where state = 'completed' and id = any($1)`;
      expect(await ids(db, ended, [unfinished])).toEqual(unfinished);
      const { brakes: _gone, ...rest } = before;
      const { brakes: _now, ...after } = await readKept(db);
      for (const what of Object.keys(rest) as (keyof typeof rest)[]) {
        expect(after[what], what).toEqual(expect.arrayContaining([...rest[what]]));
      }
    } finally {
      await old?.stop();
      await deployment.stop();
    }
  });

  test('the histories of its workflows are taken up by the workflows of today', async () => {
    const histories = JSON.parse(stored(`${version}.histories.json.gz`), fromStored) as RunHistory[];
    expect(histories.length).toBeGreaterThan(3);
    expect(await replay({ codePath: await workflowBundlePath() }, histories)).toEqual({});
  });

  test('`migrate down` leads back to it, and up again, with all that was there', async () => {
    const { db, url } = await restore(version);
    try {
      const before = await readKept(db);
      const [newest] = await ids(db, 'select max(left(name, 4)::int) as id from artwork_reconciler.migration');
      await migrateUp({ connectionString: url });
      const down = await runCommand(['migrate', 'down', '--to', String(newest), '--force', '--json'], {
        DATABASE_URL: url,
      });
      expect(down.stderr.split('\n').filter((line) => line.startsWith('Lost'))).toEqual([]);
      expect(down.code).toBe(0);
      expect(await readKept(db)).toEqual(before);
      await migrateUp({ connectionString: url });
      expect(await readKept(db)).toEqual(before);
    } finally {
      await db.close();
    }
  });
});

async function ids(db: Database, query: string, values: readonly unknown[] = []): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(query, values);
  return rows.map(({ id }) => id).sort((one, other) => one - other);
}

/** The archive had what MusicBrainz says of those that are audited or mended; the dump has none of it. */
async function fillArchive({ db, simulator }: Deployment): Promise<void> {
  for (const entityType of entityTypes) {
    const { rows } = await db.query<{ gid: string }>(`select gid from musicbrainz.${entityType}`);
    const plans = await planLiveItems(
      db,
      entityType,
      rows.map(({ gid }) => gid),
      () => undefined,
    );
    for (const plan of plans) if (!plan.absent) simulator.archive.seedItem(itemSeedOf(plan));
  }
}

test('every release has its files', () => {
  const changelog = readFileSync(resolve(import.meta.dirname, '../../CHANGELOG.md'), 'utf8');
  const released = [...changelog.matchAll(/^## \[(\d+\.\d+\.\d+)\]/gm)].map(([, version]) => version!);
  expect(releases).toEqual(expect.arrayContaining(released));
});
