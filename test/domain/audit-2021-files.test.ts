import { describe, expect, it } from 'vitest';
import { priorityOfCheck } from '../../src/domain/audit-2021-checks.ts';
import {
  formOfLine,
  formOfName,
  openAudit2021Reader,
  WrongHeaderError,
  type Audit2021Form,
} from '../../src/domain/audit-2021-files.ts';
import type { LineReading } from '../../src/domain/line-reading.ts';
import { gids } from './examples.ts';

const gid = 'abcdef00-0000-4000-8000-00000000000a';

/** A reading in short: the priority of what is named, or what became of the line. */
const inShort = (reading: LineReading | null) =>
  reading?.kind === 'named' ? reading.priority : (reading?.kind ?? null);

describe('the name of a file of the audit of 2021', () => {
  it.each([
    ['bad_items.csv', 'bad_items'],
    ['bad_items', 'bad_items'],
    ['bad_items2.csv', null],
    ['failed_checks.log', 'failed_checks'],
    ['skipped_items.log', 'skipped_items'],
    ['results_cache', 'results_cache'],
    ['darkened_items', 'mbids'],
    ['reindex', 'actionable'],
    ['reindex.txt', 'actionable'],
    ['reindex_w_metadata.tsv', 'actionable'],
    ['reindexed', null],
    ['my_reindex', null],
    ['ia_set_noindex', 'actionable'],
    ['holiday.jpg', null],
  ])('%s tells the form %s', (name, form) => {
    expect(formOfName(name)).toBe(form);
  });
});

describe('the form of a line', () => {
  it.each([
    ['mbid,Item::x', 'bad_items'],
    ['MBID,Item::x', 'bad_items'],
    [gid, 'mbids'],
    [gid.toUpperCase(), 'mbids'],
    [`mbid-${gid}`, 'identifiers'],
    [`MBID-${gid}`, 'identifiers'],
    ['mbid-x', null],
    [`${gid}\tItem::x`, 'failed_checks'],
    [`${gid}\tItem::x\tFAILED`, 'results_cache'],
    [`${gid}\thttp://mb/\thttp://ia/\t`, 'actionable'],
    [`${gid}\tftp://mb/`, null],
    [`${gid}\tColour::x`, null],
    [`x\tItem::x`, null],
    ['', null],
  ])('%j is %s', (line, form) => {
    expect(formOfLine(line)).toBe(form);
  });
});

describe('the priority of a check', () => {
  it.each([
    ['InternalError::unknown', 150],
    ['DeletedItem::x', 200],
    ['MergedItem::x', 200],
    ['EmptyItem::x', 200],
    ['Item::x', 200],
    ['Item::', null],
    ['item::x', null],
    ['', null],
  ])('%s is %s', (check, priority) => {
    expect(priorityOfCheck(check)).toBe(priority);
  });
});

describe('lines are read by their form', () => {
  it.each<[form: Audit2021Form, file: string, lines: Readonly<Record<string, number | string>>]>([
    [
      'failed_checks',
      '',
      {
        [`${gid}\tItem::x`]: 200,
        [`${gid}\tInternalError::x`]: 150,
        [`${gid}\tColour::x`]: 'unreadable',
        [`x\tItem::x`]: 'unreadable',
        [`${gid}\tItem::x\t`]: 'unreadable',
        [gid]: 'unreadable',
      },
    ],
    ['skipped_items', '', { [`${gid}\tItem::x`]: 150, [`${gid}\tColour::x`]: 'unreadable' }],
    [
      'results_cache',
      '',
      {
        [`${gid}\tItem::x\tFAILED`]: 200,
        [`${gid}\tInternalError::x\tFAILED`]: 150,
        [`${gid}\tItem::x\tITEM SKIPPED`]: 150,
        [`${gid}\tItem::x\tPASSED`]: 'passed',
        [`x\tItem::x\tPASSED`]: 'unreadable',
        [`${gid}\tColour::x\tPASSED`]: 'unreadable',
        [`${gid}\tItem::x\tpassed`]: 'unreadable',
        [`${gid}\tItem::x`]: 'unreadable',
        [`${gid}\tItem::x\tFAILED\t`]: 'unreadable',
      },
    ],
    ['mbids', '', { [gid]: 200, [`mbid-${gid}`]: 'unreadable' }],
    [
      'actionable',
      'reindex',
      {
        [`${gid}\thttps://mb/\thttp://ia/\tItem::x; Item::y`]: 200,
        [`${gid}\thttps://mb/\thttps://ia/`]: 200,
        [`${gid}\thttps://mb/`]: 'unreadable',
        [`${gid}\tmb\thttps://ia/\t`]: 'unreadable',
        [`${gid}\thttps://mb/\tia\t`]: 'unreadable',
        [`${gid}\thttps://mb/\thttps://ia/\t\t`]: 'unreadable',
        [`x\thttps://mb/\thttps://ia/\t`]: 'unreadable',
      },
    ],
    [
      'actionable',
      'properly_empty.txt',
      {
        [`${gid}\thttps://mb/\thttps://ia/\t`]: 150,
        [`${gid}\thttps://mb/\thttps://ia/\tColour::x; Item::y`]: 200,
        [`${gid}\thttps://mb/\thttps://ia/\tInternalError::y`]: 150,
      },
    ],
    ['identifiers', '', { [`mbid-${gid}`]: 150, [gid]: 150, 'gd1977-05-08.sbd': 'refused', 'a b': 'unreadable' }],
  ])('%s %s', (form, file, lines) => {
    const read = openAudit2021Reader(form, file);
    expect(Object.fromEntries(Object.keys(lines).map((line) => [line, inShort(read(line))]))).toEqual(lines);
  });

  it('names releases, in lower case, and tells where they were in upper case', () => {
    const read = openAudit2021Reader('failed_checks', '');
    expect(read(`${gid.toUpperCase()}\tItem::x`)).toMatchObject({ gid, entityType: 'release', wasUpperCase: true });
    expect(read(`${gids.owner}\tItem::x`)).toMatchObject({ gid: gids.owner, wasUpperCase: false });
    expect(openAudit2021Reader('identifiers', '')(`mbid-${gid}`)).toMatchObject({ entityType: 'release' });
  });

  it('of bad_items have a count for each column of the header, whose highest that isn’t 0 tells the priority', () => {
    const read = openAudit2021Reader('bad_items', '');
    const lines = [
      'MBID,"Item::x",InternalError::y',
      `${gid},1,0`,
      `"${gid}","0","12"`,
      `${gid},0,0`,
      `${gid},1`,
      `${gid},1,0,0`,
      `${gid},1,-1`,
      `${gid},1,`,
      `x,1,0`,
      `x,0,0`,
    ];
    const u = 'unreadable';
    expect(lines.map((line) => inShort(read(line)))).toEqual([null, 200, 150, 'passed', u, u, u, u, u, u]);
  });

  it.each([
    ['mbid', 'mbid,…'],
    ['id,Item::x', 'id,…'],
    ['mbid,Item::x,colour', 'the column colour'],
  ])('of bad_items have the header of an audit, and not %s', (header, got) => {
    const read = () => openAudit2021Reader('bad_items', '')(header);
    expect(read).toThrow(WrongHeaderError);
    expect(read).toThrow(got);
  });
});
