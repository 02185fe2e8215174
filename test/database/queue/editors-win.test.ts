import pg from 'pg';
import sql from 'sql-template-tag';
import { wholeList } from '../../support/lists.ts';
import { expect, test } from 'vitest';
import { claimEvent } from '../../../src/database/attempts/claim-event.ts';
import { completeEvent, failAttempt } from '../../../src/database/attempts/end-attempt.ts';
import { failBlocked } from '../../../src/database/attempts/fail-for-good.ts';
import { snoozeEvent } from '../../../src/database/attempts/release-event.ts';
import type { Queryable } from '../../../src/database/connection.ts';
import { lockEvents, transactionWithRetry } from '../../../src/database/locks.ts';
import { eventList } from '../../../src/database/queue/list-events.ts';
import { dismissEvents } from '../../../src/database/queue/dismiss-events.ts';
import { insertRepairs } from '../../../src/database/queue/queue-event.ts';
import { requeueEvents } from '../../../src/database/queue/requeue-events.ts';
import { changeImage, moveImage } from '../../../src/simulator/musicbrainz/changes.ts';
import { createRandom, type Random } from '../../../src/simulator/random.ts';
import { musicbrainzWithTriggers } from '../schema/musicbrainz-with-triggers.ts';
import { A, B, dueIds, index, insertEvent, settings, statesOf, untilBlocked } from './queue.ts';

const musicbrainz = musicbrainzWithTriggers();

/**
 * Milliseconds after which an editor looks whether it waits in a circle, and is ended if so: less than PostgreSQL's 1 s, so
 * that no test takes seconds; more than we ever wait for a lock. Ours would look after 1 s, and so always after it.
 */
const deadlockTimeout = 400;

/** A session of MusicBrainz' own, with no limits and nobody who would begin its transactions again. */
async function editor(): Promise<{ readonly q: Queryable; readonly end: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: musicbrainz.url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`set deadlock_timeout = ${deadlockTimeout}`);
  return {
    q: { query: (sql, values) => client.query(sql, values as unknown[] | undefined) },
    end: () => client.end(),
  };
}

/** As the triggers on MusicBrainz' tables do it. */
const queueIndex = (q: Queryable, gid: string): Promise<unknown> =>
  q.query(`select artwork_reconciler.trigger_queue_index('release', array[$1]::uuid[], '{}')`, [gid]);

test('an editor who needs what we have gets it, where we wait for what the editor has', async () => {
  const { db } = musicbrainz;
  const failed = [
    await insertEvent(db, { ...index(A), state: 'failed' }),
    await insertEvent(db, { ...index(B), state: 'failed' }),
  ];
  const { q, end } = await editor();
  const queue = (gid: string) =>
    q.query(
      `insert into artwork_indexer.event_queue (entity_type, action, message)
       values ('release', 'index', jsonb_build_object('gid', $1::text)) on conflict do nothing`,
      [gid],
    );
  await q.query('begin');
  await queue(B);
  const requeueing = requeueEvents(db, failed, { actor: 'rob' });
  await untilBlocked(db);
  await queue(A);
  await q.query('commit');
  await end();
  const { skipped } = await requeueing;
  expect(skipped.map(({ id }) => id).sort()).toEqual(failed);
  expect(await statesOf(db, failed)).toEqual(['failed', 'failed']);
});

test('an editor waits for no more than 2 s for one of ours that is frozen while it has what the editor needs', async () => {
  const { db } = musicbrainz;
  const id = await insertEvent(db, index(A));
  const { q, end } = await editor();
  let thaw = (): void => undefined;
  const thawed = new Promise<void>((go) => (thaw = go));
  let waits: Promise<unknown> = Promise.resolve();
  const frozen = transactionWithRetry(db, async (tx) => {
    await tx.query(lockEvents(sql`select e.id from artwork_indexer.event_queue e where e.id = ${id}`));
    waits = q.query(`set lock_timeout = '2s'`).then(() => queueIndex(q, A));
    await thawed;
    return tx.query('select');
  });
  try {
    await untilBlocked(db);
    await waits;
  } finally {
    thaw();
    await frozen.catch(() => undefined);
    await end();
  }
});

test(
  'no editor’s transaction is ended because of ours, whatever both do to the same few entities',
  { timeout: 140_000 },
  async () => {
    const seed = process.env.SEED ?? String(Date.now() % 1_000_000);
    process.stderr.write(`SEED=${seed}\n`);
    const random = createRandom(seed);
    const { db } = musicbrainz;
    const made = await musicbrainz.make('release', { A: [8101, 8102], B: [8103], C: [8104] });
    const gids = Object.values(made).map(({ gid }) => gid);
    const images = [8101, 8102, 8103, 8104];
    const { q, end } = await editor();
    const until = performance.now() + 3_000;
    let edits = 0;

    const edit = async (dice: Random): Promise<void> => {
      await q.query('begin');
      for (let left = dice.integer(2, 4); left > 0; left -= 1) {
        const image = dice.pick(images);
        if (dice.chance(0.5)) await moveImage(q, 'release', image, dice.pick(gids));
        else await changeImage(q, 'release', image, { comment: dice.uuid() });
        await q.query('select pg_sleep($1)', [dice.next() / 20]);
      }
      await q.query('commit');
      edits += 1;
    };
    const actor = { actor: 'rob' };
    const listedIds = async (): Promise<number[]> =>
      (await wholeList(db, eventList, { states: ['failed'] })).map(({ id }) => id);
    const work = async (dice: Random): Promise<void> => {
      const [eventId] = dice.shuffle(await dueIds(db));
      if (eventId === undefined) return;
      const holder = { eventId, runId: dice.uuid() };
      if ((await claimEvent(db, { ...holder, workflowId: 'x' }, settings)).kind !== 'claimed') return;
      const end = dice.integer(1, 4);
      if (end === 1) await completeEvent(db, holder, settings);
      else if (end === 2) await snoozeEvent(db, { ...holder, waitSeconds: 0, reason: 'x' }, settings);
      else await failAttempt(db, { ...holder, reason: 'x', permanent: end === 3 }, settings);
    };
    const ours: ((dice: Random) => Promise<unknown>)[] = [
      work,
      work,
      async () => requeueEvents(db, await listedIds(), actor),
      async () => dismissEvents(db, await listedIds(), actor),
      () => failBlocked(db, settings),
      (dice) =>
        transactionWithRetry(db, (tx) =>
          insertRepairs(
            tx,
            dice
              .shuffle(gids)
              .map((gid) => ({ action: 'index', entityType: 'release', message: { gid }, dependsOn: [] })),
          ),
        ),
    ];
    const repeat = async (label: string, step: (dice: Random) => Promise<unknown>): Promise<void> => {
      const dice = random.fork(label);
      while (performance.now() < until) await step(dice);
    };
    await Promise.all([
      repeat('editor', edit),
      ...['one', 'two', 'three'].map((label) => repeat(label, (dice) => dice.pick(ours)(dice))),
    ]).finally(end);
    expect(edits).toBeGreaterThan(0);
  },
);
