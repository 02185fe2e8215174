import { beforeEach, expect, test } from 'vitest';
import { openDependencies } from '../../src/activities/dependencies.ts';
import { createScanner, type ScanStep } from '../../src/activities/scan.ts';
import { readConfig } from '../../src/config/config.ts';
import { atTheSimulator, keys } from '../clients/at-the-simulator.ts';
import { gidOf } from '../starters/files.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { simulatorSettings } from '../support/simulator-settings.ts';

const at = atTheSimulator();
const input = { dryRun: false, fromStart: true };
beforeEach(() => emptyTables(at.db, 'artwork_reconciler.audit_entity', 'artwork_reconciler.archive_scan'));

/** Scans the collection of releases to its end, as the workflow does, but for its waits. */
async function scan(): Promise<ScanStep['coverage']> {
  const env = {
    ...simulatorSettings(at.simulator),
    ...keys,
    ARCHIVE_CONTACT: 'test@localhost',
    ARCHIVE_REQUESTS_PER_SECOND: '1000',
  };
  const config = readConfig({ file: '/dev/null', env });
  const run = () => ({ workflowId: 'scan-archive', runId: gidOf(0) });
  const scanner = createScanner(openDependencies({ db: at.db, config: () => config, run }));
  await scanner.beginScanning('release', input);
  for (;;) {
    const { coverage, hasEnded } = await scanner.scanPage('release', input);
    if (hasEnded) return coverage;
  }
}

function seed(identifiers: readonly string[]): void {
  const metadata = { collection: 'coverartarchive', mediatype: 'image', noindex: 'true' };
  for (const identifier of identifiers) at.simulator.archive.seedItem({ identifier, metadata, files: [] });
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
