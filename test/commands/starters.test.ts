import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { noFaults } from '../../src/simulator/archive/faults.ts';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { filesOf, gidOf } from '../starters/files.ts';
import { type Deployment, noAudits, startDeployment } from '../support/deployment.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { patience } from '../support/patience.ts';
import { parseLines, runCommand } from './run-command.ts';

// Each call is a process, which takes seconds to start on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({ settings: { ...noAudits, AUDIT_QUICK_RETRY_SECONDS: '0.01' } });
  const { db } = deployment;
  for (let n = 0; n < 3; n += 1) await addRelease(db, { images: 1 });
  for (let n = 0; n < 2; n += 1) await addEvent(db, { images: 1 });
  await deployment.startWorker();
});
afterAll(() => deployment.stop());
beforeEach(async () => {
  const { db, simulator } = deployment;
  await emptyTables(db, 'artwork_reconciler.audit_entity', 'artwork_reconciler.archive_scan');
  Object.assign(simulator.faults, noFaults());
});

const run = (args: readonly string[], input?: string) =>
  runCommand([...args, '--config', '/dev/null'], deployment.environment, input);

async function entities(): Promise<number> {
  const { rows } = await deployment.db.query<{ count: number }>(
    'select count(*)::int as count from artwork_reconciler.audit_entity',
  );
  return rows[0]!.count;
}

test('migrate down is refused while a worker polls, and nothing is undone', async () => {
  const applied = (await run(['migrate', 'status'])).stdout;
  const refused = await run(['migrate', 'down']);
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toMatch(
    /^Error: \d{4}_\w+ would be undone, but a worker is running, or was a moment ago: stop all of them first\. Nothing was changed; --force does it\n$/,
  );
  expect((await run(['migrate', 'status'])).stdout).toBe(applied);
});

describe('backfill', () => {
  test('counts in a dry run and adds nothing; then says what was new, then that all is known', async () => {
    expect(await run(['backfill', 'musicbrainz', '--dry-run'])).toMatchObject({
      code: 0,
      stdout: '5 seen, 5 new, 0 known: done\n',
    });
    expect(await entities()).toBe(0);
    const first = await run(['backfill', 'musicbrainz']);
    expect(first).toMatchObject({ code: 0, stdout: '5 seen, 5 new, 0 known: done\n' });
    // Piped, progress is plain lines beside the result.
    expect(first.stderr).not.toMatch(/[\r\u001b]/);
    expect(parseLines(await run(['backfill', 'musicbrainz', '--json']))).toEqual([
      { seen: 5, added: 0, known: 5, share: 1 },
    ]);
    expect(await run(['backfill', 'redirects'])).toMatchObject({ code: 0, stdout: '0 seen, 0 new, 0 known: done\n' });
  });

  test('--detach starts it and says under which name', async () => {
    expect(await run(['backfill', 'musicbrainz', '--detach'])).toMatchObject({
      code: 0,
      stdout: 'started: workflow backfill-musicbrainz\n',
    });
    await vi.waitFor(async () => expect(await entities()).toBe(5), patience);
  });
});

describe('import', () => {
  const [one, two, three] = [gidOf(1), gidOf(2), gidOf(3)];
  const upperCase = 'ABCDEF00-0000-4000-8000-00000000000A';

  test('says of each file what was taken and what was not, by line', async () => {
    const [list, audit] = filesOf({
      'list.txt': `\uFEFFmbid-${one}\r\ngd1977-05-08\r\nmbid-${one}\r\nMBID-${upperCase}\r\nnothing !\r\n`,
      'failed_checks.log': `${one}\tItem::Files::x\n${two}\tColour::x\n`,
    });
    const { code, stdout } = await run(['import', 'items', list!]);
    expect(code).toBe(0);
    expect(stdout.replaceAll(list!, 'list.txt').split('\n')).toEqual([
      'list.txt: 5 lines, 3 name an entity, 1 named again, 1 in upper case, 5 ended by CR LF, a byte order mark, 1 refused, 1 unreadable',
      '  refused, line 2: an item of another collection: expected mbid-{mbid}: "gd1977-05-08"',
      '  unreadable, line 5: expected an identifier, as mbid-{mbid}: "nothing !"',
      '5 lines name 2 entities: 2 new, 0 raised, 0 known',
      '',
    ]);
    const raised = await run(['import', 'img-129', audit!, '--json']);
    expect(raised.code).toBe(0);
    expect(parseLines(raised)).toMatchObject([
      { complete: true, records: 2, entities: 1, new: 0, raised: 1, known: 0, unreadable: 1, refused: 0 },
    ]);
  });

  test('from standard input, dry: counted, and nothing added', async () => {
    const dry = await run(['import', 'items', '-', '--dry-run'], `mbid-${three}\n`);
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.stdout).toContain('1 line names 1 entity: 1 new, 0 raised, 0 known\n');
    expect(await entities()).toBe(0);
  });

  test('a file with a wrong header and one that is cut short: exit code 1, named; the rest is taken and can continue', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) => `mbid-${gidOf(n * 7919)}\n`).join('');
    const whole = gzipSync(lines);
    const [wrong] = filesOf({ 'bad_items.csv': `mbid,Item::x,colour\n${one},1,1\n` });
    const [cut] = filesOf({ 'cut.gz': whole.subarray(0, whole.length - 20) });
    const refused = await run(['import', 'img-129', wrong!]);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('  refused: its header has "the column colour"');
    expect(refused.stderr).toMatch(/Error: [^\n]*its header has[^\n]*The other files are imported\n$/);
    expect(await entities()).toBe(0);

    const first = await run(['import', 'items', cut!, '--json']);
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(
      /Error: [^\n]*gzip is cut short[^\n]*Run it again with the whole file: it continues there\n$/,
    );
    const [half] = parseLines<{ complete: boolean; new: number }>(first);
    expect(half).toMatchObject({ complete: false, new: await entities() });

    const [again] = filesOf({ 'cut.gz': whole });
    const second = await run(['import', 'items', again!, '--json']);
    expect(second).toMatchObject({ code: 0 });
    expect(second.stderr).toContain(`continues after record ${half!.new}\n`);
    expect(parseLines(second)).toMatchObject([{ complete: true, records: 3000, new: 3000, known: 0 }]);
    expect(await entities()).toBe(3000);
  });
});

describe('scan archive', () => {
  const count = 30;
  beforeAll(() => {
    const { archive } = deployment.simulator;
    for (let n = 0; n < count; n += 1) {
      const metadata = { collection: 'coverartarchive', mediatype: 'image', noindex: 'true' };
      archive.seedItem({ identifier: `mbid-${gidOf(1000 + n)}`, metadata, files: [] });
      if (n < 5) {
        const events = { collection: 'eventartarchive', mediatype: 'image', noindex: 'true' };
        archive.seedItem({ identifier: `mbid-${gidOf(2000 + n)}`, metadata: events, files: [] });
      }
    }
  });

  test('says how much it covered, and is complete', async () => {
    expect(await run(['scan', 'archive', '--dry-run'])).toMatchObject({
      code: 0,
      stdout:
        'coverartarchive: 30 of 30 seen, 30 new, 0 known: complete\neventartarchive: 5 of 5 seen, 5 new, 0 known: complete\n',
    });
    expect(await entities()).toBe(0);
    const [json] = parseLines(await run(['scan', 'archive', '--json']));
    expect(json).toMatchObject({
      complete: true,
      collections: { coverartarchive: { seen: 30, total: 30, new: 30, known: 0 }, eventartarchive: { seen: 5 } },
    });
  });

  test('an archive that stops early: exit code 1, what went wrong by its name, and the next one continues', async () => {
    const { faults } = deployment.simulator;
    Object.assign(faults, { scrapePageLimit: 10, scrapeEarlyEnd: 1 });
    const first = await run(['scan', 'archive']);
    expect(first.code).toBe(1);
    expect(first.stdout).toContain('coverartarchive: 10 of 30 seen, 10 new, 0 known: not complete\n');
    expect(first.stdout).toContain('  5 × early end; the last: the answers end at 10 of 30 items\n');
    expect(first.stderr).toMatch(/Error: coverartarchive is not complete: [^\n]+\n$/);
    faults.scrapeEarlyEnd = 0;
    const second = await run(['scan', 'archive']);
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('coverartarchive: 30 of 30 seen, 30 new, 0 known: complete\n');
    expect(await entities()).toBe(35);
  });
});

describe('what is not understood ends with exit code 2 and one line', () => {
  test.each([
    [['backfill', 'musicbrains'], 'Allowed choices are musicbrainz, redirects'],
    [['backfill'], 'missing required argument'],
    [['backfill', 'musicbrainz', '--dry'], "unknown option '--dry'"],
    [['import', 'img129', 'x'], 'Allowed choices are img-129, items'],
    [['import', 'items'], 'missing required argument'],
    [['import', 'items', '-', '-'], '- may be named once only'],
    [['scan', 'everything'], 'Allowed choices are archive'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });
});

test('a file that is not there, and a Temporal that nobody answers for: exit code 1 and one line', async () => {
  const missing = await run(['import', 'items', '/nowhere/list.txt']);
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  expect(missing.stderr).toMatch(/^Error: \/nowhere\/list.txt can't be read: [^\n]+; nothing was changed\n$/);
  const deaf = { ...deployment.environment, TEMPORAL_ADDRESS: `127.0.0.1:${await findFreePort()}` };
  const unreachable = await runCommand(['backfill', 'musicbrainz', '--config', '/dev/null'], deaf);
  expect(unreachable).toMatchObject({ code: 1, stdout: '' });
  expect(unreachable.stderr).toMatch(/^Error: [^\n]+\n$/);
});
