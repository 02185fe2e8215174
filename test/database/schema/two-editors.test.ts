import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { installTriggers } from '../../../src/database/schema/triggers.ts';
import { addEntity } from '../../../src/simulator/musicbrainz/builders.ts';
import { createRandom, type Random } from '../../../src/simulator/random.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { untilBlocked } from '../queue/queue.ts';

/** How the triggers of artwork-indexer queue an `index`, and so what they lock: only what they insert. */
const otherTriggers = `
  create function public.queue_index() returns trigger language plpgsql as $$
  begin
    insert into artwork_indexer.event_queue (entity_type, action, message)
    select 'release', 'index', jsonb_build_object('gid', gid) from musicbrainz.release where id = new.release
    on conflict do nothing;
    return null;
  end
  $$;
  create trigger queue_index after update on cover_art_archive.cover_art
    for each row execute function public.queue_index()`;

const gids = ['a', 'b', 'c'].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`);
/** Of each release one for each editor: so they meet in the queue only. */
const imageOf = (release: number, editor: number): number => 9000 + 10 * release + editor;

const [ours, theirs] = [await createTestDatabase(), await createTestDatabase()];
beforeAll(async () => {
  await installTriggers(ours.db);
  await theirs.db.query(otherTriggers);
  for (const { db } of [ours, theirs]) {
    for (const [release, gid] of gids.entries()) {
      const images = [0, 1].map((editor) => ({ id: imageOf(release, editor) }));
      await addEntity(db, { entityType: 'release', gid }, { images });
    }
  }
});

/** A session of MusicBrainz' own. It looks for deadlocks soon, so that no test takes seconds. */
async function editor({ url }: TestDatabase): Promise<{ readonly client: pg.Client; readonly pid: number }> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('set deadlock_timeout = 10');
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return { client, pid: rows[0]!.pid };
}

/** Which releases are queued before, and what two editors change, statement by statement in this order. */
interface Schedule {
  readonly queued: readonly string[];
  readonly steps: readonly { readonly editor: number; readonly release: number }[];
}

function schedule(dice: Random): Schedule {
  const steps = [0, 1].flatMap((editor) =>
    [dice.integer(0, 2), dice.integer(0, 2), dice.integer(0, 2)].map((release) => ({ editor, release })),
  );
  return { queued: gids.filter(() => dice.chance(0.6)), steps: dice.shuffle(steps) };
}

/**
 * Lets both editors do what the schedule says, each in one transaction; who is blocked continues once it is not any more.
 *
 * @returns how many were ended because of a deadlock
 */
async function play(database: TestDatabase, { queued, steps }: Schedule): Promise<number> {
  const { db } = database;
  await db.query('delete from artwork_indexer.event_queue');
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message)
     select 'release', 'index', jsonb_build_object('gid', gid) from unnest($1::text[]) as gid`,
    [queued],
  );
  const editors = [await editor(database), await editor(database)];
  let deadlocks = 0;
  const isBlocked = async (pid: number): Promise<boolean> => {
    const { rowCount } = await db.query('select where cardinality(pg_blocking_pids($1)) > 0', [pid]);
    return rowCount === 1;
  };
  const left = editors.map((_, number) => steps.filter((step) => step.editor === number).length);
  const done = await Promise.all(editors.map(({ client }) => client.query('begin')));
  const tails: Promise<unknown>[] = done.map((begun) => Promise.resolve(begun));
  for (const { editor: number, release } of steps) {
    const { client, pid } = editors[number]!;
    const change = `update cover_art_archive.cover_art set comment = comment || '.' where id = ${imageOf(release, number)}`;
    let over = false;
    tails[number] = tails[number]!.then(() => client.query(change))
      .then(async () => {
        if ((left[number]! -= 1) === 0) await client.query('commit');
      })
      .catch(async (error: { code?: string }) => {
        if (error.code === '40P01') deadlocks += 1;
        await client.query('rollback');
      })
      .finally(() => (over = true));
    while (!over && !(await isBlocked(pid)));
  }
  await Promise.all(tails);
  await Promise.all(editors.map(({ client }) => client.end()));
  return deadlocks;
}

test(
  'two editors wait for each other in no circle in which they would not with artwork-indexer’s triggers',
  { timeout: 140_000 },
  async () => {
    const seed = process.env.SEED ?? String(Date.now() % 1_000_000);
    process.stderr.write(`SEED=${seed}\n`);
    const random = createRandom(seed);
    for (let round = 1; round <= 12; round += 1) {
      const played = schedule(random.fork(String(round)));
      if ((await play(ours, played)) > 0) expect(await play(theirs, played), JSON.stringify(played)).toBeGreaterThan(0);
    }
  },
);

test.each([
  ['index', `trigger_queue_index('release', array[$1]::uuid[], '{}')`],
  ['deindex', `trigger_queue_deindex('release', $1::uuid, '{}')`],
  [
    'event about an image',
    `trigger_queue_image_event('release', 'delete_image', jsonb_build_object('artwork_id', 1, 'gid', $1::text), '{}')`,
  ],
])('an %s that is queued already is had by two editors at once, and by no worker', async (_what, call) => {
  const { db } = ours;
  await db.query('delete from artwork_indexer.event_queue');
  const [A, B] = gids;
  const queue = (client: Pick<pg.Client, 'query'>, gid?: string) =>
    client.query(`select artwork_reconciler.${call}`, [gid]);
  const [one, other] = [await editor(ours), await editor(ours)];
  await queue(one.client, A);
  await queue(one.client, B);
  await one.client.query('begin');
  await other.client.query('begin');
  await queue(one.client, A);
  await queue(other.client, B);
  await other.client.query(`set local lock_timeout = 100`);
  await queue(other.client, A);
  await queue(one.client, B);
  const takeable = await db.query('select from artwork_indexer.event_queue for update skip locked');
  expect(takeable.rowCount).toBe(0);
  // A worker's update is no claim: it waits, or whoever works would read MusicBrainz as it was.
  const taken = db.query('select from artwork_indexer.event_queue for update');
  await untilBlocked(db);
  await one.client.query('commit');
  await other.client.query('commit');
  expect((await taken).rowCount).toBe(2);
  await Promise.all([one.client.end(), other.client.end()]);
});
