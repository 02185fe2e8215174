import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWorkSince } from '../../src/database/figures/work-since.ts';
import { changeIndexImage } from '../../src/simulator/drift/documents.ts';
import { type ItemPlan, itemSeedOf, planItem } from '../../src/simulator/drift/item-plan.ts';
import { addDrift } from '../../src/simulator/drift/seed-demo.ts';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../src/simulator/musicbrainz/specs.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createTestDatabase } from '../support/database.ts';
import { auditingSettings } from '../support/simulator-settings.ts';
import { parseLines, runCommand } from './run-command.ts';

const { db, url } = await createTestDatabase();
let simulator: Simulator;
let env: NodeJS.ProcessEnv;
let inStep: StoredEntity;
let drifted: StoredEntity;
let unreadable: StoredEntity;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 1, musicbrainz: db });
  env = auditingSettings(simulator, url);
  inStep = await addEvent(db, { images: 2 });
  await seed(inStep);
  drifted = await addRelease(db, { images: 2 });
  await seed(drifted, (plan) => changeIndexImage(plan, 0, (image) => ({ ...image, comment: 'before' })));
  unreadable = await addRelease(db, { images: 1 });
  await seed(unreadable);
  simulator.faults.metadataError = [`mbid-${unreadable.gid}`];
});
afterAll(async () => {
  expect(simulator.violations()).toEqual([]);
  await simulator.close();
});

async function seed(entity: StoredEntity, change: (plan: ItemPlan) => void = () => undefined): Promise<void> {
  const plan = await planItem(db, entity);
  change(plan);
  simulator.archive.seedItem(itemSeedOf(plan));
}

async function isUntouched(): Promise<boolean> {
  const { rows } = await db.query<{ rows: number }>(
    `select (select count(*) from artwork_indexer.event_queue) + (select count(*) from artwork_reconciler.audit_entity)
          + (select count(*) from artwork_reconciler.audit) as rows`,
  );
  return rows[0]?.rows === 0;
}

describe('audit', () => {
  test('prints what differs as expected and found, with the check’s sentence, and changes nothing', async () => {
    const { code, stdout, stderr } = await runCommand(['audit', `https://musicbrainz.org/release/${drifted.gid}`], env);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`release ${drifted.gid} (live): repair_queue`);
    expect(stdout).toMatch(/index\.value \(index\): .+\n.+comment\n +expected ""\n +found +"before"/);
    expect(stdout).toContain(`1. index {"gid":"${drifted.gid}"}`);
    expect(await isUntouched()).toBe(true);
  });

  test('--json prints an object a line, in the order of the input; what cannot be judged ends it with 1', async () => {
    const [orphan] = await addDrift(db, simulator.archive, 'unknown_test_upload', { entityType: 'event', seed: 1 });
    const lines = ['', `mbid-${inStep.gid}`, 'no mbid', unreadable.gid, drifted.gid, orphan!.gid].join('\n');
    const outcome = await runCommand(['audit', '--json', '-'], env, lines);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^Error: 2 could not be audited[^\n]*\n$/);
    const [clean, typo, notNow, repaired, unknown, ...more] = parseLines<Record<string, unknown>>(outcome);
    expect(more).toEqual([]);
    expect(clean).toEqual({
      entity_type: 'event',
      gid: inStep.gid,
      identity: 'live',
      decision: 'clean',
      reason: null,
      findings: [],
      repairs: [],
      requests: { metadata: 1, ws: 1 },
    });
    expect(typo).toEqual({ input: 'no mbid', error: expect.stringContaining('is no MBID') as string });
    expect(notNow).toMatchObject({ decision: 'not_now', gid: unreadable.gid, findings: [] });
    expect(notNow?.reason).toContain('metadata');
    expect(repaired).toMatchObject({
      decision: 'repair_queue',
      findings: [
        { check: 'index.value', policy: 'index', count: 1, examples: [{ expected: '""', found: '"before"' }] },
      ],
      repairs: [{ action: 'index', message: { gid: drifted.gid }, depends_on: [] }],
      requests: { metadata: 1, download: 1, node: 1, ws: 1 },
    });
    // Of what MusicBrainz never had, the item's collection tells the kind.
    expect(unknown).toMatchObject({ entity_type: 'event', identity: 'unknown', decision: 'manual_review' });
    expect(await isUntouched()).toBe(true);
  });

  test('what our own output calls an entity is taken', async () => {
    const { code, stdout } = await runCommand(['audit', 'event', inStep.gid], env);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`event ${inStep.gid} (live): clean`)]);
  });

  test.each(['audit', 'index'])('%s takes no address of anything but a release or an event', async (command) => {
    const given = `https://musicbrainz.org/release-group/${inStep.gid}`;
    const { code, stdout, stderr } = await runCommand([command, inStep.gid, given], env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Error: "https:[^"]+" is the address of a release-group: expected an MBID[^\n]*\n$/);
    expect(await isUntouched()).toBe(true);
  });

  test('a typo on the command line is wrong usage: one line, and nothing is asked for', async () => {
    simulator.resetRequests();
    const { code, stdout, stderr } = await runCommand(['audit', inStep.gid, 'not-an-mbid'], env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Error: "not-an-mbid" is no MBID[^\n]*\n$/);
    expect(simulator.requestLog()).toEqual([]);
  });
});

test('what it asks is counted among what was asked since, whether it changes anything or not', async () => {
  const asked = async () => {
    const { requests } = await readWorkSince(db, new Date(Date.now() - 60_000));
    return requests.find(({ kind, answer }) => kind === 'metadata' && answer === '2xx')?.count ?? 0;
  };
  const before = await asked();
  expect(await runCommand(['audit', inStep.gid], env)).toMatchObject({ code: 0 });
  expect(await asked()).toBe(before + 1);
});

test('of an entity that people have excluded it says so, and says what it finds all the same', async () => {
  expect(await runCommand(['entities', 'exclude', inStep.gid, '--note', 'a test upload'], env)).toMatchObject({
    code: 0,
  });
  for (const [args, input] of [
    [[inStep.gid, drifted.gid], ''],
    [['-'], `${inStep.gid}\n${drifted.gid}\n`],
  ] as const) {
    const { code, stdout, stderr } = await runCommand(['audit', ...args], env, input);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`event ${inStep.gid} (live): clean`)]);
    expect(stderr).toMatch(new RegExp(`^${inStep.gid}: it is excluded since [^\\n]* \\(a test upload\\)[^\\n]*\\n$`));
  }
});
