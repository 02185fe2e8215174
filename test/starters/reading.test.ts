import { gzipSync } from 'node:zlib';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { describe, expect, onTestFinished, test } from 'vitest';
import { filesOf, gidOf, readAll, sourceOf } from './files.ts';

const [one, two, three] = [gidOf(1), gidOf(2), gidOf(3)];

async function readFiles(kind: 'img-129' | 'items', files: Readonly<Record<string, Uint8Array | string>>) {
  const reading = await readAll(await sourceOf(kind, filesOf(files)));
  return { ...reading, tally: reading.source.tallies()[0]! };
}

describe('a file of the audit of 2021 is recognised and raises what failed', () => {
  const index = 'Item::CAAIndex::Image::order';
  const internal = 'InternalError::unknown';
  test.each([
    ['bad_items.csv', `mbid,${index},${internal}\n${one},2,0\n${two},0,1\n${three},0,0\n`],
    ['failed_checks.log', `${one}\t${index}\n${two}\t${internal}\n`],
    ['results_cache.gz', `${one}\t${index}\tFAILED\n${two}\t${index}\tITEM SKIPPED\n${three}\t${index}\tPASSED\n`],
    ['reindex_high_prioriy', `${one}\thttps://mb/\thttps://ia/\t${index}; Item::darkened\n`],
    ['darkened_items', `${one}\n`],
    ['skipped_items.log', `${two}\t${index}\n`],
    ['properly_empty', `${two}\thttps://mb/\thttps://ia/\t\n`],
    ['items.txt', `mbid-${two}\n`],
  ])('%s', async (name, text) => {
    const byName = await readFiles('img-129', { [name]: name.endsWith('.gz') ? gzipSync(text) : text });
    const expected = [`${one} 200`, `${two} 150`].filter((line) => text.includes(line.slice(0, 36)));
    expect(byName.named).toEqual(expected);
    expect(byName.leftOut).toEqual([]);

    if (['skipped_items.log', 'properly_empty'].includes(name)) return; // Only the name tells these.
    const byContent = await readFiles('img-129', { 'something.else': gzipSync(text) });
    expect(byContent.named).toEqual(expected);
  });

  test('a check that failed after one that was skipped raises its entity again', async () => {
    const skipped = `${one}\t${index}\tITEM SKIPPED\n`;
    const raised = await readFiles('img-129', {
      results_cache: skipped + `${one}\t${index}\tFAILED\n`.repeat(2),
    });
    expect(raised.named).toEqual([`${one} 150`, `${one} 200`]);
    expect(raised.batches[0]!.entities.map(({ isAgain }) => isAgain)).toEqual([false, true]);
    expect(raised.tally.duplicates).toBe(2);
    // What was handed over is another thing where it was handed over with another priority.
    const failed = await readFiles('img-129', { results_cache: skipped.replace('ITEM SKIPPED', 'FAILED') });
    const once = await readFiles('img-129', { results_cache: skipped });
    expect(failed.batches[0]!.digest).not.toBe(once.batches[0]!.digest);
  });
});

describe('input that is not as it should be is counted and named, and nothing else is lost', () => {
  test('a wrong header: the file is refused, the others are read', async () => {
    const [bad, good] = filesOf({ 'bad_items.csv': `mbid,Item::x,colour\n${one},1,1\n`, darkened_items: two });
    const { named, source } = await readAll(await sourceOf('img-129', [bad!, good!]));
    expect(named).toEqual([`${two} 200`]);
    expect(source.tallies()[0]!.trouble).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('colour') as string,
    });
  });

  test('a file of no form that is known is refused', async () => {
    const { named, tally } = await readFiles('img-129', { 'holiday.jpg': 'a\nb\n' });
    expect(named).toEqual([]);
    expect(tally.trouble?.kind).toBe('refused');
  });

  test('lines that cannot be read are listed by their numbers', async () => {
    const { named, tally, leftOut } = await readFiles('img-129', {
      'failed_checks.log': `${one}\tItem::x\nnonsense\n\n${two}\tItem::x\tmore\n${two}\tColour::x\n${three}\tItem::y`,
    });
    expect(named).toEqual([`${one} 200`, `${three} 200`]);
    expect(leftOut).toEqual(['line 2: unreadable', 'line 4: unreadable', 'line 5: unreadable']);
    expect(tally.unreadable.examples[0]).toMatchObject({ where: 'line 2', text: 'nonsense' });
  });

  test('a row of bad_items.csv with too few cells, or one that is no number', async () => {
    const { leftOut, tally } = await readFiles('img-129', {
      'bad_items.csv': `mbid,Item::x,Item::y\n${one},1\n${two},1,x${'x'.repeat(100)}\n${three},0,0\n`,
    });
    expect(leftOut).toEqual(['line 2: unreadable', 'line 3: unreadable']);
    expect(tally.unreadable.examples[1]!.text).toHaveLength(80);
    expect(tally.passed).toBe(1);
  });

  test('CR LF, a byte order mark, upper case, and entities that are named twice', async () => {
    const { named, tally } = await readFiles('items', {
      'list.txt': `\uFEFFmbid-${one}\r\nmbid-ABCDEF00-0000-4000-8000-00000000000A\r\nmbid-${one}\r\n`,
    });
    expect(named).toEqual([`${one} 100`, 'abcdef00-0000-4000-8000-00000000000a 100']);
    expect(tally).toMatchObject({ hasByteOrderMark: true, crlf: 3, upperCase: 1, duplicates: 1, named: 3 });
  });

  test('a byte order mark is one at the beginning only', async () => {
    const { tally } = await readFiles('items', { 'list.txt': `mbid-${one}\n\uFEFFmbid-${two}\n` });
    expect(tally.hasByteOrderMark).toBe(false);
  });

  test('identifiers of other collections are refused', async () => {
    const { named, leftOut } = await readFiles('items', { 'list.txt': `gd1977-05-08.sbd\nmbid-${one}\nmbid-x\n` });
    expect(named).toEqual([`${one} 100`]);
    expect(leftOut).toEqual(['line 1: refused', 'line 3: refused']);
  });

  test('gzip that is cut anywhere: every whole line before the cut counts, and the file is said to be cut', async () => {
    const count = 4000;
    const text = Array.from({ length: count }, (_, n) => `mbid-${gidOf(n * 7919)}\n`).join('');
    const whole = gzipSync(text);
    for (const length of [3, 20, Math.floor(whole.length / 2), whole.length - 9, whole.length - 1]) {
      const { named, tally } = await readFiles('items', { 'list.gz': whole.subarray(0, length) });
      expect(tally.trouble?.kind).toBe('cut_short');
      expect(tally.unreadable.count).toBe(0);
      expect(named).toEqual(named.map((_, n) => `${gidOf(n * 7919)} 100`));
      if (length >= whole.length - 9) expect(named.length).toBeGreaterThanOrEqual(count - 1);
    }
    const { named, tally } = await readFiles('items', { 'list.gz': Buffer.concat([whole, gzipSync(`mbid-${one}`)]) });
    expect([named.length, tally.trouble]).toEqual([count + 1, null]);
  });

  test(
    '100 MB without a newline: passed over in constant memory, what stands around is taken',
    { timeout: 120_000 },
    async () => {
      const [path] = filesOf({ 'list.txt': '' });
      const stream = createWriteStream(path!);
      stream.write(`mbid-${one}\n`);
      const piece = Buffer.alloc(1024 * 1024, 'x');
      for (let megabytes = 0; megabytes < 100; megabytes += 1) if (!stream.write(piece)) await once(stream, 'drain');
      stream.end(`\nmbid-${two}\n`);
      await once(stream, 'close');

      const source = await sourceOf('items', [path!]);
      const before = process.memoryUsage().rss;
      let highest = 0;
      const timer = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 5);
      const { named, leftOut } = await readAll(source).finally(() => clearInterval(timer));
      expect(named).toEqual([`${one} 100`, `${two} 100`]);
      expect(leftOut).toEqual(['line 2: unreadable']);
      expect(Math.max(highest, process.memoryUsage().rss) - before).toBeLessThan(80 * 1024 * 1024);
    },
  );
});

describe('a dump of metadata answers tells what is odd without asking the archive', () => {
  const answer = (
    gid: string,
    { collection = 'eventartarchive', files = ['index.json', `mbid-${gid}_mb_metadata.xml`] } = {},
  ) =>
    JSON.stringify({
      metadata: { identifier: `mbid-${gid}`, collection: [collection], mediatype: 'image', noindex: 'true' },
      files: files.map((name) => ({ name, source: 'original' })),
    });

  test('files and folders, gzip or not', async () => {
    const folder = (path: string): string => path.slice(0, path.indexOf('/dump/') + 5);
    const paths = filesOf({
      [`dump/a/mbid-${one}.meta.json.gz`]: gzipSync(answer(one)),
      [`dump/b/mbid-${two}.meta.json`]: answer(two, { files: [`mbid-${two}-7.jpg`] }),
      [`dump/c/mbid-${three}.meta.json`]: '{"is_dark": true}',
      'dump/d/gd1977.meta.json': answer(one).replaceAll(`mbid-${one}`, 'gd1977'),
      [`dump/e/mbid-${gidOf(5)}.meta.json`]: '{}',
      [`dump/f/mbid-${gidOf(6)}.meta.json.gz`]: gzipSync(answer(gidOf(6))).subarray(0, 60),
      [`dump/g/mbid-${gidOf(7)}.meta.json`]: answer(gidOf(7), { collection: 'opensource' }),
      [`dump/h/mbid-${gidOf(8)}.meta.json`]: answer(gidOf(8), { files: [] }),
      [`dump/i/mbid-${gidOf(9)}.meta.json`]: answer(gidOf(9)),
      'dump/readme.txt': 'not one of them',
    });
    const { named, batches, leftOut, source } = await readAll(await sourceOf('items', [folder(paths[0]!)]));
    expect(named.toSorted()).toEqual([
      `${one} 100`,
      `${two} 200`,
      `${three} 200`,
      `${gidOf(7)} 200`,
      `${gidOf(9)} 100`,
    ]);
    const typeOf = (gid: string) => batches[0]!.entities.find(({ gids }) => gids.includes(gid))!.entityType;
    expect([one, two, three, gidOf(7)].map(typeOf)).toEqual(['event', 'event', null, null]);
    expect(leftOut).toEqual([
      `${paths[3]}: refused`,
      `${paths[4]}: unreadable`,
      `${paths[5]}: unreadable`,
      `${paths[7]}: unreadable`,
    ]);
    const [tally] = source.tallies();
    expect(tally).toMatchObject({ records: 9, suspicious: 3 });
    // Of such an item nothing is told: the others are taken, and the summary says why it isn't.
    expect(tally!.unreadable.examples.at(-1)).toMatchObject({
      where: paths[7],
      reason: expect.stringContaining('lists no files at all') as string,
    });
  });
});

/** Until the test ends, folders are listed from their end: Node sorts where it runs on Linux, and promises nothing. */
function listBackwards(): void {
  const { readdir } = files;
  const backwards = async (...args: Parameters<typeof readdir>) => (await readdir(...args)).reverse();
  files.readdir = backwards as unknown as typeof readdir;
  syncBuiltinESMExports();
  onTestFinished(() => {
    files.readdir = readdir;
    syncBuiltinESMExports();
  });
}

test('the files of a folder are read by their names, in whatever order the file system has them', async () => {
  const content = JSON.stringify({ files: [{ name: 'index.json', source: 'original' }], metadata: {} });
  const places = ['B/4', 'a/b/2', 'a/z/9', 'b/7', 'c/1', 'c/3'];
  const paths = filesOf(
    Object.fromEntries(
      places.map((at) => [`dump/${at.replace(/\d/, (n) => `mbid-${gidOf(Number(n))}`)}.json`, content]),
    ),
  );
  const folder = paths[0]!.slice(0, paths[0]!.indexOf('/dump/') + 5);
  listBackwards();
  const { named } = await readAll(await sourceOf('items', [folder]));
  expect(named.map((line) => Number(line.slice(24, 36)))).toEqual([4, 2, 9, 7, 1, 3]);
});

describe('of a list', () => {
  test('some thousand entities are handed over at once, and where few are named, what was read', async () => {
    const { batches } = await readFiles('items', { 'list.txt': `mbid-${one}\n${'\n'.repeat(249_999)}mbid-${two}\n` });
    expect(batches.map(({ from, upTo }) => [from, upTo])).toEqual([
      [0, 250_000],
      [250_000, 250_001],
    ]);
  });

  test('twenty of the lines that were left out are kept as examples, and all are told', async () => {
    const { tally, leftOut } = await readFiles('items', { 'list.txt': 'ä\n'.repeat(25) });
    expect([tally.unreadable.count, tally.unreadable.examples.length, leftOut.length]).toEqual([25, 20, 25]);
    expect(tally.unreadable.examples.at(-1)).toMatchObject({ where: 'line 20', text: 'ä' });
  });

  test('how much was read is told by the bytes of its files', async () => {
    const source = await sourceOf('items', filesOf({ 'a.txt': `mbid-${one}\n`, 'b.txt': `mbid-${two}\n` }));
    expect(source.share()).toBe(0);
    expect(source.name).toMatch(/a\.txt, .*b\.txt$/);
    await readAll(source);
    expect([source.share(), source.entities()]).toEqual([1, 2]);
    expect((await sourceOf('items', ['-'], 'x')).share()).toBeNull();
    expect((await sourceOf('items', filesOf({ 'empty.txt': '' }))).share()).toBeNull();
  });

  test('the same file is known again by its name and its beginning, however much of it there is', async () => {
    const idOf = async (name: string, content: string) => (await sourceOf('items', filesOf({ [name]: content }))).id;
    const begun = `mbid-${one}\n`.repeat(50);
    const id = await idOf('a list.txt', begun.padEnd(5000, 'x'));
    expect(id).toMatch(/^a_list\.txt-[0-9a-f]{12}$/);
    expect(await idOf('a list.txt', begun.padEnd(6000, 'x'))).toBe(id);
    expect(await idOf('a list.txt', begun.padEnd(5000, 'y'))).not.toBe(id);
    expect(await idOf('b list.txt', begun.padEnd(5000, 'x'))).not.toBe(id);
  });

  test('a text is none of gzip’s for its first byte alone', async () => {
    expect((await readFiles('items', { 'list.txt': `\u001f\nmbid-${one}\n` })).named).toEqual([`${one} 100`]);
  });

  test('a file that is not there is named before anything is read', async () => {
    await expect(sourceOf('items', ['/nowhere/list.txt'])).rejects.toThrow(
      /list\.txt can't be read: .*nothing was changed/,
    );
  });
});

describe('several inputs', () => {
  test('are one import, known again by all of their names', async () => {
    const idOf = async (...names: string[]) =>
      (await sourceOf('items', filesOf(Object.fromEntries(names.map((name) => [name, 'x']))))).id;
    expect(await idOf('a.txt', 'b.txt')).not.toBe(await idOf('a.txt', 'c.txt'));
    expect(await idOf('list.txt.gz')).toMatch(/^list\.txt-/);
  });

  test('can be read again unless one is standard input, whose length nobody knows', async () => {
    const [file] = filesOf({ 'a.txt': `mbid-${one}\n` });
    expect((await sourceOf('items', [file!])).canReadAgain).toBe(true);
    const both = await sourceOf('items', [file!, '-'], `mbid-${two}\n`);
    expect((await readAll(both)).named).toEqual([`${one} 100`, `${two} 100`]);
    expect([both.canReadAgain, both.share()]).toEqual([false, null]);
  });

  test('that are dumps count as one, and each is read by its name where it names nothing itself', async () => {
    const upper = 'ABCDEF00-0000-4000-8000-00000000000A';
    const paths = filesOf({
      [`mbid-${one}_meta.json`]: '{"is_dark": true}',
      [`mbid-${two}.json`]: '{"is_dark": true}'.padEnd(16 * 1024 * 1024 + 1),
      [`mbid-${upper}.json`]: '{"is_dark": true}'.padEnd(16 * 1024 * 1024),
    });
    const { named, source, leftOut } = await readAll(await sourceOf('items', paths));
    expect(named).toEqual([`${one} 200`, `${upper.toLowerCase()} 200`]);
    expect(leftOut).toEqual([`${paths[1]}: unreadable`]);
    expect(source.tallies()).toMatchObject([{ file: '3 dumps', records: 3, upperCase: 1 }]);
  });
});

test('a file of the audit of 2021 is recognised within its first hundred lines, and not after', async () => {
  const lines = (noise: number) => `${'nonsense\n'.repeat(noise)}${one}\tItem::x\n`;
  const recognised = await readFiles('img-129', { 'some.log': lines(99) });
  expect([recognised.named, recognised.leftOut.length]).toEqual([[`${one} 200`], 99]);
  // Lines come in pieces of 16 KB: those after some longer ones are of the next piece.
  const padded = (count: number, length: number) =>
    readFiles('img-129', { 'some.log': `${`${'x'.repeat(length)}\n`.repeat(count)}${one}\tItem::x\n` });
  expect((await padded(60, 300)).named).toEqual([`${one} 200`]);
  const refused = await padded(300, 100);
  expect([refused.named, refused.tally.trouble?.kind]).toEqual([[], 'refused']);
  expect((await readFiles('img-129', { 'some.log': '\n \n' })).tally.trouble).toBeNull();
});

test('the same content is cut at the same places, and has the same digest there, also where it continues', async () => {
  const text = Array.from({ length: 5000 }, (_, n) => `mbid-${gidOf(n)}\n`).join('');
  const paths = filesOf({ 'list.txt': text });
  const first = await readAll(await sourceOf('items', paths));
  const again = await readAll(await sourceOf('items', ['-'], text), 3000);
  expect(first.batches.map(({ upTo }) => upTo)).toEqual([2000, 4000, 5000]);
  expect(again.batches.map(({ upTo }) => upTo)).toEqual([2000, 3000, 5000, 5000]);
  expect(again.batches[0]!.digest).toBe(first.batches[0]!.digest);
  expect(again.batches.at(-1)!.digest).toBe(first.batches.at(-1)!.digest);
  expect(again.batches[1]!.digest).not.toBe(first.batches[1]!.digest);
});
