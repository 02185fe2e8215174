import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { adoptDatabase } from '../../src/database/ingest/adopt.ts';
import { noFaults } from '../../src/simulator/archive/faults.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { startScan } from '../../src/starters/start.ts';
import type { ScanInput } from '../../src/temporal/messages.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { patience } from '../support/patience.ts';
import { gidOf } from './files.ts';

const count = 250;
const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3600_000);

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: { ...noAudits, AUDIT_QUICK_RETRY_SECONDS: '0.01' } });
  const metadata = { collection: 'coverartarchive', mediatype: 'image', noindex: 'true' };
  for (let n = 0; n < count; n += 1) {
    deployment.simulator.archive.seedItem({
      identifier: `mbid-${gidOf(n)}`,
      metadata,
      files: [],
      lastUpdated: hoursAgo(2),
    });
  }
  await deployment.startWorker();
});
afterAll(() => deployment.stop());
beforeEach(async () => {
  const { db, simulator } = deployment;
  await emptyTables(db, 'artwork_reconciler.audit_entity', 'artwork_reconciler.archive_scan');
  simulator.keys = null;
  Object.assign(simulator.faults, noFaults(), { scrapePageLimit: 100 });
});

async function scan(input: Partial<ScanInput> = {}) {
  const handle = await startScan(deployment.temporal, { dryRun: false, fromStart: false, ...input });
  const { release } = await handle.result();
  return release!;
}

async function entities(): Promise<number> {
  const { rows } = await deployment.db.query<{ count: number }>(
    'select count(*)::int as count from artwork_reconciler.audit_entity',
  );
  return rows[0]!.count;
}

test('a whole scan says what was seen, new and known; a second one finds everything known', async () => {
  const dry = await scan({ dryRun: true });
  expect([dry.added, await entities()]).toEqual([count, 0]);
  expect(await scan()).toMatchObject({ seen: count, total: count, added: count, known: 0, isComplete: true });
  expect(await scan()).toMatchObject({ seen: count, total: count, added: 0, known: count, isComplete: true });
  expect(await entities()).toBe(count);
});

test('answers that lead no further now and then are counted by name, and nothing is lost', async () => {
  Object.assign(deployment.simulator.faults, {
    scrapeError: { next: 2 },
    scrapeShrinkingTotal: { share: 0.5 },
    scrapeRepeatedCursor: { next: 2 },
    scrapeEarlyEnd: { next: 1 },
  });
  const coverage = await scan();
  expect(coverage).toMatchObject({ seen: count, total: count, added: count, isComplete: true });
  expect(coverage.troubles).toMatchObject({ error_answer: 2, repeated_cursor: 2, early_end: 1 });
  expect(await entities()).toBe(count);
});

test.each([
  ['ends too early', 'scrapeEarlyEnd', 'early_end'],
  ['repeats its cursor', 'scrapeRepeatedCursor', 'repeated_cursor'],
  ['answers with errors', 'scrapeError', 'error_answer'],
] as const)('an archive that %s is not called complete, and the next scan goes on there', async (_, fault, trouble) => {
  const { simulator } = deployment;
  simulator.faults[fault] = 1;
  const first = await scan();
  expect(first).toMatchObject({ isComplete: false, troubles: { [trouble]: 5 } });
  expect(first.reason).toContain('5 consecutive times');
  expect(first.seen).toBeLessThan(count);
  expect(await entities()).toBe(first.seen);

  simulator.faults[fault] = 0;
  simulator.resetRequests();
  const second = await scan();
  expect(second).toMatchObject({ seen: count, added: count, known: 0, isComplete: true });
  expect(await entities()).toBe(count);
});

test('what the archive shows without a key is not taken for all there is', async () => {
  const { db, simulator } = deployment;
  for (let n = 0; n < 5; n += 1) await addRelease(db, { images: 1 });
  simulator.keys = { caa: { access: 'another', secret: 'key' }, eaa: { access: 'another', secret: 'key' } };
  const coverage = await scan();
  expect(coverage.isComplete).toBe(false);
});

test('a scan that is stopped in the middle continues where it was', async () => {
  const { temporal, simulator } = deployment;
  simulator.faults.scrapePageLimit = 5;
  const handle = await startScan(temporal, { dryRun: false, fromStart: false });
  await vi.waitFor(async () => expect(await entities()).toBeGreaterThan(20), patience);
  await handle.terminate('stopped');
  await vi.waitFor(async () => expect((await handle.describe()).status.name).toBe('TERMINATED'));
  simulator.resetRequests();
  const coverage = await scan();
  expect(coverage).toMatchObject({ seen: count, added: count, known: 0, isComplete: true });
  expect(simulator.requests().scrape).toBeLessThan(50);
});

test('after a restore, what the archive has as written since the dump is due, once; the rest is left as it is', async () => {
  const { db, simulator } = deployment;
  await scan();
  // As the dump had them: audited, and in order.
  await db.query(
    `update artwork_reconciler.audit_entity set status = 'clean', last_audit_at = now() - interval '1 hour'`,
  );
  const dumpedAt = hoursAgo(1);
  for (const n of [3, 7]) {
    simulator.archive.uploadAsEditor(`mbid-${gidOf(n)}`, { name: 'index.json', content: Buffer.from('{}') }, {});
  }
  await adoptDatabase(db, { isMoved: true, restoredAsOf: dumpedAt, by: { actor: 'ida' } });

  expect(await scan({ dryRun: true })).toMatchObject({ changes: null });
  expect(await scan()).toMatchObject({
    isComplete: true,
    changes: { since: dumpedAt.toISOString(), madeDue: 2, undated: 0 },
  });
  const { rows } = await db.query<{ gid: string }>(
    `select gid from artwork_reconciler.audit_entity where status = 'unchecked' order by gid`,
  );
  expect(rows.map(({ gid }) => gid)).toEqual([gidOf(3), gidOf(7)].sort());
  expect(await scan()).toMatchObject({ changes: null });
});
