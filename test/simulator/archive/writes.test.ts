import { describe, expect, it } from 'vitest';
import { authorization, errorCode, gid, guestOf, identifier, image, making, otherIdentifier, ready } from './guest.ts';

const keep = { 'x-archive-keep-old-version': '1' };
const plain = { ...making, 'x-archive-auto-make-bucket': '0' };

describe('a PUT to the simulated S3', () => {
  it('makes the item, with the metadata of its headers', async () => {
    const { simulator, put } = await guestOf();
    const response = await put(identifier, 'index.json', '{}');
    expect(response.status).toBe(200);
    const item = simulator.archive.item(identifier);
    expect(item?.metadata).toEqual({ identifier, ...ready });
    expect(item?.files.find(({ name }) => name === 'index.json')).toMatchObject({
      source: 'original',
      content: Buffer.from('{}'),
    });
  });

  it('is refused without auto-make-bucket where there is no item', async () => {
    const { simulator, put } = await guestOf();
    const response = await put(identifier, 'index.json', '{}', plain);
    expect(response.status).toBe(404);
    expect(await errorCode(response)).toBe('NoSuchBucket');
    expect(simulator.archive.item(identifier)).toBeUndefined();
  });

  it('leaves the metadata of an existing item alone, unless the bucket is to be ignored', async () => {
    const { simulator, put } = await guestOf();
    simulator.archive.seedItem({ identifier, metadata: { collection: 'opensource', title: 'kept' }, files: [] });
    await put(identifier, 'index.json', '{}');
    expect(simulator.archive.item(identifier)?.metadata).toEqual({
      identifier,
      collection: 'opensource',
      title: 'kept',
    });
    await put(identifier, 'index.json', '{}', { 'x-archive-ignore-preexisting-bucket': '1' });
    expect(simulator.archive.item(identifier)?.metadata).toEqual({ identifier, ...ready });
  });

  it('keeps each older version under history/ where asked to, else loses it', async () => {
    const { simulator, put, names } = await guestOf();
    await put(identifier, 'index.json', 'one');
    await put(identifier, 'index.json', 'two', keep);
    await put(identifier, 'index.json', 'three', keep);
    await put(identifier, 'index.json', 'four');
    expect(names(identifier)).toEqual(['index.json', 'history/files/index.json.~1~', 'history/files/index.json.~2~']);
    const contents = simulator.archive
      .item(identifier)
      ?.files.slice(0, 3)
      .map(({ content }) => content.toString());
    expect(contents).toEqual(['four', 'one', 'two']);
  });

  it('has the archive derive thumbnails from an image', async () => {
    const { put, simulator } = await guestOf();
    await put(identifier, image, 'an image');
    const derived = simulator.archive.item(identifier)?.files.filter(({ source }) => source === 'derivative');
    const stem = `${identifier}-17`;
    expect(derived?.map(({ name }) => name)).toEqual([
      `${stem}_thumb250.jpg`,
      `${stem}_thumb500.jpg`,
      `${stem}_thumb1200.jpg`,
      `${stem}_thumb.jpg`,
      `${stem}_itemimage.jpg`,
    ]);
    expect(new Set(derived?.map(({ original }) => original))).toEqual(new Set([image]));
  });

  it('cannot touch the files that the archive itself writes', async () => {
    const { put, remove } = await guestOf();
    await put(identifier, 'index.json', '{}');
    expect(await errorCode(await put(identifier, `${identifier}_meta.xml`, 'mine'))).toBe('AccessDenied');
    expect(await errorCode(await remove(identifier, `${identifier}_files.xml`))).toBe('AccessDenied');
    expect(await errorCode(await put(identifier, 'history/files/index.json.~1~', 'mine'))).toBe('AccessDenied');
  });

  it('takes file names with slashes and encoded characters', async () => {
    const { put, remove, names } = await guestOf();
    await put(identifier, 'a folder/ä%?.txt', 'one');
    await put(identifier, 'a folder/ä%?.txt', 'two', keep);
    expect(names(identifier)).toEqual(['a folder/ä%?.txt', 'history/files/a folder/ä%?.txt.~1~']);
    await remove(identifier, 'history/files/a folder/ä%?.txt.~1~');
    expect(names(identifier)).toEqual(['a folder/ä%?.txt']);
  });
});

describe('the keys of the simulated S3', () => {
  const keys = { caa: { access: 'caa', secret: 'one' }, eaa: { access: 'eaa', secret: 'two' } };

  it.each([
    ['no key', '', 401, 'AccessDenied'],
    ['an unknown key', 'LOW nobody:one', 403, 'InvalidAccessKeyId'],
    ['a wrong secret', 'LOW caa:two', 403, 'SignatureDoesNotMatch'],
    ["the other project's key", 'LOW eaa:two', 403, 'AccessDenied'],
  ])('refuse %s', async (_, header, status, code) => {
    const { put, simulator } = await guestOf({ keys });
    const response = await put(identifier, 'index.json', '{}', { authorization: header });
    expect(response.status).toBe(status);
    expect(await errorCode(response)).toBe(code);
    expect(simulator.archive.identifiers()).toEqual([]);
  });

  it("let their own project's writes pass, to new items and to those of before", async () => {
    const { put, simulator } = await guestOf({ keys });
    simulator.archive.seedItem({
      identifier: otherIdentifier,
      metadata: { ...ready, collection: ['coverartarchive'] },
      files: [],
    });
    expect((await put(identifier, 'index.json', '{}', { authorization: 'LOW caa:one' })).status).toBe(200);
    expect((await put(otherIdentifier, 'index.json', '{}', { authorization: 'LOW caa:one' })).status).toBe(200);
    const refused = await put(otherIdentifier, 'index.json', '{}', { authorization: 'LOW eaa:two' });
    expect(await errorCode(refused)).toBe('AccessDenied');
  });

  it('are told in an error document with a request id', async () => {
    const { put } = await guestOf({ keys });
    const response = await put(identifier, 'index.json', '{}', { authorization: 'LOW nobody:one' });
    expect(response.headers.get('content-type')).toBe('application/xml');
    const text = await response.text();
    expect(text).toContain(`<Resource>/${identifier}/index.json</Resource>`);
    expect(text).toMatch(/<Message>.+<\/Message>/);
    expect(text).toMatch(/<RequestId>[0-9a-f-]{36}<\/RequestId>/);
  });
});

describe('a copy', () => {
  it('takes the bytes from another item, and derivatives are made again', async () => {
    const { simulator, copy, names } = await guestOf();
    const content = Buffer.from('an image');
    simulator.archive.seedItem({ identifier, metadata: ready, files: [{ name: image, content }] });
    const target = `${otherIdentifier}-17.jpg`;
    const response = await copy(otherIdentifier, target, `/${identifier}/${image}`, { ...authorization });
    expect(response.status).toBe(200);
    const item = simulator.archive.item(otherIdentifier);
    expect(item?.files.find(({ name }) => name === target)?.content).toEqual(content);
    expect(names(otherIdentifier)).toContain(`${otherIdentifier}-17_thumb250.jpg`);
    expect(simulator.requests()).toMatchObject({ copy: 1, put: 0 });
  });

  it('is refused where the source is not there, or not yet', async () => {
    const { simulator, copy, put, clock } = await guestOf({ applySeconds: { min: 60, max: 60 } });
    const source = `/${identifier}/${image}`;
    const missing = await copy(otherIdentifier, image, source);
    expect([missing.status, await errorCode(missing)]).toEqual([404, 'NoSuchKey']);
    await put(identifier, image, 'an image');
    expect(await errorCode(await copy(otherIdentifier, image, source))).toBe('NoSuchKey');
    clock.pass(60);
    expect((await copy(otherIdentifier, image, source)).status).toBe(200);
    expect(simulator.archive.item(otherIdentifier)).toBeUndefined();
  });
});

describe('a DELETE', () => {
  const files = [
    { name: image, content: Buffer.from('an image') },
    { name: `${identifier}-18.pdf`, content: Buffer.from('a document') },
    { name: 'index.json', content: Buffer.from('{}') },
  ];

  it('takes the derivatives along only where it cascades', async () => {
    const { simulator, remove, names } = await guestOf();
    simulator.archive.seedItem({ identifier, metadata: ready, files });
    expect((await remove(identifier, image)).status).toBe(204);
    expect(names(identifier)).toContain(`${identifier}-17_thumb250.jpg`);
    const cascading = await remove(identifier, `${identifier}-18.pdf`, { 'x-archive-cascade-delete': '1' });
    expect(cascading.status).toBe(204);
    expect(names(identifier).filter((name) => name.includes('-18'))).toEqual([]);
  });

  it('keeps an older version where asked to', async () => {
    const { simulator, remove, names } = await guestOf();
    simulator.archive.seedItem({ identifier, metadata: ready, files, derivatives: false });
    await remove(identifier, 'index.json', keep);
    expect(names(identifier)).toEqual([image, `${identifier}-18.pdf`, 'history/files/index.json.~1~']);
  });

  it('answers 204 also where the file is gone, and 404 where there never was an item', async () => {
    const { simulator, remove } = await guestOf();
    simulator.archive.seedItem({ identifier, metadata: ready, files });
    const before = simulator.archive.item(identifier)?.lastUpdated;
    expect((await remove(identifier, 'gone.txt')).status).toBe(204);
    expect(simulator.archive.item(identifier)?.lastUpdated).toEqual(before);
    expect(await errorCode(await remove(otherIdentifier, 'gone.txt'))).toBe('NoSuchBucket');
  });
});

describe('an item that can not be written to', () => {
  it('is one that is dark, as target and as source', async () => {
    const { simulator, put, copy, remove } = await guestOf();
    simulator.archive.seedItem({
      identifier,
      metadata: ready,
      files: [{ name: image, content: Buffer.from('x') }],
      dark: true,
    });
    expect(await errorCode(await put(identifier, 'index.json', '{}'))).toBe('AccessDenied');
    expect(await errorCode(await remove(identifier, image))).toBe('AccessDenied');
    expect(await errorCode(await copy(otherIdentifier, image, `/${identifier}/${image}`))).toBe('AccessDenied');
    expect(simulator.archive.item(identifier)?.files.some(({ name }) => name === image)).toBe(true);
  });

  it('is one that belongs to somebody else', async () => {
    const { simulator, put } = await guestOf();
    simulator.archive.seedItem({ identifier, metadata: ready, files: [], owner: 'somebody' });
    simulator.faults.accessDenied = [otherIdentifier];
    expect(await errorCode(await put(identifier, 'index.json', '{}'))).toBe('AccessDenied');
    expect(await errorCode(await put(otherIdentifier, 'index.json', '{}'))).toBe('AccessDenied');
    expect((await put(`mbid-${gid.replace('0', '1')}`, 'index.json', '{}')).status).toBe(200);
  });
});
