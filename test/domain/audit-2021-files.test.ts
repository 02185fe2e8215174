import { describe, expect, test } from 'vitest';
import {
  type Audit2021Form,
  audit2021Forms,
  formDescriptions,
  formOfLine,
  formOfName,
  openAudit2021Reader,
  WrongHeaderError,
} from '../../src/domain/imports/audit-2021-files.ts';

const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';
const upper = gid.toUpperCase();
const urls = `https://musicbrainz.org/release/${gid}\thttps://archive.org/details/mbid-${gid}`;

const release = (priority: number) => ({
  kind: 'named',
  gid,
  entityType: 'release',
  priority,
  wasUpperCase: false,
});
const unreadable = (reason: string) => ({ kind: 'unreadable', reason });
const passed = { kind: 'passed' };

const noMbid = unreadable('expected an MBID at its beginning');
const noCheck = unreadable('expected the name of a check, as Item::…, after the MBID');

/** What a file of the form says, line after line. */
function readings(form: Audit2021Form, lines: readonly string[], fileName = 'list') {
  return lines.map(openAudit2021Reader(form, fileName));
}

describe('the name of a file tells its form', () => {
  const actionable = [
    'reindex',
    'reindex_high_prioriy',
    'reindex_high_priority',
    'reindex_w_metadata',
    'properly_empty',
    'deleted_properly_delete',
    'merged_properly_delete',
    'manual_check',
    'rederive_thumbnails',
    'ia_set_mediatype',
    'ia_set_noindex',
  ];

  test.each<readonly [string, Audit2021Form]>([
    ['bad_items', 'bad_items'],
    ['bad_items.csv', 'bad_items'],
    ['failed_checks.log', 'failed_checks'],
    ['skipped_items.log', 'skipped_items'],
    ['results_cache.gz', 'results_cache'],
    ['darkened_items', 'mbids'],
    ['darkened_items.txt', 'mbids'],
    ...actionable.map((name) => [name, 'actionable'] as const),
    ['reindex.tsv', 'actionable'],
    ['manual_check.2021.tsv', 'actionable'],
  ])('%s: %s', (name, form) => {
    expect(formOfName(name)).toBe(form);
  });

  test.each([
    ...['bad_items', 'failed_checks', 'skipped_items', 'results_cache', 'darkened_items', 'reindex'].flatMap((name) => [
      `old_${name}`,
      `${name}_old`,
    ]),
    'reindex.',
    'reindex.tsv~',
    'reindex-tsv',
    'mbids',
    '',
  ])('%j tells none', (name) => {
    expect(formOfName(name)).toBeNull();
  });
});

describe('a line shows its form', () => {
  test.each<readonly [string, Audit2021Form]>([
    ['mbid,Item::darkened', 'bad_items'],
    ['MBID,Item::darkened', 'bad_items'],
    [gid, 'mbids'],
    [upper, 'mbids'],
    [`mbid-${gid}`, 'identifiers'],
    [`MBID-${upper}`, 'identifiers'],
    [`${gid}\t${urls}\tItem::darkened`, 'actionable'],
    [`${gid}\thttp://musicbrainz.org/release/${gid}`, 'actionable'],
    [`${gid}\tItem::darkened`, 'failed_checks'],
    [`${gid}\tItem::darkened\tFAILED`, 'results_cache'],
    [`${gid}\tItem::darkened\t`, 'results_cache'],
  ])('%s: %s', (line, form) => {
    expect(formOfLine(line)).toBe(form);
  });

  test.each([
    '',
    'mbid',
    ` mbid,Item::darkened`,
    `an mbid,Item::darkened`,
    gid.slice(1),
    `mbid-${gid.slice(1)}`,
    `x-mbid-${gid}`,
    `xxxxx${gid}`,
    `x\tItem::darkened`,
    `x\t${urls}`,
    `mbid-${gid}\tItem::darkened`,
    `${gid}\tdarkened`,
    `${gid}\tdarkened\tFAILED`,
    `${gid}\tsee https://musicbrainz.org/`,
    `${gid}\thttps`,
  ])('%j shows none', (line) => {
    expect(formOfLine(line)).toBeNull();
  });
});

test('what each form looks like can be said', () => {
  expect(formDescriptions).toEqual({
    bad_items: 'a header `mbid,{check},…`, then a row of counts an item',
    failed_checks: '`{mbid}\\t{check}` a line',
    skipped_items: '`{mbid}\\t{check}` a line',
    results_cache: '`{mbid}\\t{check}\\t{PASSED|FAILED|ITEM SKIPPED}` a line',
    mbids: 'one MBID a line',
    actionable: '`{mbid}\\t{MB url}\\t{archive.org url}\\t{check; check; …}` a line',
    identifiers: '`mbid-{mbid}` a line',
  });
  expect(Object.keys(formDescriptions)).toEqual([...audit2021Forms]);
});

describe('bad_items', () => {
  const header = 'mbid,InternalError::x,Item::darkened';

  test.each<readonly [string, string, object]>([
    ['nothing is counted', `${gid},0,0`, passed],
    ['only the audit failed', `${gid},3,0`, release(150)],
    ['a check failed', `${gid},0,12`, release(200)],
    ['both did, the more urgent', `${gid},1,1`, release(200)],
    ['cells are quoted', `"${gid}","0","1"`, release(200)],
    ['its MBID is in upper case', `${upper},1,0`, { ...release(150), wasUpperCase: true }],
    ['its MBID is none', `x,1,0`, noMbid],
    ['its MBID is none, and nothing is counted', `x,0,0`, noMbid],
    ['a count is missing', `${gid},1`, unreadable('has 1 counts: expected 2, as the header')],
    ['there is a count too many', `${gid},1,0,0`, unreadable('has 3 counts: expected 2, as the header')],
    ['it is empty', '', unreadable('has 0 counts: expected 2, as the header')],
    ...['x', '', '-1', '1x', 'x1', '1.5', '"1', '1"', '"1"x', 'x"1"'].map(
      (count) =>
        [
          `a count is ${count}`,
          `${gid},${count},0`,
          unreadable('expected a number in each cell after the MBID'),
        ] as const,
    ),
  ])('where %s', (_, line, reading) => {
    expect(readings('bad_items', [header, line])).toEqual([null, reading]);
  });

  test('its header is the first line only', () => {
    expect(readings('bad_items', ['"MBID","Item::darkened"', `${gid},1`, header])).toEqual([
      null,
      release(200),
      unreadable('has 2 counts: expected 1, as the header'),
    ]);
  });

  test.each([
    ['', '",…"'],
    ['mbid', '"mbid,…"'],
    [`${gid},1`, `"${gid},…"`],
    ['gid,Item::darkened', '"gid,…"'],
    ['gid,darkened', '"gid,…"'],
    ['mbid,Item::darkened,dark"ened', '"the column dark\\"ened"'],
    ['mbid,Item::', '"the column Item::"'],
    [`mbid,${'x'.repeat(200)}`, `"the column ${'x'.repeat(89)}"`],
  ])('a file whose header is %j is not read', (line, got) => {
    expect(() => openAudit2021Reader('bad_items', 'bad_items.csv')(line)).toThrow(
      new WrongHeaderError(`its header has ${got}: expected mbid,{check},… with names as Item::…`),
    );
    expect(new WrongHeaderError().name).toBe('WrongHeaderError');
  });
});

describe.each([
  ['failed_checks', 200, 150],
  // Whatever the check would have been of: it was not made.
  ['skipped_items', 150, 150],
] as const)('%s', (form, ofItem, ofError) => {
  test.each([
    [`${gid}\tItem::darkened`, release(ofItem)],
    [`${gid}\tInternalError::x`, release(ofError)],
    [`${upper}\tItem::darkened`, { ...release(ofItem), wasUpperCase: true }],
    [`x\tItem::darkened`, noMbid],
    ['x\tdarkened', noMbid],
    ['', noMbid],
    [`${gid}\tdarkened`, noCheck],
    [gid, noCheck],
    [`${gid}\tItem::darkened\tFAILED`, unreadable('has 3 columns: expected 2')],
    [`${gid}\tItem::darkened\t\t`, unreadable('has 4 columns: expected 2')],
  ])('%j', (line, reading) => {
    expect(readings(form, [line])).toEqual([reading]);
  });
});

describe('results_cache', () => {
  const noResult = unreadable('expected PASSED, FAILED or ITEM SKIPPED at its end');

  test.each([
    [`${gid}\tItem::darkened\tFAILED`, release(200)],
    [`${gid}\tInternalError::x\tFAILED`, release(150)],
    [`${gid}\tItem::darkened\tITEM SKIPPED`, release(150)],
    [`${gid}\tItem::darkened\tPASSED`, passed],
    [`${upper}\tItem::darkened\tFAILED`, { ...release(200), wasUpperCase: true }],
    [`x\tItem::darkened\tPASSED`, noMbid],
    [`${gid}\tdarkened\tPASSED`, noCheck],
    [`${gid}\tdarkened\tFAILED`, noCheck],
    [`${gid}\tItem::darkened\tfailed`, noResult],
    [`${gid}\tItem::darkened\t`, noResult],
    [`${gid}\tItem::darkened`, unreadable('has 2 columns: expected 3')],
    [gid, unreadable('has 1 columns: expected 3')],
    [`${gid}\tItem::darkened\tFAILED\t`, unreadable('has 4 columns: expected 3')],
  ])('%j', (line, reading) => {
    expect(readings('results_cache', [line])).toEqual([reading]);
  });
});

describe('a list of MBIDs is of dark items', () => {
  test.each([
    [gid, release(200)],
    [upper, { ...release(200), wasUpperCase: true }],
    [`mbid-${gid}`, noMbid],
  ])('%j', (line, reading) => {
    expect(readings('mbids', [line])).toEqual([reading]);
  });
});

describe('a list of what is to be done', () => {
  const wrong = unreadable('expected {mbid}\\t{MB url}\\t{archive.org url}\\t{checks}');
  const [musicbrainz = '', archive = ''] = urls.split('\t');

  test.each([
    [`${gid}\t${urls}\tItem::darkened; Item::x`, release(200)],
    [`${gid}\t${urls}\tanything`, release(200)],
    [`${gid}\t${urls}\t`, release(200)],
    [`${gid}\t${urls}`, release(200)],
    [`${gid}\t${urls.replaceAll('https', 'http')}`, release(200)],
    [`${upper}\t${urls}`, { ...release(200), wasUpperCase: true }],
    [`x\t${urls}\tItem::darkened`, noMbid],
    [`${gid}\t${urls}\tItem::darkened\t`, wrong],
    [`${gid}\t${musicbrainz}`, wrong],
    [`${gid}\t\t${archive}`, wrong],
    [`${gid}\t${musicbrainz}\tarchive: ${archive}`, wrong],
    [`${gid}\tsee ${musicbrainz}\t${archive}`, wrong],
    [`${gid}\tItem::darkened`, wrong],
    [gid, wrong],
  ])('%j', (line, reading) => {
    expect(readings('actionable', [line], 'reindex')).toEqual([reading]);
  });

  test.each([
    ['properly_empty', '', 150],
    ['properly_empty.tsv', 'x; InternalError::x', 150],
    ['properly_empty.tsv', 'x;Item::x ;y', 200],
    ['properly_empty.tsv', 'x; EmptyItem::x', 200],
    ['not_properly_empty', '', 200],
    ['properly_emptyish', '', 200],
  ])('%s with the checks %j: priority %i', (fileName, checks, priority) => {
    expect(readings('actionable', [`${gid}\t${urls}\t${checks}`], fileName)).toEqual([release(priority)]);
  });
});

describe('a list of identifiers', () => {
  test.each([
    [`mbid-${gid}`, release(150)],
    [`mbid-${upper}`, { ...release(150), wasUpperCase: true }],
    ['some-other-item', { kind: 'refused', reason: 'an item of another collection: expected mbid-{mbid}' }],
    ['', unreadable('expected an identifier, as mbid-{mbid}')],
  ])('%j', (line, reading) => {
    expect(readings('identifiers', [line])).toEqual([reading]);
  });
});
