import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { filesOf, gidOf } from '../starters/files.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { endExecutables, startExecutable, type Executable } from '../support/executable.ts';
import { startWorkerProcess } from '../support/worker-processes.ts';

// Processes take seconds to start on a busy machine, and a killed worker is noticed half a minute later.
vi.setConfig({ testTimeout: 600_000 });

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: { ...noAudits, AUDIT_QUICK_RETRY_SECONDS: '0.01' } });
});
afterEach(endExecutables);
afterAll(() => deployment.stop());

/** One of the commands that feed, and what it has to come to. */
interface Feed {
  readonly args: readonly string[];
  /** Whoever adds this one is held up. */
  readonly held: string;
  /** Added by the batches before that one. */
  readonly before: number;
  readonly entities: number;
  /** Says that it watches what runs, or continues with it. */
  readonly isBack: RegExp;
}

interface Summary {
  readonly added: number;
  readonly known: number;
}

test('every starter, its command stopped and its worker killed in the middle, continues: nothing is lost, or counted twice', async () => {
  const feeds = [await musicbrainz(), await redirects(), audit2021(), list(), dumps(), await scan()];
  const holdUp = await holdUpAll(feeds.map(({ held }) => held));
  const worker = await startWorkerProcess(deployment);
  const stopped = feeds.map(start);
  const before = feeds.reduce((sum, feed) => sum + feed.before, 0);
  // Each of them is at what is held up then, or will be in a moment: none gets beyond it.
  await vi.waitFor(async () => expect(await entities()).toBe(before), { timeout: 300_000, interval: 50 });

  stopped.forEach((command, n) => command.kill(n % 2 === 0 ? 'SIGINT' : 'SIGKILL'));
  worker.kill('SIGKILL');
  for (const { exit } of [...stopped, worker]) expect((await exit).code).toBeNull();

  await startWorkerProcess(deployment);
  const resumed = feeds.map(start);
  for (const [n, command] of resumed.entries()) await command.untilPrinted(feeds[n]!.isBack);
  expect(await entities()).toBe(before);
  await holdUp.end();
  for (const [n, command] of resumed.entries()) {
    expect({ ...(await command.exit), ...(await summary(command)), args: feeds[n]!.args }).toEqual({
      code: 0,
      signal: null,
      added: feeds[n]!.entities,
      known: 0,
      args: feeds[n]!.args,
    });
  }
  const total = feeds.reduce((sum, feed) => sum + feed.entities, 0);
  expect(await entities()).toBe(total);

  // Once more is harmless.
  const again = feeds.map(start);
  for (const [n, command] of again.entries()) {
    expect(await summary(command)).toEqual({ added: 0, known: feeds[n]!.entities });
  }
  expect(await entities()).toBe(total);
});

function start({ args }: Feed): Executable {
  return startExecutable([...args, '--json', '--config', '/dev/null'], { env: deployment.environment });
}

/** Of the last line that it prints. */
async function summary(executable: Executable): Promise<Summary> {
  const { code } = await executable.exit;
  if (code !== 0) throw new Error(`exit code ${code}: ${executable.stderr()}`);
  const json = JSON.parse(executable.stdout()) as {
    readonly added?: number;
    readonly new?: number;
    readonly known?: number;
    readonly collections?: Record<string, { readonly new: number; readonly known: number }>;
  };
  const counts = json.collections === undefined ? [json] : Object.values(json.collections);
  const sum = (of: (each: Partial<Record<'added' | 'known' | 'new', number>>) => number | undefined): number =>
    counts.reduce((total, each) => total + (of(each) ?? NaN), 0);
  return { added: sum((each) => each.new ?? each.added), known: sum((each) => each.known) };
}

/** Rows of the same keys, not committed: whoever adds one of these waits, in the middle of its batch. */
async function holdUpAll(gids: readonly string[]): Promise<{ end(): Promise<void> }> {
  const client = new pg.Client({ connectionString: deployment.environment['DATABASE_URL'] });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid)
     select type::artwork_indexer.indexable_entity_type, gid::uuid
     from unnest($1::text[]) gid, unnest('{release,event}'::text[]) type`,
    [gids],
  );
  return {
    async end() {
      await client.query('rollback');
      await client.end();
    },
  };
}

async function entities(): Promise<number> {
  const { rows } = await deployment.db.query<{ count: number }>(
    'select count(*)::int as count from artwork_reconciler.audit_entity',
  );
  return rows[0]!.count;
}

/** Three releases, then three events, of which the second is held up. */
async function musicbrainz(): Promise<Feed> {
  const { db } = deployment;
  for (let n = 0; n < 3; n += 1) await addRelease(db, { images: 1 });
  const events = [];
  for (let n = 0; n < 3; n += 1) events.push(await addEvent(db, { images: 1 }));
  return {
    args: ['backfill', 'musicbrainz'],
    held: events[1]!.gid,
    before: 3,
    entities: 6,
    isBack: /3 seen, 3 new, 0 known/,
  };
}

async function redirects(): Promise<Feed> {
  const { db } = deployment;
  const into = await addRelease(db, { images: 0 });
  const { rows } = await db.query<{ gid: string }>(
    `with merged as (
       insert into musicbrainz.release_gid_redirect (gid, new_id)
       select gen_random_uuid(), id from musicbrainz.release, generate_series(1, 3) where gid = $1
     ), deleted as (
       insert into musicbrainz.deleted_entity (gid, data)
       select gen_random_uuid(), '{"entity_type": "release"}' from generate_series(1, 3) returning gid
     )
     select gid::text from deleted order by gid`,
    [into.gid],
  );
  return {
    args: ['backfill', 'redirects'],
    held: rows[1]!.gid,
    before: 3,
    entities: 6,
    isBack: /3 seen, 3 new, 0 known/,
  };
}

/** MBIDs of their own for each feed. Two batches and a half of 2,000. */
const numbers = (from: number, count = 4500): string[] => Array.from({ length: count }, (_, n) => gidOf(from + n));

/** Each is held up at one of its gids, after the first batch. */
function imported([kind, path]: readonly [kind: string, path: string], gids: readonly string[], held: number): Feed {
  return {
    args: ['import', kind, path],
    held: gids[held]!,
    before: 2000,
    entities: gids.length,
    isBack: /continues after record 2000/,
  };
}

function audit2021(): Feed {
  const gids = numbers(100_000);
  const lines = gids.map((gid) => `${gid}\tItem::CAAIndex::Image::order\tFAILED\n`);
  const [path] = filesOf({ 'results_cache.gz': gzipSync(lines.join('')) });
  return imported(['img-129', path!], gids, 3000);
}

function list(): Feed {
  const gids = numbers(200_000);
  const [path] = filesOf({ 'list.txt': gids.map((gid) => `mbid-${gid}\n`).join('') });
  return imported(['items', path!], gids, 3000);
}

function dumps(): Feed {
  const gids = numbers(300_000, 2100);
  // Every item has the archive's own files: an answer that lists none is no answer.
  const files = (gid: string) => [{ name: `mbid-${gid}_meta.xml`, source: 'metadata' }];
  const answer = (gid: string) => JSON.stringify({ metadata: { identifier: `mbid-${gid}` }, files: files(gid) });
  const paths = filesOf(Object.fromEntries(gids.map((gid) => [`dumps/mbid-${gid}.meta.json`, answer(gid)])));
  return imported(['items', join(paths[0]!, '..')], gids, 2050);
}

async function scan(): Promise<Feed> {
  const { simulator } = deployment;
  const gids = numbers(400_000, 250);
  const seed = (gid: string, collection: string): void => {
    const metadata = { collection, mediatype: 'image', noindex: 'true' };
    simulator.archive.seedItem({ identifier: `mbid-${gid}`, metadata, files: [] });
  };
  for (const gid of gids) seed(gid, 'coverartarchive');
  // As many as MusicBrainz has art for: with fewer it would not call itself complete.
  for (const gid of numbers(500_000, 3)) seed(gid, 'eventartarchive');
  simulator.faults.scrapePageLimit = 100;
  return {
    args: ['scan', 'archive'],
    held: gids[150]!,
    before: 100,
    entities: gids.length + 3,
    isBack: /100 of 250 seen, 100 new/,
  };
}
