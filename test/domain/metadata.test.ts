import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMetadata, UnreadableAnswerError } from '../../src/domain/documents/metadata.ts';

const identifier = 'mbid-11111111-1111-4111-8111-111111111111';
const md5 = '0123456789abcdef0123456789abcdef';
const sha1 = `${md5}01234567`;

function answer(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    created: 1785542400,
    d1: 'ia801.us.archive.org',
    d2: 'ia601.us.archive.org',
    dir: `/1/items/${identifier}`,
    files: [
      { name: 'index.json', source: 'original', md5, size: '1234', mtime: '1785542300', format: 'JSON' },
      { name: `${identifier}-1_thumb250.jpg`, source: 'derivative', original: `${identifier}-1.jpg`, md5, size: '99' },
      { name: `${identifier}_files.xml`, source: 'original', format: 'Metadata' },
    ],
    item_last_updated: 1785542399,
    metadata: { identifier, collection: ['coverartarchive', 'image'], mediatype: 'image', noindex: 'true' },
    workable_servers: ['ia801.us.archive.org', 'ia902.us.archive.org'],
    ...changes,
  };
}

describe('the answer to a metadata request', () => {
  it('gives the files, the metadata and where the files are', () => {
    expect(parseMetadata(answer(), identifier)).toEqual({
      kind: 'present',
      files: [
        { name: 'index.json', source: 'original', original: null, md5, sha1: null, size: 1234, mtime: 1785542300 },
        {
          name: `${identifier}-1_thumb250.jpg`,
          source: 'derivative',
          original: `${identifier}-1.jpg`,
          md5,
          sha1: null,
          size: 99,
          mtime: null,
        },
        {
          name: `${identifier}_files.xml`,
          source: 'original',
          original: null,
          md5: null,
          sha1: null,
          size: null,
          mtime: null,
        },
      ],
      metadata: {
        identifier: [identifier],
        collection: ['coverartarchive', 'image'],
        mediatype: ['image'],
        noindex: ['true'],
      },
      lastUpdated: 1785542399,
      nodes: ['ia801.us.archive.org', 'ia601.us.archive.org', 'ia902.us.archive.org'],
      dir: `/1/items/${identifier}`,
    });
  });

  it('is an item that is missing, if confirmed, where it is empty', () => {
    expect(parseMetadata({})).toEqual({ kind: 'missing' });
  });

  it('is a dark item where it says so, however it says so', () => {
    for (const flag of [true, 'true', 1, '1', ['true']])
      expect(parseMetadata({ is_dark: flag })).toEqual({ kind: 'dark' });
    expect(parseMetadata(answer({ is_dark: false })).kind).toBe('present');
  });

  it('may give numbers for strings, strings for numbers, lists for strings and strings for lists', () => {
    const item = parseMetadata(
      answer({
        files: [{ name: ['index.json'], source: ['original'], size: 12, md5: [md5.toUpperCase()], sha1 }],
        metadata: {
          collection: 'coverartarchive',
          noindex: true,
          date: 1999,
          title: ['A', 'B'],
          odd: null,
          deep: { a: 1 },
        },
        item_last_updated: '1785542399',
        workable_servers: 'ia801.us.archive.org',
        d1: undefined,
        d2: null,
      }),
    );
    expect(item).toMatchObject({
      files: [{ name: 'index.json', source: 'original', original: null, md5, sha1, size: 12, mtime: null }],
      metadata: {
        collection: ['coverartarchive'],
        noindex: ['true'],
        date: ['1999'],
        title: ['A', 'B'],
        odd: [],
        deep: [],
      },
      lastUpdated: 1785542399,
      nodes: ['ia801.us.archive.org'],
    });
  });

  it('tells no md5 or time where what it holds is none', () => {
    const files = [{ name: 'index.json', source: 'original', md5: 'soon', sha1: md5, size: 'many' }];
    expect(parseMetadata(answer({ files, item_last_updated: 'now' }))).toMatchObject({
      files: [{ md5: null, sha1: null, size: null }],
      lastUpdated: null,
    });
  });

  const flags = [
    false,
    'false',
    0,
    '0',
    '',
    null,
    ['false'],
    [],
    ['true', 'true'],
    [['true']],
    { true: true },
    'TRUE!',
  ];
  it.each(flags)('is no dark item where it says %j of that', (flag) => {
    expect(parseMetadata(answer({ is_dark: flag })).kind).toBe('present');
  });

  it.each([
    [0, 0],
    ['0', 0],
    ['12.5', 12.5],
    [[7], 7],
    [-1, null],
    ['-1', null],
    ['', null],
    [' ', null],
    ['1e999', null],
    ['12a', null],
    [[1, 2], null],
    [[[1]], null],
    [{}, null],
    [null, null],
  ])('reads %j as the number %j', (value, number) => {
    const files = [{ name: 'a', source: 'original', size: value }];
    expect(parseMetadata(answer({ files, item_last_updated: value }))).toMatchObject({
      files: [{ size: number }],
      lastUpdated: number,
    });
  });

  it.each([
    [md5, md5],
    [md5.toUpperCase(), md5],
    [`${md5}0`, null],
    [`0${md5}`, null],
    [md5.slice(1), null],
    [`g${md5.slice(1)}`, null],
    [`${md5.slice(1)}g`, null],
    ['', null],
    [null, null],
  ])('reads %j as the md5 %j', (value, read) => {
    expect(parseMetadata(answer({ files: [{ name: 'a', source: 'b', md5: value }] }))).toMatchObject({
      files: [{ md5: read }],
    });
  });

  it.each([
    ['a list', { workable_servers: ['b', '', null, 'a', ['c'], ['d', 'e']] }, ['a', 'b', 'c']],
    ['one value', { workable_servers: 'b' }, ['a', 'b']],
    ['nothing', { workable_servers: undefined }, ['a']],
    ['an empty text', { workable_servers: '', d1: '', d2: 'z' }, ['z']],
  ])('tells where the files are, each place once: %s', (_, changes, nodes) => {
    expect(parseMetadata(answer({ d1: 'a', d2: undefined, ...changes }))).toMatchObject({ nodes });
  });

  it('tells no place on a node where it holds none', () => {
    expect(parseMetadata(answer({ dir: undefined }))).toMatchObject({ dir: null });
    expect(parseMetadata(answer({ dir: ['/1'] }))).toMatchObject({ dir: '/1' });
  });

  it('is about the item it names, whoever asked for it, and may name none', () => {
    const metadata = { identifier: 'mbid-0' };
    expect(parseMetadata(answer({ metadata })).kind).toBe('present');
    expect(parseMetadata(answer({ metadata }), 'mbid-0').kind).toBe('present');
    expect(parseMetadata(answer({ metadata: {} }), identifier).kind).toBe('present');
  });

  it.each<readonly [unknown, string]>([
    [undefined, 'is nothing: expected an object'],
    [null, 'is null: expected an object'],
    [[], 'is a list: expected an object'],
    ['busy', 'is a value of type string: expected an object'],
    [{ error: 'x'.repeat(300) }, `reports a fault: "${'x'.repeat(199)}`],
    [{ error: null }, 'reports a fault: null'],
    [{ created: 1 }, 'has nothing as its files: expected a list'],
    [answer({ files: { 0: 'a' } }), 'has a value of type object as its files: expected a list'],
    [answer({ files: [] }), 'lists no files at all, and every item has the archive’s own'],
    [answer({ metadata: null }), 'has null as its metadata: expected an object'],
    [answer({ metadata: [] }), 'has a list as its metadata: expected an object'],
    [answer({ metadata: { identifier: 'mbid-0' } }), `is about "mbid-0": expected ${identifier}`],
    ...[null, [], 'a', { name: '', source: 'b' }, { name: 'a', source: '' }, { name: 'a' }, { source: 'b' }].map(
      (file) =>
        [
          answer({ files: [{ name: 'a', source: 'b' }, file] }),
          'names no file and source at position 1 of its files',
        ] as const,
    ),
  ])('says why it cannot be judged: %j', (body, why) => {
    expect(() => parseMetadata(body, identifier)).toThrow(
      new UnreadableAnswerError(`the metadata answer ${why}; the item cannot be judged`),
    );
    expect(new UnreadableAnswerError().name).toBe('UnreadableAnswerError');
  });

  it('says so of a fault that is nested too deeply to be shown', () => {
    const error = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect(() => parseMetadata({ error })).toThrow('reports a fault: a list that is nested too deeply to be shown;');
  });

  it.each([
    ['reports a fault', { error: 'could not reach the backend' }],
    ['reports a fault', { error: JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown }],
    ['reports a fault beside an item', answer({ error: 'stale' })],
    ['is a list', []],
    ['is null', null],
    ['is text', 'busy'],
    ['lacks its files', answer({ files: undefined })],
    ['has an object as its files', answer({ files: {} })],
    ['lists no files, though every item has the archive’s own', answer({ files: [] })],
    ['lacks its metadata', answer({ metadata: undefined })],
    ['has a list as its metadata', answer({ metadata: [] })],
    ['has a file without a name', answer({ files: [{ source: 'original' }] })],
    ['has a file without a source', answer({ files: [{ name: 'index.json' }] })],
    ['has a file that is none', answer({ files: ['index.json'] })],
    ['is about another item', answer({ metadata: { identifier: 'mbid-0' } })],
    ['is about another item of a name as long', answer({ metadata: { identifier: identifier.replace('1', '2') } })],
    ['has a file of an empty name', answer({ files: [{ name: '', source: 'original' }] })],
    ['has a file of an empty source', answer({ files: [{ name: 'index.json', source: '' }] })],
    ['has a file of two names', answer({ files: [{ name: ['a', 'b'], source: 'original' }] })],
    ['has a name in a list in a list', answer({ files: [{ name: [['a']], source: 'original' }] })],
  ])('cannot tell anything where it %s', (_, body) => {
    expect(() => parseMetadata(body, identifier)).toThrow(UnreadableAnswerError);
  });

  it.each([
    [{ md5: md5.slice(1) }, { md5: null }],
    [{ md5: `${md5}0` }, { md5: null }],
    [{ size: -1 }, { size: null }],
    [{ size: '' }, { size: null }],
    [{ size: ' ' }, { size: null }],
    [{ size: 0 }, { size: 0 }],
    [{ size: '1e400' }, { size: null }],
  ])('takes of a file with %j: %j', (held, told) => {
    const files = [{ name: 'index.json', source: 'original', ...held }];
    expect(parseMetadata(answer({ files }))).toMatchObject({ files: [told] });
  });

  it('names each node once, and none that has no name', () => {
    const nodes = { d1: 'a', d2: '', workable_servers: ['a', '', 'b', null, ['c']] };
    expect(parseMetadata(answer(nodes))).toMatchObject({ nodes: ['a', 'b', 'c'] });
  });

  it('is never anything else than an item or unreadable', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (whole, files, metadata) => {
        for (const body of [whole, answer({ files }), answer({ metadata }), answer({ files: [files] })]) {
          try {
            expect(['missing', 'dark', 'present']).toContain(parseMetadata(body).kind);
          } catch (error) {
            expect(error).toBeInstanceOf(UnreadableAnswerError);
          }
        }
      }),
    );
  });
});
