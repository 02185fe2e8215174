import { describe, expect, it } from 'vitest';
import { authorization, gid, guestOf, identifier, image, otherIdentifier, ready } from './guest.ts';

const slow = { min: 100, max: 100 };
const path = `/services/tasks.php?summary=1&identifier=${identifier}`;

function summary(queued: number, running: number, error = 0, paused = 0) {
  return { success: true, value: { summary: { queued, running, error, paused } } };
}

describe('a write', () => {
  it('is answered at once and applied later, and its derivatives later still', async () => {
    const { simulator, put, getJson, names, clock } = await guestOf({ applySeconds: slow });
    await put(identifier, image, 'an image');
    expect(await getJson(`/metadata/${identifier}`)).toEqual({});
    expect(await getJson(path, authorization)).toEqual(summary(1, 1));
    clock.pass(100);
    expect(names(identifier)).toEqual([image]);
    expect(await getJson(path, authorization)).toEqual(summary(0, 1));
    clock.pass(100);
    expect(names(identifier)).toContain(`${identifier}-17_thumb250.jpg`);
    expect(await getJson(path, authorization)).toEqual(summary(0, 0));
    expect(simulator.archive.item(identifier)?.lastUpdated).toEqual(new Date(clock.time));
  });

  it('is applied in the order of the requests, each after a time of its own', async () => {
    const { simulator, put, remove, clock } = await guestOf({ applySeconds: { min: 20, max: 1000 } });
    for (let turn = 1; turn <= 5; turn += 1) await put(identifier, 'index.json', `version ${turn}`);
    await remove(identifier, 'index.json', { 'x-archive-keep-old-version': '1' });
    const seen: string[] = [];
    for (let second = 0; second < 7000; second += 10) {
      clock.pass(10);
      const files = simulator.archive.item(identifier)?.files ?? [];
      const now = files.find(({ name }) => name === 'index.json')?.content.toString() ?? 'none';
      if (seen.at(-1) !== now) seen.push(now);
    }
    expect(seen).toEqual(['none', 'version 1', 'version 2', 'version 3', 'version 4', 'version 5', 'none']);
  });

  it('changes when the item was last updated, as of the time it was applied', async () => {
    const { simulator, put, clock } = await guestOf({ applySeconds: slow });
    simulator.archive.seedItem({ identifier, metadata: ready, files: [] });
    const ordered = clock.time;
    await put(identifier, 'index.json', '{}');
    clock.pass(1000);
    expect(simulator.archive.item(identifier)?.lastUpdated).toEqual(new Date(ordered + 200_000));
  });

  it('takes a time between the bounds, the same for the same seed', async () => {
    const durations = async (seed: number) => {
      const { simulator, put, clock } = await guestOf({ seed, applySeconds: { min: 100, max: 200 } });
      await put(identifier, 'index.json', '{}');
      const start = clock.time;
      while (simulator.archive.item(identifier) === undefined) clock.pass(1);
      return (clock.time - start) / 1000;
    };
    const first = await durations(1);
    expect(first).toBeGreaterThanOrEqual(100);
    expect(first).toBeLessThanOrEqual(201);
    expect(await durations(1)).toBe(first);
    expect(await durations(2)).not.toBe(first);
  });

  it('is applied at once when a test settles the archive', async () => {
    const { simulator, put, names } = await guestOf({ applySeconds: slow });
    await put(identifier, image, 'an image');
    expect(simulator.archive.outstandingTasks()).toBe(2);
    simulator.archive.settle();
    expect(simulator.archive.outstandingTasks()).toBe(0);
    expect(names(identifier)).toContain(`${identifier}-17_thumb250.jpg`);
  });
});

describe('tasks.php', () => {
  it('is for those with keys', async () => {
    const { get } = await guestOf();
    const response = await get(path);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ success: false });
  });

  it('counts nothing where there is no item', async () => {
    const { getJson } = await guestOf();
    expect(await getJson(path, authorization)).toEqual(summary(0, 0));
  });

  it('shows a task in error, with the later ones waiting, until staff run it again', async () => {
    const { simulator, put, getJson, names, clock } = await guestOf({ applySeconds: slow });
    simulator.faults.taskFailure = { next: 1 };
    simulator.faults.taskErrorSeconds = 50;
    await put(identifier, 'first.txt', 'one');
    await put(identifier, 'second.txt', 'two');
    clock.pass(120);
    expect(await getJson(path, authorization)).toEqual(summary(2, 0, 1));
    clock.pass(1000);
    expect(names(identifier)).toEqual(['first.txt', 'second.txt']);
    expect(await getJson(path, authorization)).toEqual(summary(0, 0));
  });

  it('shows a failed task no more once it was dropped, and the write is lost', async () => {
    const { simulator, put, getJson, names } = await guestOf();
    Object.assign(simulator.faults, { taskFailure: { next: 1 }, taskErrorSeconds: 0, taskErrorEnds: 'dropped' });
    expect((await put(identifier, 'first.txt', 'one')).status).toBe(200);
    await put(identifier, 'second.txt', 'two');
    expect(names(identifier)).toEqual(['second.txt']);
    expect(await getJson(path, authorization)).toEqual(summary(0, 0));
  });

  it('applies a copy late where it lags, and what is written to its item after that behind it', async () => {
    const { simulator, put, copy, names, clock } = await guestOf();
    await put(otherIdentifier, 'source.jpg', 'image');
    Object.assign(simulator.faults, { copyLag: 1, copyLagSeconds: 60 });
    await copy(identifier, 'copy.jpg', `/${otherIdentifier}/source.jpg`);
    await put(identifier, 'index.json', '{}');
    clock.pass(59);
    expect(simulator.archive.item(identifier)).toBeUndefined();
    clock.pass(2);
    expect(names(identifier)).toEqual(['copy.jpg', 'index.json']);
  });

  it('shows a task that is never run for ever, settled or not', async () => {
    const { simulator, put, getJson, clock } = await guestOf({ applySeconds: slow });
    simulator.faults.taskStuck = [identifier];
    await put(identifier, 'index.json', '{}');
    await put(otherIdentifier, 'index.json', '{}');
    clock.pass(1e6);
    simulator.archive.settle();
    expect(await getJson(path, authorization)).toEqual(summary(1, 0, 0, 1));
    expect(simulator.archive.identifiers()).toEqual([otherIdentifier]);
  });

  it('shows what waited behind such a task in its order, once the archive’s staff has had it run', async () => {
    const { simulator, put, getJson, names } = await guestOf();
    simulator.faults.taskStuck = [identifier];
    await put(identifier, 'index.json', 'first');
    simulator.faults.taskStuck = 0;
    await put(identifier, 'index.json', 'second');
    expect(simulator.archive.item(identifier)).toBeUndefined();
    simulator.archive.runStuckTasks(identifier);
    expect(names(identifier)).toEqual(['index.json']);
    const [file] = simulator.archive.item(identifier)?.files ?? [];
    expect(file?.content.toString()).toBe('second');
    expect(await getJson(path, authorization)).toEqual(summary(0, 0));
  });

  it('may answer 200 without success', async () => {
    const { simulator, get } = await guestOf();
    simulator.faults.tasksError = 1;
    const response = await get(path, authorization);
    expect([response.status, await response.json()]).toMatchObject([200, { success: false }]);
  });
});

describe('what the archive derives from the XML of a release', () => {
  const release = (inner: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<metadata xmlns="http://musicbrainz.org/ns/mmd-2.0#"><release id="${gid}">${inner}</release></metadata>`;
  const credit = (id: string, name: string, sortName: string) =>
    `<name-credit joinphrase=" &amp; "><artist id="${id}" type="Person"><name>${name}</name><sort-name>${sortName}</sort-name></artist></name-credit>`;

  const derivedFrom = async (xml: string) => {
    const { simulator, put } = await guestOf();
    simulator.archive.seedItem({
      identifier,
      metadata: { ...ready, title: 'Old', date: '1990', creator: ['A', 'B'] },
      files: [],
    });
    await put(identifier, `${identifier}_mb_metadata.xml`, xml);
    return simulator.archive.item(identifier)?.metadata;
  };

  it('is title, creators, date, language and external identifiers', async () => {
    const xml = release(
      '<title>Rock &amp; R&#xF6;ll</title><text-representation><language>eng</language><script>Latn</script></text-representation>' +
        `<artist-credit>${credit('a-1', 'X', 'X, Mr.')}${credit('a-2', 'Y', 'Y, Ms.')}</artist-credit>` +
        '<date>1999-01</date><barcode>0123</barcode><asin>B000</asin>',
    );
    expect(await derivedFrom(xml)).toEqual({
      identifier,
      ...ready,
      title: 'Rock & Röll',
      creator: ['X', 'Y'],
      'creator-alt-script': ['X, Mr.', 'Y, Ms.'],
      date: '1999-01',
      language: 'eng',
      'external-identifier': [
        `urn:mb_release_id:${gid}`,
        'urn:mb_artist_id:a-1',
        'urn:mb_artist_id:a-2',
        'urn:upc:0123',
        'urn:asin:B000',
      ],
    });
  });

  it('goes away where the release says it no more, and is a string where there is one of it', async () => {
    const xml = release(
      `<title>New</title><artist-credit>${credit('a-1', 'X', 'X')}</artist-credit><barcode></barcode>`,
    );
    expect(await derivedFrom(xml)).toEqual({
      identifier,
      ...ready,
      title: 'New',
      creator: 'X',
      'creator-alt-script': 'X',
      'external-identifier': [`urn:mb_release_id:${gid}`, 'urn:mb_artist_id:a-1'],
    });
  });

  it.each(['<not xml', '', `<metadata><event id="${gid}"><name>New</name></event></metadata>`])(
    'is nothing from %j',
    async (xml) => {
      expect(await derivedFrom(xml)).toEqual({ identifier, ...ready, title: 'Old', date: '1990', creator: ['A', 'B'] });
    },
  );
});
