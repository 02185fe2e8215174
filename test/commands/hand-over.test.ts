import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { endHandOvers, handOver as handOverFound, readHandOvers } from '../../src/database/entities/hand-over.ts';
import { resolveReview } from '../../src/database/entities/close-review.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { addAuditEntity, audit, clean, finding, review, statusOf } from '../database/entities/support.ts';
import { seedItem } from '../support/audits.ts';
import { createTestDatabase } from '../support/database.ts';
import { auditingSettings } from '../support/simulator-settings.ts';
import { parseLines, runCommand } from './run-command.ts';

const database = await createTestDatabase();
let simulator: Simulator;
let folder: string;
const run = (args: readonly string[], input = '') =>
  runCommand(
    args,
    {
      ...auditingSettings(simulator, database.url),
      AUDIT_MODE: 'report',
      S3_CAA_ACCESS: 'caa',
      S3_CAA_SECRET: 'secret',
    },
    input,
  );

beforeAll(async () => {
  simulator = await startSimulator({ seed: 1, musicbrainz: database.db });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'handed-over-'));
  await database.db.query(
    'truncate artwork_reconciler.audit_entity, artwork_reconciler.operator_action, artwork_reconciler.bulk_action cascade',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

async function addReview(...checks: string[]) {
  const entity = await addAuditEntity(database.db);
  await audit(database.db, entity, review(...checks.map((check) => finding(check, 'review'))));
  const { rows } = await database.db.query<{ id: number }>(
    'select max(id) as id from artwork_reconciler.needs_manual_review',
  );
  return { ...entity, review: rows[0]!.id };
}
const listed = async (...options: string[]): Promise<number[]> =>
  parseLines<{ id: number }>(await run(['reviews', 'list', '--json', ...options])).map(({ id }) => id);
const handOver = (...args: string[]) =>
  run(['reviews', 'hand-over', ...args, '--to', 'archive_staff', '--ticket', 'IA-17', '--actor', 'ida']);
const records = async () =>
  (
    await database.db.query<object>(
      'select actor, action, target, note from artwork_reconciler.operator_action order by id',
    )
  ).rows;

describe('a review that is handed over', () => {
  test('is out of the list of open ones, which a filter shows; taken back it is in it again', async () => {
    const [one, other] = [await addReview('meta.noindex'), await addReview('item.dark')];
    const dry = await handOver(String(one.review), '--dry-run');
    expect([dry.code, dry.stdout]).toEqual([0, `review ${one.review}: would be handed over\n`]);
    expect(await listed()).toEqual([one.review, other.review]);
    const done = await handOver(String(one.review), '--note', 'they set it');
    expect([done.code, done.stdout]).toEqual([0, `review ${one.review}: handed over\n`]);
    expect([await listed(), await listed('--handed-over', 'only')]).toEqual([[other.review], [one.review]]);
    const [shown] = parseLines(await run(['reviews', 'list', '--json', '--handed-over', 'only']));
    expect(shown).toMatchObject({ status: 'open', handed_over_to: 'archive_staff', ticket: 'IA-17' });
    expect(await records()).toEqual([
      { actor: 'ida', action: 'hand over reviews', target: '1 review', note: 'they set it' },
    ]);
    const again = await handOver(String(one.review));
    expect(again.stdout).toMatch(/skipped: it is handed over to .* by ida \(IA-17\)/);
    const back = await run(['reviews', 'take-back', '-', '--actor', 'ida'], one.gid);
    expect([back.code, back.stdout]).toEqual([
      0,
      expect.stringMatching(/^line 1: release \S+: in the list again, it was handed over to /),
    ]);
    expect(await listed()).toEqual([one.review, other.review]);
    expect((await run(['reviews', 'take-back', String(one.review)])).stdout).toContain('it is not handed over');
  });

  test('is resolved by the audit that finds it gone, and comes back with one that finds something else', async () => {
    const [gone, news, same] = [
      await addReview('meta.noindex'),
      await addReview('meta.noindex'),
      await addReview('meta.noindex'),
    ];
    const list = [gone, news, same].map(({ gid }) => gid).join('\n');
    const done = await run(
      ['reviews', 'hand-over', '-', '--to', 'archive_staff', '--json'],
      `${list}\n${randomUUID()}`,
    );
    expect([done.code, parseLines<{ outcome: string }>(done).map(({ outcome }) => outcome)]).toEqual([
      1,
      ['handed_over', 'handed_over', 'handed_over', 'refused'],
    ]);
    await audit(database.db, gone, clean);
    await audit(database.db, news, review(finding('meta.noindex', 'review'), finding('item.dark', 'review')));
    await audit(database.db, same, review(finding('meta.noindex', 'review')));
    expect([await listed(), await listed('--handed-over', 'only')]).toEqual([[news.review], [same.review]]);
    expect(await listed('--status', 'resolved')).toEqual([gone.review]);
    const { rows } = await database.db.query('select from artwork_reconciler.hand_over');
    expect(rows).toHaveLength(1);
  });

  test('comes back when the time is up, and is audited again; one that a person closes is forgotten', async () => {
    const [late, closed, repaired] = [
      await addReview('meta.noindex'),
      await addReview('meta.noindex'),
      await addReview('meta.noindex'),
    ];
    await handOver('--all', '--check', 'meta.noindex');
    expect(await listed()).toEqual([]);
    await database.db.query(`update artwork_reconciler.audit_entity set status = 'repair_queue' where id = $1`, [
      repaired.id,
    ]);
    await resolveReview(database.db, { reviewId: closed.review, actor: 'ida', note: 'x' });
    expect(await endHandOvers(database.db)).toBe(0);
    await database.db.query(`update artwork_reconciler.hand_over set handed_over_until = now() - interval '1 second'`);
    expect([await endHandOvers(database.db), await endHandOvers(database.db)]).toEqual([2, 0]);
    expect(await listed()).toEqual([late.review, repaired.review]);
    // What is in other hands comes back from there.
    expect([await statusOf(database.db, late), await statusOf(database.db, repaired)]).toEqual([
      'unchecked',
      'repair_queue',
    ]);
  });
});

test('what is handed over again is so again: to whom, since when and for how long it says now', async () => {
  const { db } = database;
  const { id: entityId } = await addAuditEntity(db);
  const found = [{ entityId, checks: ['item.dark'] }];
  const read = async () => (await readHandOvers(db, [entityId])).get(entityId)!;
  await handOverFound(db, found, { to: 'archive_staff', ticket: 'IA-1', days: 1 }, { actor: 'ida' });
  await db.query(`update artwork_reconciler.hand_over set handed_over_at = handed_over_at - interval '5 days'`);
  const before = await read();
  await handOverFound(db, found, { to: 'musicbrainz_editors', days: 30 }, { actor: 'bob', note: 'theirs' });
  const again = await read();
  expect(again).toMatchObject({ to: 'musicbrainz_editors', by: 'bob', ticket: null, note: 'theirs' });
  expect(again.at.getTime() - before.at.getTime()).toBeGreaterThan(4.9 * 86_400_000);
  expect((again.until.getTime() - again.at.getTime()) / 86_400_000).toBeCloseTo(30);
});

describe('export', () => {
  const exported = (...args: string[]) => run(['export', ...args, '--actor', 'ida']);

  test('--mark-handed-over: what is in the file is on no later list, until it is audited to be gone', async () => {
    const { db } = database;
    const one = await addAuditEntity(db);
    await audit(db, one, { ...clean, findings: [finding('meta.noindex', 'report')] });
    const file = join(folder, 'noindex.csv');
    const done = await exported('noindex', '--output', file, '--mark-handed-over', '--ticket', 'IA-18');
    expect([done.code, done.stdout, done.stderr]).toEqual([0, '', expect.stringMatching(/^1 entity, handed over to /)]);
    expect(readFileSync(file, 'utf8')).toContain(one.gid);
    expect((await exported('noindex', '--not-handed-over')).stdout.split('\n')).toHaveLength(2);
    expect((await exported('noindex')).stdout).toContain(one.gid);
    expect(await records()).toEqual([{ actor: 'ida', action: 'hand over list', target: 'noindex', note: null }]);
    expect((await exported('noindex', '--since', '1h')).stdout).toContain(one.gid);
    await db.query(`update artwork_reconciler.audit set decided_at = now() - interval '2 hours'`);
    expect((await exported('noindex', '--since', '1h')).stdout).not.toContain(one.gid);
    await audit(db, one, clean);
    expect((await db.query('select from artwork_reconciler.hand_over')).rows).toEqual([]);
  });

  test('what is handed over hides no review of something else that is found later', async () => {
    const { db } = database;
    const one = await addAuditEntity(db);
    const noindex = finding('meta.noindex', 'report');
    await audit(db, one, { ...clean, findings: [noindex] });
    await exported('noindex', '--output', join(folder, 'noindex.csv'), '--mark-handed-over');
    const dark = review(finding('item.dark', 'review'));
    await audit(db, one, { ...dark, findings: [noindex, ...dark.findings] });
    expect(await listed()).toHaveLength(1);
  });

  test('a file that can’t be written marks nothing, and leaves no part of one', async () => {
    const { db } = database;
    const one = await addAuditEntity(db);
    await audit(db, one, { ...clean, findings: [finding('meta.noindex', 'report')] });
    // Its name is taken by a folder: only the last step fails.
    const file = join(folder, 'taken');
    mkdirSync(join(file, 'inside'), { recursive: true });
    const failed = await exported('noindex', '--output', file, '--mark-handed-over');
    expect([failed.code, existsSync(`${file}.part`)]).toEqual([1, false]);
    expect((await db.query('select from artwork_reconciler.hand_over')).rows).toEqual([]);
    expect(await records()).toEqual([]);
  });

  test('marks nothing that is only printed, or of which it isn’t told to whom', async () => {
    expect(await exported('noindex', '--mark-handed-over')).toMatchObject({ code: 2 });
    const file = join(folder, 'all.csv');
    expect(await exported('--mark-handed-over', '--output', file)).toMatchObject({ code: 2 });
    expect(existsSync(file)).toBe(false);
  });
});

describe('reviews resolve --only-if-gone', () => {
  test('audits each of a list again, resolves those of which nothing is found, and names the others', async () => {
    const { db } = database;
    const mended = await addRelease(db, { images: 1 });
    const dark = await addRelease(db, { images: 1 });
    await seedItem({ db, simulator }, mended, (plan) => void (plan.dark = false));
    await seedItem({ db, simulator }, dark, (plan) => void (plan.dark = true));
    for (const key of [mended, dark]) {
      await audit(
        db,
        await addAuditEntity(db, { key: { entityType: key.entityType, gid: key.gid } }),
        review(finding('item.dark', 'review')),
      );
    }
    const list = `${mended.gid}\n${dark.gid}\nThe Wall\n`;
    const args = [
      'reviews',
      'resolve',
      '-',
      '--only-if-gone',
      '--note',
      'they say it is done',
      '--actor',
      'ida',
      '--json',
    ];
    const said = (outcome: { stdout: string }) =>
      parseLines<{ outcome: string; reason: string | null }>(outcome as never).map(({ outcome: became, reason }) => [
        became,
        reason,
      ]);
    const dry = await run([...args, '--dry-run'], list);
    expect([dry.code, said(dry).map(([became]) => became)]).toEqual([1, ['resolved', 'refused', 'refused']]);
    expect(await records()).toEqual([]);
    // All or nothing: one that is still found, or a line that names nothing, and none is resolved.
    const whole = await run([...args, '--all-or-nothing'], list);
    expect([whole.code, said(whole).map(([became]) => became), whole.stderr]).toEqual([
      1,
      ['refused', 'refused'],
      'Error: 2 of the list could not be done; nothing was changed, as all or nothing was asked for\n',
    ]);
    const otherType = await run([...args, '--entity-type', 'event'], mended.gid);
    expect(said(otherType)).toEqual([['refused', expect.stringContaining('release')]]);
    expect([await records(), await statusOf(db, mended)]).toEqual([[], 'manual_review']);
    const done = await run(args, list);
    expect([done.code, said(done)]).toEqual([
      1,
      [
        ['resolved', expect.stringMatching(/^gone at audit \d+$/)],
        ['refused', 'still found: item.dark'],
        ['refused', expect.stringMatching(/^it is no MBID/)],
      ],
    ]);
    expect(await statusOf(db, mended)).toBe('clean');
    expect(await records()).toMatchObject([{ actor: 'ida', action: 'resolve review', note: 'they say it is done' }]);
    for (const beside of [['17'], ['-', '--check', 'item.dark'], ['-', '--all']]) {
      const wrong = await run(['reviews', 'resolve', ...beside, '--only-if-gone', '--note', 'x']);
      expect([beside, wrong.code]).toEqual([beside, 2]);
    }
  });
});
