import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/database/connection.ts';
import { migrateUp } from '../../src/database/schema/migrate.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { installMusicbrainzFixture } from '../../src/simulator/musicbrainz/seed.ts';
import { insertEvent } from '../database/queue/queue.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { testsNeed } from '../support/needed-programs.ts';
import { patience } from '../support/patience.ts';
import { type Pgbouncer, startPgbouncer } from '../support/pgbouncer.ts';

let postgres: EmbeddedPostgres;
let pgbouncer: Pgbouncer;
let deployment: Deployment;

// A server of its own, since it is restarted; the fixture's statements are many, and go past pgbouncer.
const hasPgbouncer = testsNeed('pgbouncer');
beforeAll(async () => {
  if (!hasPgbouncer) return;
  postgres = await startEmbeddedPostgres({ settings: { fsync: 'off' } });
  await migrateUp({ connectionString: postgres.url });
  const direct = openDatabase({ connectionString: postgres.url });
  await installMusicbrainzFixture(direct).finally(() => direct.close());
  pgbouncer = await startPgbouncer(postgres.url);
  const db = openDatabase({ connectionString: pgbouncer.url });
  deployment = await startDeployment({ database: { db, url: pgbouncer.url }, settings: noAudits });
  await deployment.startWorker();
}, 120_000);
afterAll(async () => {
  await deployment?.stop();
  await pgbouncer?.stop();
  await postgres?.stop();
});

/** Queues `index` for so many new entities of both kinds. */
async function queueMany(count: number): Promise<number[]> {
  const { db } = deployment;
  const ids: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const { gid } = await (n % 5 === 0 ? addEvent(db) : addRelease(db));
    const entityType = n % 5 === 0 ? 'event' : 'release';
    ids.push(await insertEvent(db, { entityType, action: 'index', message: { gid } }));
  }
  return ids;
}

/** Waits until all are completed. A server that is away at the moment of asking is asked again. */
async function expectCompleted(ids: readonly number[]): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await deployment.db.query<{ id: number; state: string; attempts: number }>(
        'select id, state, attempts from artwork_indexer.event_queue where id = any ($1) order by id',
        [ids],
      );
      expect(rows).toEqual(ids.map((id) => ({ id, state: 'completed', attempts: 1 })));
    },
    { timeout: 50_000, interval: 200 },
  );
}

describe('through pgbouncer in transaction mode', () => {
  test('all five actions are carried out, in their order', async () => {
    const { db, simulator } = deployment;
    const [from, to] = [await addRelease(db, { images: 0 }), await addRelease(db)];
    const metadata = { collection: 'coverartarchive', mediatype: 'image', noindex: 'true' };
    const files = [{ name: `mbid-${from.gid}-17.jpg`, content: Buffer.from('the image') }];
    simulator.archive.seedItem({ identifier: `mbid-${from.gid}`, metadata, files });
    const about = { artwork_id: 17, suffix: 'jpg' };
    const ids = await db.transaction(async (tx) => [
      await insertEvent(tx, { action: 'copy_image', message: { ...about, old_gid: from.gid, new_gid: to.gid } }),
      await insertEvent(tx, { action: 'delete_image', message: { ...about, gid: from.gid } }),
      await insertEvent(tx, { action: 'deindex', message: { gid: from.gid } }),
      await insertEvent(tx, { action: 'index', message: { gid: to.gid } }),
      await insertEvent(tx, { action: 'noop', message: {} }),
    ]);
    await expectCompleted(ids);
    const ofItem = (gid: string) =>
      simulator
        .requestLog()
        .filter(({ url, kind }) => url.includes(`/mbid-${gid}/`) && kind !== 'ws')
        .map(({ kind }) => kind);
    expect(ofItem(from.gid)).toEqual(['delete', 'delete']);
    expect(ofItem(to.gid)).toEqual(['copy', 'put', 'put']);
  });

  test('nothing is left behind that belongs to a session', async () => {
    await expectCompleted(await queueMany(5));
    const { rows } = await deployment.db.query<{ left: number }>(
      `select (select count(*) from pg_prepared_statements where name <> '')::int
            + (select count(*) from pg_listening_channels())::int
            + (select count(*) from pg_locks where locktype = 'advisory')::int as left`,
    );
    expect(rows).toEqual([{ left: 0 }]);
  });

  test.each([
    ['pgbouncer', () => pgbouncer.restart()],
    ['PostgreSQL', () => postgres.restart()],
    ['PostgreSQL, as after a crash,', () => postgres.restart('immediate')],
  ])(
    '%s may be restarted in the middle: every event is carried out',
    async (_what, restart) => {
      const { db, simulator } = deployment;
      const before = simulator.requests().put;
      const ids = await queueMany(20);
      await vi.waitFor(() => expect(simulator.requests().put).toBeGreaterThan(before + 6), {
        timeout: 140_000,
        interval: 5,
      });
      await restart();
      await expectCompleted(ids);
      expect((await db.query('select from artwork_reconciler.event_claim')).rowCount).toBe(0);
    },
    90_000,
  );

  test('a database that is away for longer than an attempt tries costs the event nothing', async () => {
    const { simulator, temporal } = deployment;
    // Its request is under way when the database goes, and comes back to none.
    const before = simulator.requestLog().length;
    Object.assign(simulator.faults, { slow: { next: 1, kinds: ['put'] }, slowSeconds: 2 });
    const ids = await queueMany(1);
    const arrived = () =>
      expect(
        simulator
          .requestLog()
          .slice(before)
          .map(({ kind }) => kind),
      ).toEqual(['put']);
    await vi.waitFor(arrived, patience);
    await pgbouncer.restart(async () => {
      const triesAreOver = async (): Promise<void> => {
        const { events } = await temporal.workflow.getHandle(`event-${ids[0]}`).fetchHistory();
        expect(events?.some(({ activityTaskFailedEventAttributes: failed }) => Boolean(failed))).toBe(true);
      };
      await vi.waitFor(triesAreOver, patience);
    });
    await expectCompleted(ids);
    const { rows } = await deployment.db.query<{ outcome: string }>(
      'select outcome from artwork_reconciler.event_attempt where event = $1 order by ended_at',
      [ids[0]],
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['given_back', 'completed']);
  }, 120_000);
});
