import { beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { audit, addAuditEntity, clean, finding, review } from '../database/entities/support.ts';
import { createTestDatabase } from '../support/database.ts';
import { parseLines, runCommand } from './run-command.ts';

const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';
const other = '00000000-0000-4000-8000-000000000002';

const database = await createTestDatabase();
const run = (args: readonly string[], env = {}) =>
  runCommand(['export', ...args], {
    DATABASE_URL: database.url,
    MUSICBRAINZ_URL: 'https://mb.example/',
    ARCHIVE_URL: 'https://archive.example',
    ...env,
  });

beforeAll(async () => {
  const { db } = database;
  const evil = {
    ...finding('meta.mediatype', 'review'),
    examples: [{ subject: '=cmd', expected: 'image, always', found: 'a\n"b"', policy: 'review' as const }],
  };
  await audit(db, await addAuditEntity(db, { key: { entityType: 'release', gid } }), review(evil));
  await audit(db, await addAuditEntity(db, { key: { entityType: 'event', gid: other } }), {
    ...clean,
    findings: [finding('files.thumbnail', 'report'), finding('meta.noindex', 'report')],
  });
  await audit(db, await addAuditEntity(db), clean);
});

test('without anything said: every entity that was decided about, as CSV with a header', async () => {
  const { code, stdout, stderr } = await run([]);
  expect(code).toBe(0);
  const [header, first, second, third, ...more] = stdout.split('\n');
  expect(header).toBe(
    'entity_type,mbid,musicbrainz_url,archive_url,name,artist,identity,status,priority,decision,mode,audit,decided_at,checks,findings',
  );
  const urls = `https://mb.example/release/${gid},https://archive.example/details/mbid-${gid}`;
  expect(first).toMatch(
    new RegExp(
      `^release,${gid},${urls},,,live,manual_review,100,manual_review,repair,\\d+,[-0-9T:.]+Z,meta.mediatype,` +
        '"meta.mediatype: =cmd: expected image, always, found a ""b"""$',
    ),
  );
  expect(second).toMatch(new RegExp(`^event,${other},.*,clean,100,clean,repair,.*,"files.thumbnail; meta.noindex",`));
  expect([third?.split(',').slice(-3, -2), more]).toEqual([[expect.stringMatching(/Z$/)], ['']]);
  expect(stderr).toBe('3 entities\n');
});

test('JSON lines have everything', async () => {
  const outcome = await run([
    '--check',
    'meta.noindex',
    'meta.mediatype',
    '--format',
    'json',
    '--entity-type',
    'event',
  ]);
  expect(outcome.code).toBe(0);
  expect(parseLines(outcome)).toEqual([
    expect.objectContaining({
      entity_type: 'event',
      mbid: other,
      status: 'clean',
      decision: 'clean',
      findings: [expect.objectContaining({ check: 'meta.noindex', policy: 'report', count: 1 })],
    }),
  ]);
});

test.each([
  ['thumbnails', other, 'files.thumbnail', 'derive the item again: it lacks there'],
  ['noindex', other, 'meta.noindex', 'set noindex to there (now: nothing)'],
  ['mediatype', gid, 'meta.mediatype', 'set mediatype to image, always (now: a "b")'],
])('the list for the archive’s staff %s, in the form of 2021, with what to do', async (list, mbid, check, toDo) => {
  const { code, stdout } = await run([list, '--format', 'tsv']);
  const type = mbid === gid ? 'release' : 'event';
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `${mbid}\thttps://mb.example/${type}/${mbid}\thttps://archive.example/details/mbid-${mbid}\t${check}; ${toDo}\n`,
  });
});

test('the same as CSV: item and what to do come first', async () => {
  const [header, line] = (await run(['noindex'])).stdout.split('\n');
  expect(header).toMatch(/^identifier,to_do,entity_type,mbid,/);
  expect(line).toMatch(new RegExp(`^mbid-${other},set noindex to there \\(now: nothing\\),event,${other},`));
});

test('what an audience can act on', async () => {
  expect(
    (await run(['--audience', 'archive_staff', '--format', 'tsv'])).stdout
      .split('\n')
      .map((line) => line.split('\t')[3]),
  ).toEqual(['meta.mediatype', 'files.thumbnail; meta.noindex', undefined]);
});

test('a list that nothing is on is no failure', async () => {
  expect(await run(['purge', '--format', 'tsv'])).toMatchObject({ code: 0, stdout: '', stderr: '0 entities\n' });
});

describe('what is not understood ends with exit code 2 and one line', () => {
  test.each([
    [['thumbs'], 'thumbnails, stray_thumbnails, collection, mediatype, noindex, purge'],
    [['--check', 'meta.nonindex'], 'Allowed choices are item.exists'],
    [['purge', '--check', 'item.dark'], 'has its own check'],
    [['purge', '--audience', 'operators'], 'leave --audience'],
    [['--decision', 'not_now'], 'clean, repair_queue, manual_review, legacy'],
    [['--status', 'dirty'], 'unchecked'],
    [['--format', 'xml'], 'csv, json, tsv'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(args, { DATABASE_URL: 'postgres://127.0.0.1:1/x' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });
});

test('a database that nobody answers for: exit code 1, one line, and no list that looks whole', async () => {
  const outcome = await run([], { DATABASE_URL: `postgres://127.0.0.1:${await findFreePort()}/x` });
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
  expect(outcome.stderr).toMatch(/^Error: The database x at [^\n]+\n$/);
});
