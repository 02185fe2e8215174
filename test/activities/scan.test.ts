import { beforeEach, expect, test } from 'vitest';
import { openDependencies } from '../../src/activities/dependencies.ts';
import { createScanner, type Scanner, type ScanStep } from '../../src/activities/scan.ts';
import { readConfig } from '../../src/config/config.ts';
import { addWindow, endWindow } from '../../src/database/pace/change-windows.ts';
import { adoptDatabase, readRestoredAsOf } from '../../src/database/ingest/adopt.ts';
import { addAuditEntity, statusOf } from '../database/entities/support.ts';
import { atTheSimulator, keys } from '../clients/at-the-simulator.ts';
import { gidOf } from '../starters/files.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { simulatorSettings } from '../support/simulator-settings.ts';

const at = atTheSimulator();
const input = { dryRun: false, fromStart: true };
beforeEach(() => emptyTables(at.db, 'artwork_reconciler.audit_entity', 'artwork_reconciler.archive_scan'));

/** Scans the collection of releases to its end, as the workflow does, but for its waits. */
async function scan(how = input): Promise<ScanStep['coverage']> {
  const scanner = openScanner();
  await scanner.beginScanning('release', how);
  for (;;) {
    const { coverage, hasEnded } = await scanner.scanPage('release', how);
    if (hasEnded) return coverage;
  }
}

function openScanner(): Scanner {
  const env = {
    ...simulatorSettings(at.simulator),
    ...keys,
    ARCHIVE_CONTACT: 'test@localhost',
    ARCHIVE_REQUESTS_PER_SECOND: '1000',
  };
  const config = readConfig({ file: '/dev/null', env });
  const run = () => ({ workflowId: 'scan-archive', runId: gidOf(0) });
  return createScanner(openDependencies({ db: at.db, config: () => config, run }));
}

function seed(identifiers: readonly string[], lastUpdated?: Date): void {
  const metadata = { collection: 'coverartarchive', mediatype: 'image', noindex: 'true' };
  for (const identifier of identifiers) {
    at.simulator.archive.seedItem({ identifier, metadata, files: [], ...(lastUpdated && { lastUpdated }) });
  }
}

const items = Array.from({ length: 30 }, (_, n) => `mbid-${gidOf(n)}`);

test('a cursor that is ignored where a count is sent does not end the scan', async () => {
  seed(items);
  Object.assign(at.simulator.faults, { scrapePageLimit: 10, scrapeIgnoredCursor: 1 });
  expect(await scan()).toMatchObject({ seen: 30, added: 30, isComplete: true, troubles: { repeated_cursor: 1 } });
  // Found out once, and not with each page.
  expect(at.simulator.requests().scrape).toBe(4);
});

test('a scan that is shown nothing but items of others adds none, and is not complete', async () => {
  seed(['gd77-05-08', 'mbid-of-nothing']);
  expect(await scan()).toMatchObject({ seen: 2, refused: 2, added: 0, isComplete: false });
});

test('a scan to which no total is ever named has what it was shown, and is not complete', async () => {
  seed(items);
  at.simulator.faults.scrapeNoTotal = 1;
  expect(await scan()).toMatchObject({ seen: 30, added: 30, total: null, isComplete: false });
});

test('during a window without audits nothing is asked, and the scan goes on after it', async () => {
  const { db, simulator } = at;
  seed(items);
  const scanner = openScanner();
  await scanner.beginScanning('release', input);
  const order = { kind: 'moments', begins: null, ends: new Date(Date.now() + 3600_000), daily: false } as const;
  const by = { actor: 'ida' };
  const { id } = await addWindow(db, { order, stops: 'audits', reason: 'maintenance', by });
  expect(await scanner.scanPage('release', input)).toMatchObject({ hasEnded: false, waitSeconds: 60 });
  expect(simulator.requests().scrape ?? 0).toBe(0);
  await endWindow(db, { id, by });
  expect(await scanner.scanPage('release', input)).toMatchObject({ coverage: { seen: 30 } });
});

test('after a restore, what was written since the dump and not audited since is due, until a scan came to its end', async () => {
  const { db, simulator } = at;
  const [dump, hour] = [Date.now() - 10 * 3600_000, 3600_000];
  const clean = (n: number, audited: number, status = 'clean') =>
    addAuditEntity(db, {
      key: { entityType: 'release', gid: gidOf(n) },
      status,
      last_audit_at: new Date(dump + audited * hour),
    });
  const since = await clean(0, -1);
  const legacy = await clean(1, -1, 'legacy');
  const before = await clean(2, -3);
  const auditedSince = await clean(3, 2);
  const inReview = await clean(4, -1, 'manual_review');
  seed([items[0]!, items[1]!, items[3]!, items[4]!], new Date(dump + hour));
  seed([items[2]!, ...items.slice(5)], new Date(dump - 2 * hour));
  await adoptDatabase(db, { isMoved: true, restoredAsOf: new Date(dump), by: { actor: 'ida' } });

  // A dry run makes nothing due, and so ends no search.
  expect(await scan({ ...input, dryRun: true })).toMatchObject({ isComplete: true, changes: null });
  expect(await readRestoredAsOf(db, 'coverartarchive')).toEqual(new Date(dump));

  // Not to its end: the moment stays, and what was found is due.
  simulator.faults.scrapePageLimit = 10;
  simulator.faults.scrapeEarlyEnd = 1;
  const changes = { since: new Date(dump).toISOString(), madeDue: 2, undated: 0 };
  expect(await scan()).toMatchObject({ isComplete: false, changes });
  expect(await readRestoredAsOf(db, 'coverartarchive')).toEqual(new Date(dump));
  const statuses = () => Promise.all([since, legacy, before, auditedSince, inReview].map((key) => statusOf(db, key)));
  expect(await statuses()).toEqual(['unchecked', 'unchecked', 'clean', 'clean', 'manual_review']);

  // What was audited meanwhile is not due again.
  await db.query(`update artwork_reconciler.audit_entity set status = 'clean', last_audit_at = now() where id = $1`, [
    since.id,
  ]);
  simulator.faults.scrapeEarlyEnd = 0;
  expect(await scan()).toMatchObject({ isComplete: true, changes: { ...changes, madeDue: 0 } });
  expect(await statuses()).toEqual(['clean', 'unchecked', 'clean', 'clean', 'manual_review']);
  expect(await readRestoredAsOf(db, 'coverartarchive')).toBeNull();
  expect(await readRestoredAsOf(db, 'eventartarchive')).toEqual(new Date(dump));
  expect(await scan()).toMatchObject({ changes: null });
});
