import { beforeEach, describe, expect, test } from 'vitest';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { addAuditEntity, audit, finding, review, statusOf } from '../database/entities/support.ts';
import { createTestDatabase } from '../support/database.ts';
import { parseLines, runCommand } from './run-command.ts';

const database = await createTestDatabase();
const run = (args: readonly string[], env = {}) =>
  runCommand(['reviews', ...args], { DATABASE_URL: database.url, ...env });

beforeEach(() =>
  database.db.query('truncate artwork_reconciler.audit_entity, artwork_reconciler.operator_action cascade'),
);

/** An entity with an open review of these checks. */
async function addReview(...checks: string[]): Promise<EntityKey & { readonly review: number }> {
  const { db } = database;
  const entity = await addAuditEntity(db);
  await audit(db, entity, review(...checks.map((check) => finding(check, 'review'))));
  const { rows } = await db.query<{ id: number }>('select max(id) as id from artwork_reconciler.needs_manual_review');
  return { ...entity, review: rows[0]!.id };
}

async function statuses(): Promise<string[]> {
  const { rows } = await database.db.query<{ status: string }>(
    'select status::text from artwork_reconciler.needs_manual_review order by id',
  );
  return rows.map(({ status }) => status);
}

async function actions() {
  const { rows } = await database.db.query<{ action: string }>(
    `select format('%s: %s %s: %s', actor, action, target, coalesce(note, '')) as action
     from artwork_reconciler.operator_action order by id`,
  );
  return rows.map(({ action }) => action);
}

test('what a review is about is named as MusicBrainz names it where something is done to it', async () => {
  const { db } = database;
  const release = await addRelease(db, { name: 'Harbour Songs' });
  await addAuditEntity(db, { key: { entityType: release.entityType, gid: release.gid } });
  await audit(db, release, review(finding('item.dark', 'review')));
  const { rows } = await db.query<{ id: number }>('select max(id) as id from artwork_reconciler.needs_manual_review');
  const { stdout } = await run(['resolve', String(rows[0]!.id), '--note', 'made public']);
  expect(stdout).toContain(`review ${rows[0]!.id} “Harbour Songs, by Nina Simone”: `);
});

test('list: the open ones, the oldest first, page after page; or those that are chosen', async () => {
  const dark = await addReview('item.dark');
  const twice = await addReview('files.image_unique', 'item.dark');
  const text = await run(['list']);
  expect(text.code).toBe(0);
  expect(text.stdout.split('\n')).toEqual([
    expect.stringMatching(
      new RegExp(`^${dark.review}  open  \\d+ \\w+ ago  release ${dark.gid}  item.dark: index.json: expected`),
    ),
    expect.stringMatching(new RegExp(`^${twice.review}  open .* files.image_unique: .* item.dark: `)),
    '',
  ]);
  const page = await run(['list', '--json', '--limit', '1']);
  expect(parseLines<{ id: number }>(page).map(({ id }) => id)).toEqual([dark.review]);
  expect(page.stderr).toBe(`There are more: --after ${dark.review}\n`);
  const rest = await run(['list', '--json', '--limit', '1', '--after', String(dark.review)]);
  expect([parseLines<{ id: number }>(rest).map(({ id }) => id), rest.stderr]).toEqual([[twice.review], '']);
  const unknown = await run(['list', '--after', '999999']);
  expect(unknown).toMatchObject({ code: 2, stdout: '', stderr: 'Error: --after: there is no review 999999\n' });
  const chosen = await run([
    'list',
    '--json',
    '--check',
    'files.image_unique',
    '--reason',
    'INDEX.json',
    '--newer-than',
    '1h',
  ]);
  expect(parseLines(chosen)).toMatchObject([
    {
      id: twice.review,
      mbid: twice.gid,
      status: 'open',
      entity_status: 'manual_review',
      regressed: false,
      audiences: ['musicbrainz_editors', 'operators'],
    },
  ]);
  const none = await run(['list', '--mbid', dark.gid, '--status', 'resolved']);
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'There are none\n' });
});

test('show: each reason with its examples; one that there isn’t is an error', async () => {
  const { review: id, gid } = await addReview('item.dark');
  const { code, stdout, stderr } = await run(['show', String(id), '999999']);
  expect(code).toBe(1);
  expect(stdout).toContain(`review ${id}: open\n  release ${gid}, status: manual review\n`);
  expect(stdout).toContain('    index.json: expected there, found nothing\n');
  expect(stderr).toBe('Error: there is no review 999999\n');
  expect(parseLines(await run(['show', '--json', String(id)]))).toMatchObject([
    { id, reasons: [{ check: 'item.dark', count: 1 }], resolved_by: null },
  ]);
});

test('resolve and reopen: the entity follows, each is recorded, and what can’t be done is named', async () => {
  const entity = await addReview('item.dark');
  const id = String(entity.review);
  const dry = await run(['resolve', id, '--note', 'asked the archive', '--dry-run']);
  expect(dry).toMatchObject({ code: 0, stdout: `review ${id}: would be resolved; its entity is due\n` });
  expect([await statuses(), await actions()]).toEqual([['open'], []]);

  const done = await run(['resolve', id, '--note', 'asked the archive', '--actor', 'ida']);
  expect(done).toMatchObject({
    code: 0,
    stdout: `review ${id}: resolved; its entity is due\n`,
    stderr: '1 resolved\n',
  });
  expect(await statusOf(database.db, entity)).toBe('unchecked');

  const again = await run(['resolve', id, '--note', 'again', '--json']);
  expect(again.code).toBe(1);
  expect(parseLines(again)).toEqual([
    { id: entity.review, outcome: 'refused', reason: expect.stringContaining('is resolved already') as string },
  ]);
  expect(again.stderr).toMatch(/^1 refused\nError: 1 of what was asked for was not done; [^\n]+\n$/);

  expect(await run(['reopen', id, '--actor', 'eve'])).toMatchObject({ code: 0, stdout: `review ${id}: reopened\n` });
  expect(await statusOf(database.db, entity)).toBe('manual_review');
  expect(await actions()).toEqual([
    `ida: resolve review review ${id}: asked the archive`,
    `eve: reopen review review ${id}: `,
  ]);
});

describe('what is not understood ends with exit code 2 and one line', () => {
  test.each([
    [['resolve', '1'], 'say why, with --note'],
    [
      ['wont-fix', '--all', '--note', 'x'],
      '--all takes at least one option that chooses reviews; --status open is all',
    ],
    [['resolve', '--note', 'x'], 'which reviews? Give their ids, or --all'],
    [['resolve', '1', '--check', 'item.dark', '--note', 'x'], 'either the ids of reviews, or --all'],
    [['resolve', '1', '--note', ' '], 'a text that is not empty'],
    [['reopen', 'x'], 'a whole number'],
    [['reopen', '--all', '--status', 'open'], 'resolved, wont_fix'],
    [['list', '--check', 'item.drak'], 'item.exists'],
    [['solve', '1'], 'unknown command'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(args, { DATABASE_URL: 'postgres://127.0.0.1:1/x' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });
});

test('groups: reviews by their reasons, the most common first; the list takes those of one', async () => {
  const [one, other] = [await addReview('item.dark'), await addReview('item.dark')];
  await addReview('files.image_unique');
  const groups = parseLines<{ group: string; count: number }>(await run(['groups', '--json']));
  expect(groups).toMatchObject([
    { count: 2, is_exact: true, checks: ['item.dark'], audiences: ['operators'] },
    { count: 1, is_exact: true, checks: ['files.image_unique'] },
  ]);
  const { group } = groups[0]!;
  expect((await run(['groups'])).stdout).toMatch(
    /^2 {2}item\.dark: .* \(for operators; the oldest \d+ \w+ ago\)\n1 {2}/,
  );
  const listed = parseLines<{ id: number }>(await run(['list', '--json', '--group', group]));
  expect(listed.map(({ id }) => id)).toEqual([one.review, other.review]);
  const none = await run(['groups', '--status', 'wont_fix']);
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'There are none\n' });
});
