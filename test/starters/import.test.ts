import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { type ImportOptions, type ImportResult, runImport } from '../../src/starters/import.ts';
import type { ImportProgress } from '../../src/temporal/messages.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { filesOf, gidOf, sourceOf } from './files.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: noAudits });
  await deployment.startWorker();
});
afterAll(() => deployment.stop());
beforeEach(async () => {
  await emptyTables(deployment.db, 'artwork_reconciler.audit_entity');
});

const text = Array.from({ length: 5000 }, (_, n) => `mbid-${gidOf(n)}\n`).join('');

type Given = Partial<ImportOptions> & { readonly stopAfter?: number };

/** Imports lists of identifiers as the command does; `stopAfter`: the command is stopped so many records later. */
async function importItems(paths: readonly string[], { stopAfter = Infinity, ...given }: Given = {}, input = '') {
  const stop = new AbortController();
  let resumedAt = 0;
  const result = await runImport(deployment.temporal, await sourceOf('items', paths, input), {
    dryRun: false,
    fromStart: false,
    onLeftOut: () => undefined,
    onStart: (_, at) => (resumedAt = at),
    onProgress: ({ records }) => records >= stopAfter && stop.abort(new Error('stopped')),
    signal: stop.signal,
    ...given,
  });
  return { ...result, resumedAt };
}

async function entities(): Promise<readonly string[]> {
  const { rows } = await deployment.db.query<{ entity: string }>(
    `select format('%s %s %s', entity_type, gid, priority) as entity from artwork_reconciler.audit_entity order by gid`,
  );
  return rows.map(({ entity }) => entity);
}

function counts({ progress: { records, added, raised, known } }: ImportResult) {
  return { records, added, raised, known };
}

test('an import that is stopped continues where it was, and counts nothing twice', async () => {
  const paths = filesOf({ 'stopped.txt': text });
  await expect(importItems(paths, { stopAfter: 2000 })).rejects.toThrow('stopped');
  const left = await entities();
  expect(left.length).toBeGreaterThanOrEqual(2000);
  expect(left.length).toBeLessThan(5000);

  const handle = deployment.temporal.workflow.getHandle(`import-items-${(await sourceOf('items', paths)).id}`);
  expect(await handle.query<ImportProgress, []>('progress')).toMatchObject({ records: left.length, state: 'reading' });

  const result = await importItems(paths);
  expect([result.resumedAt, counts(result), result.complete]).toEqual([
    left.length,
    { records: 5000, added: 5000, raised: 0, known: 0 },
    true,
  ]);
  expect(await entities()).toEqual(Array.from({ length: 5000 }, (_, n) => `release ${gidOf(n)} 100`));

  const again = await importItems(paths);
  expect(counts(again)).toEqual({ records: 5000, added: 0, raised: 0, known: 5000 });
});

test('a list that is cut short waits for the rest of it', async () => {
  const whole = gzipSync(text);
  const [cut] = filesOf({ 'cut.txt.gz': whole.subarray(0, whole.length - 12) });
  const first = await importItems([cut!]);
  expect(first).toMatchObject({ complete: false, progress: { state: 'reading' } });
  expect(first.progress.records).toBeGreaterThan(0);

  const [path] = filesOf({ 'cut.txt.gz': whole });
  const result = await importItems([path!]);
  expect([result.resumedAt, result.complete]).toEqual([first.progress.records, true]);
  expect(counts(result)).toEqual({ records: 5000, added: 5000, raised: 0, known: 0 });
  expect(await entities()).toHaveLength(5000);
});

test('two that import the same at once add everything once', async () => {
  const paths = filesOf({ 'twice.txt': text });
  const [one, other] = await Promise.all([importItems(paths), importItems(paths)]);
  expect(counts(one)).toEqual({ records: 5000, added: 5000, raised: 0, known: 0 });
  expect(counts(other)).toEqual(counts(one));
});

describe('a list that changed since it was begun', () => {
  const changed = text.replace(gidOf(1500), gidOf(9999));

  test('is imported from its beginning', async () => {
    const [path] = filesOf({ 'changed.txt': text });
    await expect(importItems([path!], { stopAfter: 2000 })).rejects.toThrow('stopped');
    const [other] = filesOf({ 'changed.txt': changed });
    await importItems([other!]);
    expect(await entities()).toContain(`release ${gidOf(9999)} 100`);
  });
});

test('a dry run says what would be new, raised and known, and adds nothing', async () => {
  await importItems(filesOf({ 'some.txt': text.slice(0, 42 * 10) }));
  const before = await entities();
  const { progress } = await importItems(filesOf({ 'dry.txt': text }), { dryRun: true });
  expect(progress).toMatchObject({ added: 4990, raised: 0, known: 10 });
  expect(await entities()).toEqual(before);
});

test('an identifier of which MusicBrainz knows an event becomes an event; any other is a release', async () => {
  const { gid: release } = await addRelease(deployment.db, { images: 1 });
  const { gid: event } = await addEvent(deployment.db, { images: 1 });
  await importItems(['-'], {}, `mbid-${release}\n${event.toUpperCase()}\nmbid-${gidOf(1)}\n`);
  expect((await entities()).toSorted()).toEqual(
    [`release ${release} 100`, `event ${event} 100`, `release ${gidOf(1)} 100`].toSorted(),
  );
});
