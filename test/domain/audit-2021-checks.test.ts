import { describe, expect, test } from 'vitest';
import { listPriorities, priorityOfCheck, readMbid } from '../../src/domain/imports/line-reading.ts';

describe('a check that failed in 2021 gives its entity a priority', () => {
  test.each([
    // Nothing is known of an item on which the audit itself failed.
    ['InternalError::timeout', 150],
    ['DeletedItem::Files::index.json absent', 200],
    ['MergedItem::Files::index.json absent', 200],
    ['EmptyItem::Files::index.json absent', 200],
    ['Item::CAAIndex::Image::id is int', 200],
    ['Item::x', 200],
  ])('%s: %i', (check, priority) => {
    expect(priorityOfCheck(check)).toBe(priority);
  });

  test.each(['', 'Item', 'Item::', 'Item:x', 'item::darkened', 'SomeItem::darkened', ' Item::darkened', 'Internal::x'])(
    '%j is no check',
    (text) => {
      expect(priorityOfCheck(text)).toBeNull();
    },
  );
});

test('what is only on a list comes as soon as a failed check, unless nothing is said against it', () => {
  expect(listPriorities).toEqual({ actionable: 200, darkened: 200, named: 150 });
});

test('an MBID is read in either case, and nothing else is', () => {
  const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';
  expect(readMbid(gid)).toBe(gid);
  expect(readMbid('76DF3287-6cda-33eb-8E9A-044B5E15FFDD')).toBe(gid);
  for (const text of ['', `${gid} `, `mbid-${gid}`, gid.slice(1), gid.replaceAll('-', '')]) {
    expect(readMbid(text), text).toBeNull();
  }
});
