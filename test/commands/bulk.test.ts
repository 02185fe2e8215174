import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { A, B, deletion, emptyQueue, index, insertEvent, insertEvents, statesOf } from '../database/queue/queue.ts';
import { addAuditEntity, audit, finding, review } from '../database/entities/support.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { patience } from '../support/patience.ts';
import { outcome as outcomeOf, startSource } from '../support/run-source.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { cli, parseLines, runCommand } from './run-command.ts';

vi.setConfig({ testTimeout: 300_000 });

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({
    settings: { ...noAudits, EVENTS_ENABLED: 'false', BULK_ROWS: '2', HOUSEKEEPING_SECONDS: '1' },
  });
  await deployment.startWorker();
});
afterAll(() => deployment.stop());
beforeEach(async () => {
  const { db } = deployment;
  await emptyQueue(db);
  await emptyTables(db, 'artwork_reconciler.audit_entity', 'artwork_reconciler.bulk_action');
  await db.query('delete from artwork_reconciler.operator_action');
});

const configured = ['--config', '/dev/null'];
const run = (args: readonly string[], env = {}) =>
  runCommand([...args, ...configured], { ...deployment.environment, ...env });
const failed = { state: 'failed', attempts: 5 } as const;
/** What standard error ends with: on a busy machine it is said before how far the action is. */
const ends = (line: string) => expect.stringMatching(new RegExp(`(^|\\n)${line}\\n$`)) as string;
const lineOf = (words: string) => new RegExp(`(^|\\n)Error: [^\\n]*${words}[^\\n]*\\n$`);

async function failedFor(id: number, reason: string): Promise<void> {
  await deployment.db.query(
    'insert into artwork_indexer.event_failure_reason (event, failure_reason) values ($1, $2)',
    [id, reason],
  );
}
async function records(): Promise<string[]> {
  const { rows } = await deployment.db.query<{ record: string }>(
    `select format('%s: %s %s: %s', actor, action, target, coalesce(note, '')) as record
     from artwork_reconciler.operator_action order by id`,
  );
  return rows.map(({ record }) => record);
}
/** The id that a command says of what continues. */
const idIn = (text: string): string => /bulk action ([0-9a-f-]{36})/.exec(text)![1]!;

test('what an event is about is named as MusicBrainz names it, where it is shown and where something is done to it', async () => {
  const { db } = deployment;
  const release = await addRelease(db, { name: 'Harbour\nSongs' });
  const parent = await insertEvent(db, { ...index(release.gid), state: 'failed', attempts: 5 });
  const event = await insertEvent(db, { ...deletion(3, release.gid), ...failed, dependsOn: [parent] });
  const name = '“Harbour Songs, by Nina Simone”';
  const shown = (await run(['events', 'show', String(parent)])).stdout;
  expect(shown).toContain(`  release index ${release.gid} ${name}\n`);
  expect(shown).toContain(`  waited for by event ${event} (failed): delete_image ${release.gid} image 3.jpg ${name}\n`);
  expect((await run(['events', 'dismiss', String(parent)])).stdout).toBe(`event ${parent} ${name}: dismissed\n`);
  const all = ['events', 'requeue', '--all', '--state', 'failed', '--dismissed', 'shown', '--dry-run'];
  expect((await run(all)).stdout).toContain(`event ${parent} ${name}: would be queued again\n`);
});

test('events requeue --all: everything that the options choose and nothing else, each named, in one record', async () => {
  const { db } = deployment;
  const slow = await insertEvents(
    db,
    Array.from({ length: 5 }, () => failed),
  );
  for (const id of slow) await failedFor(id, 'timed out');
  const along = await insertEvent(db, { ...failed, dependsOn: [slow[0]!] });
  const gone = await insertEvent(db, failed);
  const args = ['events', 'requeue', '--all', '--reason', 'timed out', '--actor', 'ida', '--note', 'they are back'];

  const trial = await run([...args, '--dry-run']);
  expect(trial).toMatchObject({ code: 0, stderr: ends('6 would be requeued; nothing was changed') });
  expect(trial.stdout).toContain(`event ${slow[4]}: would be queued again\n`);
  expect(await run(['bulk', 'list'])).toMatchObject({ code: 0, stdout: '', stderr: 'There are none\n' });
  expect(new Set(await statesOf(db, slow))).toEqual(new Set(['failed']));

  const done = await run(args);
  expect(done).toMatchObject({ code: 0, stderr: ends('6 requeued') });
  expect(done.stdout.split('\n')).toEqual([
    ...slow.map((id) => `event ${id}: queued again`),
    `event ${along}: queued again, along with what it depends on`,
    '',
  ]);
  expect(await statesOf(db, [...slow, along, gone])).toEqual([...Array<string>(6).fill('queued'), 'failed']);
  expect(await records()).toEqual(['ida: requeue events 6 events: they are back']);
  expect(await run(args)).toMatchObject({ code: 0, stdout: '', stderr: ends('There are none') });
});

test('events requeue --all --state queued: rows that somebody’s SQL queued without an attempt left', async () => {
  const { db } = deployment;
  const [stuck, fresh] = await insertEvents(db, [
    { ...index(A), state: 'queued', attempts: 5 },
    { ...index(B), state: 'queued', attempts: 0 },
  ]);
  const done = await run(['events', 'requeue', '--all', '--state', 'queued', '--json']);
  expect(parseLines(done)).toEqual([{ id: stuck, outcome: 'requeued', along: false }]);
  const { rows } = await db.query('select attempts from artwork_indexer.event_queue where id = any ($1) order by id', [
    [stuck, fresh],
  ]);
  expect(rows).toEqual([{ attempts: 0 }, { attempts: 0 }]);
});

test('more ids than a batch has are a bulk action, too: what is refused is named, and the exit code is 1', async () => {
  const { db } = deployment;
  const ids = await insertEvents(db, [failed, failed, index(A)]);
  const done = await run(['events', 'dismiss', ...ids.map(String), '--json']);
  expect(done.code).toBe(1);
  expect(parseLines(done)).toEqual([
    { id: ids[0], outcome: 'dismissed' },
    { id: ids[1], outcome: 'dismissed' },
    { id: ids[2], outcome: 'refused', reason: 'it is queued' },
  ]);
  expect(parseLines(await run(['bulk', 'list', '--json']))).toMatchObject([
    { kind: 'dismiss_events', state: 'done', rows: 3, outcome: { done: 2, skipped: 0, refused: 1 } },
  ]);
});

test('reviews wont-fix --all: all that the filter matches, and no others', async () => {
  const { db } = deployment;
  for (const check of ['item.dark', 'item.dark', 'files.image_unique', 'item.dark']) {
    await audit(db, await addAuditEntity(db), review(finding(check, 'review')));
  }
  const statuses = async () => {
    const { rows } = await db.query<{ status: string }>(
      'select status::text from artwork_reconciler.needs_manual_review order by id',
    );
    return rows.map(({ status }) => status);
  };
  const args = ['reviews', 'wont-fix', '--all', '--check', 'item.dark', '--note', 'dark on purpose', '--actor', 'ida'];
  const dry = await run([...args, '--dry-run', '--json']);
  expect(parseLines(dry)).toMatchObject([1, 2, 3].map(() => ({ outcome: 'wont_fix', dry_run: true })));
  expect(dry.stderr).toEqual(ends('3 would be wont fix; nothing was changed'));
  expect(await statuses()).toEqual(['open', 'open', 'open', 'open']);
  expect(await run(args)).toMatchObject({ code: 0, stderr: ends('3 wont fix') });
  expect(await statuses()).toEqual(['wont_fix', 'wont_fix', 'open', 'wont_fix']);
  expect(await records()).toEqual(['ida: wont fix reviews 3 reviews: dark on purpose']);
  expect(await run(args)).toMatchObject({ code: 0, stdout: '', stderr: ends('There are none') });
});

test('where no worker is running the command says so in a line and ends; it begins with the first one', async () => {
  const { db } = deployment;
  const ids = await insertEvents(db, [failed, failed, failed]);
  const { namespace } = await createTestNamespace();
  const args = ['events', 'requeue', '--all', '--state', 'failed', '--actor', 'ida'];
  const nobody = await run(args, { TEMPORAL_NAMESPACE: namespace });
  expect([nobody.code, nobody.stdout]).toEqual([1, '']);
  expect(nobody.stderr).toMatch(
    lineOf('no worker is running: bulk action [0-9a-f-]{36} is confirmed and waits for one'),
  );
  const id = idIn(nobody.stderr);
  // The deployment’s own workers look every second for what nobody works on.
  const followed = await run(['bulk', 'follow', id]);
  expect(followed.code).toBe(0);
  expect(followed.stdout).toContain(
    `bulk action ${id}: requeue events\n  done, of 3 rows 3 done, 0 skipped, 0 refused\n`,
  );
  expect(await statesOf(db, ids)).toEqual(['queued', 'queued', 'queued']);
  // Between the two a second may go by.
  const withoutAges = (text: string) => text.replaceAll(/ \(\d+ \w+ ago\)/g, '');
  expect(withoutAges((await run(['bulk', 'show', id])).stdout)).toBe(withoutAges(followed.stdout));
  expect(await run(['bulk', 'stop', id])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(lineOf('done already')) as string,
  });
});

test('where Temporal can’t be reached it is confirmed all the same, and the command says so', async () => {
  const ids = await insertEvents(deployment.db, [failed]);
  const address = `127.0.0.1:${await findFreePort()}`;
  const args = ['events', 'dismiss', '--all', '--state', 'failed'];
  const alone = await run(args, { TEMPORAL_ADDRESS: address });
  expect(alone.code).toBe(1);
  expect(alone.stderr).toMatch(lineOf(`as Temporal at ${address} can't be reached: .*: bulk action .* is confirmed`));
  await vi.waitFor(
    async () => expect(parseLines(await run(['bulk', 'list', '--json']))).toMatchObject([{ state: 'done' }]),
    patience,
  );
  expect(await statesOf(deployment.db, ids)).toEqual(['failed']);
});

test('Ctrl-C ends the command and not the action: how to see and to stop it is said; one that is stopped says by whom', async () => {
  const { db } = deployment;
  const ids = await insertEvents(db, [failed, failed, failed]);
  const dismiss = ['events', 'dismiss', '--all', '--state', 'failed', '--actor', 'ida'];
  const unfinished = () =>
    vi.waitFor(async () => {
      const { rows } = await db.query<{ id: string }>(
        `select id from artwork_reconciler.bulk_action where state = 'running' and fault is not null`,
      );
      expect(rows).toHaveLength(1);
      return rows[0]!.id;
    }, patience);
  // Its batches fail for as long as that is there.
  await db.query('alter table artwork_reconciler.event_dismissal add constraint refuses_all check (false) not valid');
  try {
    const watched = startSource(cli, [...dismiss, ...configured], deployment.environment);
    const ended = outcomeOf(watched);
    const id = await unfinished();
    watched.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toContain(`Error: interrupted: bulk action ${id} continues in the workers; `);
    expect(stderr).toContain(`\`artwork-reconciler bulk stop ${id}\` stops it\n`);
    expect((await run(['bulk', 'show', id])).stdout).toMatch(
      /running, of 3 rows 0 done[^]*the last batch failed and is tried/,
    );
    expect(await run(['bulk', 'stop', id, '--actor', 'eve'])).toMatchObject({
      code: 0,
      stdout: `bulk action ${id}: stopped, of 3 rows 0 done, 0 skipped, 0 refused\n`,
    });

    const again = run(dismiss);
    const next = await unfinished();
    await run(['bulk', 'stop', next, '--actor', 'eve']);
    const stopped = await again;
    expect([stopped.code, stopped.stdout]).toEqual([1, '']);
    expect(stopped.stderr).toContain(`Error: bulk action ${next} was stopped by eve: the rest is left as it was\n`);
  } finally {
    await db.query('alter table artwork_reconciler.event_dismissal drop constraint refuses_all');
  }
  expect(await statesOf(db, ids)).toEqual(['failed', 'failed', 'failed']);
  const { rows } = await db.query('select from artwork_reconciler.event_dismissal');
  expect(rows).toEqual([]);
});

test.each([
  [['bulk', 'show', 'nonsense'], 2, 'It takes the id of a bulk action'],
  [['bulk', 'show', '00000000-0000-4000-8000-000000000000'], 1, 'there is no bulk action'],
  [['bulk', 'stop', '00000000-0000-4000-8000-000000000000'], 1, 'there is no bulk action'],
])('%j ends with exit code %i', async (args, code, words) => {
  const ended = await run(args);
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(words)]);
});
