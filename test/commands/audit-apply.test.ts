import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type PastAudit, readAuditHistory } from '../../src/database/audits/entity-history.ts';
import { beginAudit } from '../../src/database/entities/begin-audit.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { noFaults } from '../../src/simulator/archive/faults.ts';
import { changeIndexImage } from '../../src/simulator/drift/documents.ts';
import { addDrift } from '../../src/simulator/drift/seed-demo.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { entityNow, seedItem } from '../support/audits.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';
import { outcome, startSource } from '../support/run-source.ts';
import { auditingSettings } from '../support/simulator-settings.ts';
import { cli, parseLines, runCommand } from './run-command.ts';

const { db, url } = await createTestDatabase();
let simulator: Simulator;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 1, musicbrainz: db });
  env = {
    ...auditingSettings(simulator, url),
    S3_CAA_ACCESS: 'caa',
    S3_CAA_SECRET: 'secret',
    AUDIT_MODE: 'repair',
  };
});
beforeEach(() => {
  Object.assign(simulator.faults, noFaults());
});
afterAll(async () => {
  expect(simulator.violations()).toEqual([]);
  expect(simulator.archive.lostOriginals()).toEqual([]);
  await simulator.close();
});

async function withOldIndex(): Promise<StoredEntity> {
  const entity = await addRelease(db, { images: 2 });
  await seedItem({ db, simulator }, entity, (plan) =>
    changeIndexImage(plan, 0, (image) => ({ ...image, comment: 'before' })),
  );
  return entity;
}

async function lastAuditOf(key: EntityKey): Promise<PastAudit> {
  return (await readAuditHistory(db, (await entityNow(db, key)).id, { limit: 1 }))[0]!;
}

async function eventsOf({ gid }: EntityKey): Promise<readonly { id: number; action: string; state: string }[]> {
  const { rows } = await db.query<{ id: number; action: string; state: string }>(
    `select id, action::text, state::text from artwork_indexer.event_queue where message->>'gid' = $1 order by id`,
    [gid],
  );
  return rows;
}

test('does what the audit decides, and says which event it queued, of whom', async () => {
  const entity = await withOldIndex();
  const done = await runCommand(['audit', '--apply', '--actor', 'aurelia', entity.gid], env);
  expect([done.code, done.stderr]).toEqual([0, '']);
  const [event, ...others] = await eventsOf(entity);
  expect([event, others]).toMatchObject([{ action: 'index', state: 'queued' }, []]);
  expect(done.stdout).toContain(`  queued\n    1. index {"gid":"${entity.gid}"}, event ${event!.id}\n`);
  expect(await entityNow(db, entity)).toMatchObject({ status: 'repair_queue', claim: null });
  expect(await lastAuditOf(entity)).toMatchObject({ askedBy: 'aurelia', decision: 'repair_queue', workflowId: null });

  // Its repairs are under way: there is nothing to be judged.
  const again = await runCommand(['audit', '--apply', '--json', entity.gid], env);
  expect(again.code).toBe(1);
  expect(parseLines(again)).toEqual([
    { input: entity.gid, error: expect.stringContaining('repairs are still') as string },
  ]);
  expect(await eventsOf(entity)).toEqual([event]);
});

test('records what is in step and what needs a person; --json has the form that it has without it', async () => {
  const inStep = await addRelease(db, { images: 1 });
  await seedItem({ db, simulator }, inStep);
  const [unknown] = await addDrift(db, simulator.archive, 'unknown_test_upload', { entityType: 'event', seed: 1 });
  const done = await runCommand(['audit', '--apply', '--json', '-'], env, `${inStep.gid}\nmbid-${unknown!.gid}\n`);
  const [first, second] = parseLines<Record<string, unknown>>(done);
  expect(first).toEqual({
    entity_type: 'release',
    gid: inStep.gid,
    identity: 'live',
    decision: 'clean',
    reason: null,
    findings: [],
    repairs: [],
    requests: { metadata: 1, ws: 1 },
  });
  // Of what MusicBrainz never had, the item's collection tells the kind.
  expect(second).toMatchObject({ entity_type: 'event', identity: 'unknown', decision: 'manual_review', repairs: [] });
  expect(await entityNow(db, inStep)).toMatchObject({ status: 'clean' });
  expect(await entityNow(db, unknown!)).toMatchObject({ status: 'manual_review' });
});

test('is refused for an entity that somebody has claimed', async () => {
  const entity = await withOldIndex();
  await beginAudit(db, { key: entity, workflowId: 'audit-it', runId: 'another run', how: 'operator' });
  const held = await entityNow(db, entity);
  simulator.resetRequests();
  const refused = await runCommand(['audit', '--apply', entity.gid], env);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('was not audited: it is being audited (audit-it)');
  expect(await entityNow(db, entity)).toEqual(held);
  expect(simulator.requestLog()).toEqual([]);
});

test('in report mode says what it would do, and does nothing; for these alone it does where it is told to', async () => {
  const entity = await withOldIndex();
  const report = { ...env, AUDIT_MODE: 'report' };
  const held = await runCommand(['audit', '--apply', entity.gid], report);
  expect([held.code, held.stdout]).toEqual([1, expect.stringContaining('would queue') as string]);
  expect(held.stderr).toMatch(/Error: the mode is report: this is what would be done, and nothing was; [^\n]*\n$/);
  await expect(entityNow(db, entity)).rejects.toThrow('is no audit entity');

  const byHand = ['--even-in-report-mode', '--actor', 'ida', '--note', 'a first one'];
  const done = await runCommand(['audit', '--apply', ...byHand, entity.gid], report);
  expect([done.code, done.stdout]).toEqual([0, expect.stringContaining(', event ') as string]);
  expect((await entityNow(db, entity)).status).toBe('repair_queue');
  const { rows } = await db.query(
    `select actor, action, note, (after->>'even_in_report_mode')::boolean as even
     from artwork_reconciler.operator_action where target = $1`,
    [`release ${entity.gid}`],
  );
  expect(rows).toEqual([{ actor: 'ida', action: 'audit entity', note: 'a first one', even: true }]);
});

test('releases what cannot be judged, and says so', async () => {
  const entity = await withOldIndex();
  simulator.faults.metadataError = [`mbid-${entity.gid}`];
  const done = await runCommand(['audit', '--apply', '--json', entity.gid], env);
  expect(done.code).toBe(1);
  expect(parseLines(done)).toMatchObject([{ decision: 'not_now', findings: [], repairs: [] }]);
  expect(await entityNow(db, entity)).toMatchObject({ status: 'unchecked', claim: null });
  expect(await eventsOf(entity)).toEqual([]);
});

test('releases what it has in progress when it is stopped, and counts nothing against the entity', async () => {
  const entity = await withOldIndex();
  Object.assign(simulator.faults, { slow: { items: [`mbid-${entity.gid}`] }, slowSeconds: 300 });
  const child = startSource(cli, ['audit', '--apply', '-'], env, `${entity.gid}\n`);
  const ended = outcome(child);
  await vi.waitFor(() => expect(simulator.requestLog().some(({ url }) => url.includes(entity.gid))).toBe(true), {
    ...patience,
    timeout: 120_000,
  });
  expect(await entityNow(db, entity)).toMatchObject({ status: 'audit_in_progress', claim: { workflowId: null } });
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining('released') as string });
  expect(await entityNow(db, entity)).toMatchObject({ status: 'unchecked', claim: null, returns: 0, dueAt: null });
  expect(await lastAuditOf(entity)).toMatchObject({ decision: 'not_now', cause: 'stopped' });
});
