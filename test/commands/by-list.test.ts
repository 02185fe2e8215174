import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { addAuditEntity, audit, entityNow, finding, review, statusOf } from '../database/entities/support.ts';
import { createTestDatabase } from '../support/database.ts';
import { parseLines, runCommand } from './run-command.ts';

const database = await createTestDatabase();
const run = (args: readonly string[], input: string | Iterable<string> = []) =>
  runCommand([...args, ...(args.includes('list') ? [] : ['--actor', 'ida'])], { DATABASE_URL: database.url }, input);

beforeEach(async () => {
  await database.db.query(
    `truncate artwork_reconciler.audit_entity, artwork_reconciler.operator_action, artwork_reconciler.bulk_action,
       artwork_indexer.event_queue cascade`,
  );
});

async function records(): Promise<unknown[]> {
  const { rows } = await database.db.query<object>(
    'select actor, action, target, note from artwork_reconciler.operator_action order by id',
  );
  return rows;
}

interface Told {
  readonly line: number;
  readonly outcome: string;
  readonly reason: string | null;
  readonly mbid: string | null;
}
const told = (outcome: { readonly stdout: string }): unknown[] =>
  parseLines<Told>(outcome as never).map(({ line, outcome: became, reason }) => [line, became, reason]);

async function withReview(): Promise<EntityKey & { readonly id: number }> {
  const entity = await addAuditEntity(database.db);
  await audit(database.db, entity, review(finding('item.dark', 'review')));
  return entity;
}

describe('entities prioritise', () => {
  test('audits what a list names before others: clean ones and new ones too; each line is answered', async () => {
    const { db } = database;
    const clean = await addAuditEntity(db, { status: 'clean', last_audit_at: new Date() });
    const settling = await addAuditEntity(db, { due_at: new Date(Date.now() + 3_600_000), due_cause: 'settling' });
    const verified = await addAuditEntity(db, { priority: 1000 });
    const repaired = await addAuditEntity(db, { status: 'repair_queue' });
    const asked = await withReview();
    const fresh = await addRelease(db, { images: 1 });
    const list = [
      '# nothing',
      `https://musicbrainz.org/release/${clean.gid}`,
      '',
      settling.gid,
      verified.gid,
      repaired.gid,
      asked.gid,
      `release ${fresh.gid}`,
      clean.gid,
      `https://musicbrainz.org/event/${fresh.gid}`,
      randomUUID(),
    ].join('\n');
    const plan = await run(['entities', 'prioritise', '-', '--dry-run', '--json'], list);
    const done = await run(['entities', 'prioritise', '-', '--json', '--note', 'a thread'], list);
    expect(told(done)).toEqual([
      [1, 'refused', expect.stringMatching(/^it is no MBID/)],
      [2, 'prioritised', null],
      [4, 'prioritised', expect.stringMatching(/^due from .* on \(settling\)$/)],
      [5, 'skipped', 'it is due now'],
      [6, 'skipped', 'its repairs are in the queue: it is audited once they have ended'],
      [7, 'prioritised', expect.stringMatching(/^review \d+ stays open until the audit has decided$/)],
      [8, 'prioritised', 'it is new'],
      [9, 'skipped', 'the same as line 2'],
      [10, 'refused', 'it says an event, and its MBID is that of a release'],
      [11, 'refused', 'neither MusicBrainz nor this program knows it'],
    ]);
    expect([plan.code, done.code, told(plan)]).toEqual([1, 1, told(done)]);
    expect(done.stderr).toBe(
      '4 prioritised, 3 skipped, 3 refused\nError: 3 of the list could not be done; the reasons stand above\n',
    );
    expect(plan.stderr).toContain(
      '4 would be prioritised, 3 would be skipped, 3 would be refused; nothing was changed',
    );
    const now = await Promise.all([clean, settling, verified, repaired, asked, fresh].map((key) => entityNow(db, key)));
    expect(now.map(({ status, priority, dueAt }) => [status, priority, dueAt === null])).toEqual([
      ['unchecked', 500, true],
      ['unchecked', 500, false],
      ['unchecked', 1000, true],
      ['repair_queue', 100, true],
      ['unchecked', 500, true],
      ['unchecked', 500, true],
    ]);
    expect(await records()).toEqual([
      { actor: 'ida', action: 'prioritise entities', target: '6 entities', note: 'a thread' },
    ]);
    const { rows } = await db.query(
      `select before->>'status' as status from artwork_reconciler.bulk_action_row where before is not null order by place`,
    );
    expect(rows.map((row) => (row as { status: string | null }).status)).toEqual([
      'clean',
      'unchecked',
      'manual_review',
      null,
    ]);
  });

  test('a dry run adds nothing and changes nothing', async () => {
    const clean = await addAuditEntity(database.db, { status: 'clean' });
    const fresh = await addRelease(database.db, { images: 1 });
    const { stdout, code } = await run(['entities', 'prioritise', clean.gid, fresh.gid, '--dry-run']);
    expect([code, stdout]).toEqual([
      0,
      `line 1: release ${clean.gid}: would be prioritised\nline 2: release ${fresh.gid}: would be prioritised, it is new\n`,
    ]);
    expect(await statusOf(database.db, clean)).toBe('clean');
    const { rows } = await database.db.query('select count(*)::int as count from artwork_reconciler.audit_entity');
    expect([rows, await records()]).toEqual([[{ count: 1 }], []]);
  });

  test('all or nothing: one bad line, and nothing is done', async () => {
    const clean = await addAuditEntity(database.db, { status: 'clean' });
    const mixed = await run(['entities', 'prioritise', '-', '--all-or-nothing'], `${clean.gid}\nThe Wall\n`);
    expect([mixed.code, mixed.stderr]).toEqual([
      1,
      '1 would be prioritised, 1 would be refused\nError: 1 of the list could not be done; nothing was changed, as all or nothing was asked for\n',
    ]);
    expect([await statusOf(database.db, clean), await records()]).toEqual(['clean', []]);
    expect((await run(['entities', 'prioritise', '-', '--all-or-nothing'], clean.gid)).code).toBe(0);
    expect(await statusOf(database.db, clean)).toBe('unchecked');
  });

  test('our own output, from a file: CSV and JSON lines of a list go back in', async () => {
    const { db } = database;
    const entities = [await addAuditEntity(db, { status: 'clean' }), await addAuditEntity(db, { status: 'legacy' })];
    const folder = mkdtempSync(join(tmpdir(), 'list-'));
    try {
      const file = join(folder, 'list.jsonl');
      writeFileSync(file, (await run(['entities', 'list', '--json'])).stdout);
      expect((await run(['entities', 'prioritise', '--file', file])).code).toBe(0);
      expect(await Promise.all(entities.map((key) => statusOf(db, key)))).toEqual(['unchecked', 'unchecked']);
      const missing = await run(['entities', 'prioritise', '--file', join(folder, 'nowhere')]);
      expect([missing.code, missing.stderr]).toEqual([
        1,
        expect.stringMatching(/can't be read: .*nothing was changed/),
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('five thousand, in one go, each once', async () => {
    const { rows } = await database.db.query<{ gid: string }>(
      `insert into artwork_reconciler.audit_entity (entity_type, gid, status)
       select 'release', md5(n::text)::uuid, 'clean' from generate_series(1, 5000) n returning gid::text`,
    );
    const done = await run(
      ['entities', 'prioritise', '-'],
      rows.map(({ gid }) => `${gid}\n`),
    );
    expect([done.code, done.stderr]).toEqual([0, expect.stringMatching(/^5000 prioritised$/m)]);
    const { rows: left } = await database.db.query(
      `select status::text, priority, count(*)::int from artwork_reconciler.audit_entity group by 1, 2`,
    );
    expect(left).toEqual([{ status: 'unchecked', priority: 500, count: 5000 }]);
  }, 120_000);

  test.each([
    [[], /name entities as arguments, `-` for standard input, or a file with --file/],
    [['-', randomUUID()], /`-` goes with no other argument/],
    [['-', '--file', '/dev/null'], /one of them/],
  ])('%j is told apart from a list', async (args, why) => {
    const wrong = await run(['entities', 'prioritise', ...args]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(why)]);
  });
});

describe('entities exclude and include', () => {
  test('leaves entities alone, closes their reviews, and says so; include takes it back', async () => {
    const { db } = database;
    const clean = await addAuditEntity(db, { status: 'clean', last_audit_at: new Date(0) });
    const asked = await withReview();
    const fresh = await addEvent(db, { images: 1 });
    const list = [clean, asked, fresh].map(({ gid }) => gid).join('\n');
    expect(await run(['entities', 'exclude', '-'], list)).toMatchObject({ code: 2 });
    const done = await run(['entities', 'exclude', '-', '--note', 'a test of the label', '--json'], list);
    expect([done.code, told(done)]).toEqual([
      0,
      [
        [1, 'excluded', null],
        [2, 'excluded', expect.stringMatching(/^review \d+ is closed$/)],
        [3, 'excluded', 'it is new'],
      ],
    ]);
    const listed = parseLines(await run(['entities', 'list', '--cause', 'excluded', '--json']));
    expect(listed).toHaveLength(3);
    const { rows } = await db.query(
      'select status::text, resolution_notes, resolved_by from artwork_reconciler.needs_manual_review',
    );
    expect(rows).toEqual([
      { status: 'wont_fix', resolution_notes: 'excluded: a test of the label', resolved_by: 'ida' },
    ]);
    const first = await run(['entities', 'prioritise', '-', '--json'], list);
    expect(told(first)).toEqual(
      [1, 2, 3].map((line): unknown => [
        line,
        'refused',
        expect.stringMatching(/^it is excluded since .* by ida \(a test/),
      ]),
    );
    const again = await run(['entities', 'exclude', clean.gid, '--note', 'twice', '--json']);
    expect(told(again)).toEqual([[1, 'skipped', 'it is excluded already, by ida']]);
    const back = await run(['entities', 'include', '-', '--json'], `${list}\n${randomUUID()}`);
    expect([back.code, told(back).slice(0, 3)]).toEqual([
      1,
      [1, 2, 3].map((line) => [line, 'included', 'it was excluded by ida: a test of the label']),
    ]);
    expect(await Promise.all([clean, asked, fresh].map(async (key) => (await entityNow(db, key)).dueAt))).toEqual([
      null,
      null,
      null,
    ]);
    expect(told(await run(['entities', 'include', clean.gid, '--json']))).toEqual([
      [1, 'skipped', 'it is not excluded'],
    ]);
  });
});

describe('index', () => {
  test('queues an event for each entity of a list, audit entity or not, and none twice', async () => {
    const { db } = database;
    const known = await addAuditEntity(db);
    const [one, other] = [await addRelease(db, { images: 1 }), await addEvent(db, { images: 1 })];
    const list = [known, one, other, one].map(({ gid }) => gid).join('\n');
    const done = await run(['index', '-', '--json'], `${list}\nThe Wall`);
    expect([done.code, told(done)]).toEqual([
      1,
      [
        [1, 'queued', expect.stringMatching(/^event \d+$/)],
        [2, 'queued', expect.stringMatching(/^event \d+$/)],
        [3, 'queued', expect.stringMatching(/^event \d+$/)],
        [4, 'skipped', 'the same as line 2'],
        [5, 'refused', expect.stringMatching(/^it is no MBID/)],
      ],
    ]);
    const { rows } = await db.query(
      `select entity_type::text, message->>'gid' as gid from artwork_indexer.event_queue where state = 'queued' order by id`,
    );
    expect(rows).toHaveLength(3);
    expect(rows).toContainEqual({ entity_type: 'event', gid: other.gid });
    const again = await run(['index', '-', '--entity-type', 'event', '--json'], list);
    expect(told(again)).toEqual([
      [1, 'refused', 'its MBID is that of a release: only MusicBrainz events were asked for'],
      [2, 'refused', 'its MBID is that of a release: only MusicBrainz events were asked for'],
      [3, 'skipped', expect.stringMatching(/^event \d+ is queued already$/)],
      [4, 'refused', 'its MBID is that of a release: only MusicBrainz events were asked for'],
    ]);
  });
});

describe('reviews resolve and wont-fix', () => {
  test('close the open reviews of a list’s entities', async () => {
    const { db } = database;
    const [one, other] = [await withReview(), await withReview()];
    const without = await addAuditEntity(db);
    const done = await run(
      ['reviews', 'resolve', '-', '--note', 'archive staff did', '--json'],
      [one, without].map(({ gid }) => `${gid}\n`),
    );
    expect([done.code, told(done)]).toEqual([
      1,
      [
        [1, 'resolved', null],
        [2, 'refused', 'it has no open review'],
      ],
    ]);
    const left = await run(['reviews', 'wont-fix', '-', '--note', 'as it is'], other.gid);
    expect([left.code, left.stderr]).toEqual([0, '1 closed as won’t fix; its entity is due\n']);
    const { rows } = await db.query(
      'select status::text, resolved_by from artwork_reconciler.needs_manual_review order by id',
    );
    expect(rows).toEqual([
      { status: 'resolved', resolved_by: 'ida' },
      { status: 'wont_fix', resolved_by: 'ida' },
    ]);
    expect(await run(['reviews', 'resolve', '-', '7', '--note', 'x'])).toMatchObject({ code: 2 });
    expect(await run(['reviews', 'reopen', '-'])).toMatchObject({ code: 2 });
  });
});
