import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { type AuditSteps, createAuditSteps, decidingAtOnce } from '../../src/activities/audit-steps.ts';
import { openDependencies } from '../../src/activities/dependencies.ts';
import type { ArchiveSteps, AuditBeginning, Evidence, ObservedAudit } from '../../src/audit/steps.ts';
import { readConfig } from '../../src/config/config.ts';
import { readDecisionBasis } from '../../src/database/audits/decision-basis.ts';
import { listContents } from '../../src/domain/decision/image-lists.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { addAuditEntity, audit, clean, entityNow, eventsOf, finding, review } from '../database/entities/support.ts';
import { createTestDatabase } from '../support/database.ts';

/* What the short steps of an audit make of what was gathered, and what they leave in the database. */

const { db, url } = await createTestDatabase();
beforeEach(() =>
  db.query(
    `truncate artwork_reconciler.audit_entity, artwork_reconciler.brake, artwork_reconciler.web_service_disagreement,
       artwork_indexer.event_queue cascade`,
  ),
);

/** The steps of one run. */
function stepsOf(settings: Readonly<Record<string, string>> = {}): AuditSteps {
  const runId = randomUUID();
  const env = { DATABASE_URL: url, ARCHIVE_CONTACT: 'test@localhost', AUDIT_MODE: 'repair', ...settings };
  const config = readConfig({ file: '/dev/null', env });
  return createAuditSteps(openDependencies({ db, config: () => config, run: () => ({ workflowId: 'audit', runId }) }));
}

async function begin(steps: AuditSteps, key: EntityKey) {
  const begun = await steps.beginAudit({ entityType: key.entityType, gid: key.gid, how: 'operator' });
  if (begun.kind === 'refused') throw new Error(begun.reason);
  return begun;
}

/** What was gathered of an entity: nothing is wrong with it, unless a test says so. */
async function evidenceOf(
  key: EntityKey,
  { findings = [], tasks = 'not_asked', ...more }: Partial<Evidence> = {},
): Promise<Evidence> {
  const { fingerprint, expected } = await readDecisionBasis(db, { key, extraArtworkIds: [] });
  const { identity } = expected;
  return {
    observed: { fingerprint, identity, images: { missing: {}, extra: {} }, item: 'present' },
    findings,
    webService: 'not_asked',
    copies: [],
    tasks,
    requests: { metadata: 1, ws: 2 },
    ...more,
  };
}

/** A release in MusicBrainz, its audit begun. */
async function begunRelease(settings: Readonly<Record<string, string>> = {}) {
  const { gid } = await addRelease(db, { images: 1 });
  const key: EntityKey = { entityType: 'release', gid };
  const steps = stepsOf(settings);
  return { key, steps, begun: await begin(steps, key) };
}

/** The last audit of an entity, as its row has it. */
async function lastAudit(entityId: number): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { rows } = await db.query<Readonly<Record<string, unknown>>>(
    `select decision, cause, reason, identity, mode, requests, started_at from artwork_reconciler.audit
     where audit_entity_id = $1 order by id desc limit 1`,
    [entityId],
  );
  return rows[0];
}

const toRepair = { findings: [finding('index.value', 'index')], tasks: 0 };

describe('the beginning of an audit', () => {
  test('says how long it may wait and how it is retried, as the configuration has it', async () => {
    const { begun } = await begunRelease({
      AUDIT_MAX_WAIT_HOURS: '2',
      AUDIT_QUICK_RETRIES: '7',
      AUDIT_QUICK_RETRY_SECONDS: '11',
    });
    expect(begun.pace).toMatchObject({ longestWaitSeconds: 7200, retries: 7, firstRetrySeconds: 11 });
    expect(Math.abs(Date.now() - Date.parse(begun.startedAt))).toBeLessThan(600_000);
  });

  test('says what was repaired before', async () => {
    const { key, steps, begun } = await begunRelease();
    await steps.decideAudit(key, begun, await evidenceOf(key, toRepair));
    await db.query(`update artwork_reconciler.audit_entity set status = 'unchecked'`);
    expect((await begin(stepsOf(), key)).past).toEqual({ repairedChecks: { 'index.value': 1 }, wontFixEvidence: [] });
  });

  test('is refused where another run has the entity, and to the pacer where it has not claimed it', async () => {
    const { key } = await begunRelease();
    expect(await stepsOf().beginAudit({ ...key, how: 'operator' })).toMatchObject({ kind: 'refused' });
    const unclaimed = await addAuditEntity(db);
    expect(await stepsOf().beginAudit({ ...unclaimed, how: 'paced' })).toMatchObject({ kind: 'refused' });
  });
});

describe('a decision', () => {
  test('is written with what was asked for it, and since when', async () => {
    const { key, steps, begun } = await begunRelease();
    const startedAt = '2026-01-02T03:04:05.000Z';
    expect(await steps.decideAudit(key, { ...begun, startedAt }, await evidenceOf(key))).toEqual({
      kind: 'decided',
      result: { outcome: 'clean', reason: null, findings: [], repairs: [], reviewReasons: [] },
    });
    expect(await lastAudit(begun.entityId)).toMatchObject({
      decision: 'clean',
      identity: 'live',
      requests: { metadata: 1, ws: 2 },
      started_at: new Date(startedAt),
    });
  });

  test('that writes to the item asks for the archive’s tasks first, and decides nothing until then', async () => {
    const { key, steps, begun } = await begunRelease();
    expect(await steps.decideAudit(key, begun, await evidenceOf(key, { ...toRepair, tasks: 'not_asked' }))).toEqual({
      kind: 'ask_tasks',
    });
    expect(await lastAudit(begun.entityId)).toBeUndefined();
    const decided = await steps.decideAudit(key, begun, await evidenceOf(key, toRepair));
    const repairs = [`index {"gid":"${key.gid}"}`];
    expect(decided).toMatchObject({ kind: 'decided', result: { outcome: 'repair_queue', repairs } });
    expect(await eventsOf(db, key)).toMatchObject([{ action: 'index', state: 'queued' }]);
    // Repeated, it is shown as it was.
    expect(await steps.decideAudit(key, begun, await evidenceOf(key, toRepair))).toEqual(decided);
  });

  test('names each finding without its examples, and the reasons of a review', async () => {
    const { key, steps, begun } = await begunRelease();
    const findings = [finding('item.dark', 'review'), finding('files.thumbnail', 'report')];
    expect(await steps.decideAudit(key, begun, await evidenceOf(key, { findings, tasks: 0 }))).toMatchObject({
      kind: 'decided',
      result: {
        outcome: 'manual_review',
        findings: [
          { check: 'item.dark', count: 1, policy: 'review' },
          { check: 'files.thumbnail', count: 1, policy: 'report' },
        ],
        reviewReasons: [expect.any(String)],
      },
    });
  });

  test.each([
    ['report', undefined, []],
    ['repair', undefined, [{ action: 'index' }]],
    ['report', true, [{ action: 'index' }]],
  ] as const)('in %s mode, by an operator who has it repaired: %s', async (mode, evenInReportMode, events) => {
    const { key, steps, begun } = await begunRelease({ AUDIT_MODE: mode });
    const beginning: AuditBeginning = { ...begun, ...(evenInReportMode && { evenInReportMode }) };
    await steps.decideAudit(key, beginning, await evidenceOf(key, toRepair));
    expect(await eventsOf(db, key)).toMatchObject(events);
  });

  test('on what has changed is none; the third time the entity is released', async () => {
    const { key, steps, begun } = await begunRelease();
    const evidence = await evidenceOf(key);
    const changed = (fingerprint: string) =>
      steps.decideAudit(key, begun, { ...evidence, observed: { ...evidence.observed, fingerprint } });
    expect(await changed('one')).toEqual({ kind: 'stale' });
    expect(await changed('two')).toEqual({ kind: 'stale' });
    const reason = 'what the decision rests on changed 3 times while it was made';
    expect(await changed('three')).toEqual({ kind: 'decided', result: { outcome: 'given_back', reason } });
    expect(await lastAudit(begun.entityId)).toMatchObject({ decision: 'not_now', cause: 'discarded', reason });
  });

  test('is thrown away where a person said since that a finding shall stay', async () => {
    const { key, steps, begun } = await begunRelease();
    const past = { ...begun.past, wontFixEvidence: ['x'] };
    expect(await steps.decideAudit(key, { ...begun, past }, await evidenceOf(key))).toEqual({ kind: 'stale' });
  });

  test('of a run that lost its entity changes nothing', async () => {
    const { key, begun } = await begunRelease();
    expect(await stepsOf().decideAudit(key, begun, await evidenceOf(key, toRepair))).toMatchObject({
      kind: 'decided',
      result: { outcome: 'not_ours' },
    });
    expect(await eventsOf(db, key)).toEqual([]);
  });

  test('on an image that is no longer extra is none: its owner is part of what it rests on', async () => {
    const { key, steps, begun } = await begunRelease();
    const evidence = await evidenceOf(key);
    const content = { md5: 'c'.repeat(32), sha1: null, size: 9 };
    const images = { missing: {}, extra: listContents([{ ...content, artworkId: 7, suffix: 'jpg' }]) };
    expect(await steps.decideAudit(key, begun, { ...evidence, observed: { ...evidence.observed, images } })).toEqual({
      kind: 'stale',
    });
  });
});

describe('where the web service and the database differ', () => {
  const disagreements = async (): Promise<number> =>
    (await db.query('select from artwork_reconciler.web_service_disagreement')).rows.length;
  /** An MBID that MusicBrainz' tables don't have, its audit begun. */
  async function unknown() {
    const key = await addAuditEntity(db);
    const steps = stepsOf();
    return { key, steps, begun: await begin(steps, key) };
  }

  test('of a live entity, it is released, and nothing is noted against the database', async () => {
    const { key, steps, begun } = await begunRelease();
    const told = await steps.decideAudit(key, begun, await evidenceOf(key, { webService: 'not_found' }));
    expect(told).toMatchObject({ kind: 'decided', result: { outcome: 'given_back' } });
    expect(await lastAudit(begun.entityId)).toMatchObject({ decision: 'not_now', cause: 'ws_disagrees' });
    expect(await disagreements()).toBe(0);
  });

  test('of one that the database has not, that is noted, and an agreement ends the row', async () => {
    const first = await unknown();
    await first.steps.decideAudit(first.key, first.begun, await evidenceOf(first.key, { webService: 'this_entity' }));
    expect(await lastAudit(first.begun.entityId)).toMatchObject({ cause: 'ws_disagrees' });
    expect(await disagreements()).toBe(1);
    const live = await begunRelease();
    await live.steps.decideAudit(live.key, live.begun, await evidenceOf(live.key, { webService: 'this_entity' }));
    expect(await disagreements()).toBe(1);
    const other = await unknown();
    await other.steps.decideAudit(other.key, other.begun, await evidenceOf(other.key, { webService: 'not_found' }));
    expect(await disagreements()).toBe(0);
  });
});

describe('an audit that is released', () => {
  test.each([
    ['no other was decided', null, 'unreadable'],
    ['the last other was decided an hour and more ago', 61, 'unreadable'],
    ['another was decided within the hour', 59, 'item_unreadable'],
  ])('as it can’t be read, where %s', async (_when, minutesAgo, cause) => {
    if (minutesAgo !== null) {
      await audit(db, await addAuditEntity(db), clean);
      await db.query(
        `update artwork_reconciler.audit set decided_at = now() - make_interval(mins => $1::int), started_at = '2020-01-01'`,
        [minutesAgo],
      );
    }
    const { steps, begun } = await begunRelease({ AUDIT_SETTLE_MINUTES: '60' });
    const told = await steps.giveBackAudit(begun.entityId, { cause: 'unreadable', reason: '503' });
    expect(told).toEqual({ outcome: 'given_back', reason: '503' });
    expect(await lastAudit(begun.entityId)).toMatchObject({ cause });
  });

  test('for another cause keeps that, whatever others came to', async () => {
    await audit(db, await addAuditEntity(db), clean);
    const { steps, begun } = await begunRelease();
    await steps.giveBackAudit(begun.entityId, { cause: 'cool_down', reason: '503', waitSeconds: 300 });
    expect(await lastAudit(begun.entityId)).toMatchObject({ cause: 'cool_down' });
  });

  test('as a key is refused stops the events of that project', async () => {
    const { steps, begun } = await begunRelease();
    await steps.giveBackAudit(begun.entityId, { cause: 'keys_refused', reason: 'told so', project: 'eaa' });
    const { rows } = await db.query('select name, reason from artwork_reconciler.brake');
    expect(rows).toEqual([{ name: 'keys_refused_eaa', reason: 'told so' }]);
  });

  test('too many times goes to a person, and says so', async () => {
    const { key, steps, begun } = await begunRelease({ AUDIT_MAX_RETURNS: '1' });
    await audit(db, await addAuditEntity(db), review(finding('item.dark', 'review')));
    const told = await steps.giveBackAudit(begun.entityId, { cause: 'unreadable', reason: '503' });
    expect(told).toEqual({ outcome: 'manual_review', reason: '503' });
    expect((await entityNow(db, key)).status).toBe('manual_review');
  });

  test('by a run that lost it stays with whoever has it', async () => {
    const { key, begun } = await begunRelease();
    const told = await stepsOf().giveBackAudit(begun.entityId, { cause: 'stopped', reason: 'cancelled' });
    expect(told).toEqual({ outcome: 'not_ours', reason: 'cancelled' });
    expect((await entityNow(db, key)).status).toBe('audit_in_progress');
  });
});

describe('observing and deciding in one step', () => {
  const key: EntityKey = { entityType: 'release', gid: randomUUID() };
  const beginning: AuditBeginning = {
    entityId: 1,
    past: { repairedChecks: {}, wontFixEvidence: [] },
    startedAt: '2026-01-02T03:04:05.000Z',
  };
  const seen = {
    kind: 'observed',
    identity: 'live',
    item: 'present',
    settlesInSeconds: 0,
    findings: [],
    index: null,
    xml: null,
    derived: null,
    webService: { answer: 'this_entity', xmlAsExpected: true, findings: [], requests: {} },
    images: { missing: {}, extra: {} },
    place: null,
    lookAt: [],
    fingerprint: 'x',
    requests: {},
  } as unknown as ObservedAudit;
  const result = { outcome: 'clean', reason: null } as const;
  const observing = (
    observed: Awaited<ReturnType<ArchiveSteps['observeItem']>>,
    decideAudit: AuditSteps['decideAudit'],
  ) => decidingAtOnce({ observeItem: async () => observed } as unknown as ArchiveSteps, { decideAudit });
  const decided = async () => ({ kind: 'decided', result }) as const;

  test('gives the decision with what was observed', async () => {
    expect(await observing(seen, decided).observeItem(key, beginning)).toEqual({ ...seen, decided: result });
  });

  test.each<[string, ObservedAudit | { kind: 'pending_events'; reason: string }, AuditSteps['decideAudit']]>([
    ['something is left to ask', { ...seen, settlesInSeconds: 5 }, decided],
    ['the archive’s tasks are to be asked for', seen, async () => ({ kind: 'ask_tasks' })],
    ['the basis has changed', seen, async () => ({ kind: 'stale' })],
    ['the database is away', seen, () => Promise.reject(new Error('away'))],
    ['events are open', { kind: 'pending_events', reason: 'x' }, decided],
  ])('gives what was observed alone where %s', async (_when, observed, decide) => {
    expect(await observing(observed, decide).observeItem(key, beginning)).toStrictEqual(observed);
  });

  test('gives what was observed alone to a workflow of an older version', async () => {
    expect(await observing(seen, decided).observeItem(key)).toEqual(seen);
  });
});
