import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  attemptOutcomes,
  eventActions,
  gidsNamed,
  gidsOf,
  InvalidMessageError,
  itemWritten,
  parseOrder,
} from '../../src/domain/queue/indexer-event.ts';
import { gids } from './examples.ts';

const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';
const other = gids.owner;
const upper = gid.toUpperCase();

const copy = { artwork_id: 12, old_gid: gid, new_gid: other, suffix: 'jpg' };
const deletion = { artwork_id: 12, gid, suffix: 'pdf' };

test('an attempt ends, and a row asks, in as many ways as their tables know', () => {
  expect([...attemptOutcomes]).toEqual(['completed', 'failed', 'given_back', 'queued', 'superseded']);
  expect([...eventActions].sort()).toEqual(['copy_image', 'deindex', 'delete_image', 'index', 'noop']);
});

describe('a row is read as the event it stands for', () => {
  test.each([
    ['index', { gid }],
    ['deindex', { gid }],
    ['copy_image', copy],
    ['copy_image', { ...copy, suffix: 'png' }],
    ['delete_image', deletion],
    ['delete_image', { ...deletion, suffix: 'gif', artwork_id: Number.MAX_SAFE_INTEGER }],
    ['noop', {}],
    ['noop', { fail: true }],
    ['noop', { fail: false, sleep: 0 }],
    ['noop', { sleep: 1.5 }],
  ])('%s %j', (action, message) => {
    expect(parseOrder(action, message)).toStrictEqual({ action, message });
    expect(parseOrder(action, { ...message, is_bulk: true, extra: null }), 'other fields are left out').toStrictEqual({
      action,
      message,
    });
  });

  test('with an artwork id that is a text', () => {
    expect(parseOrder('delete_image', { ...deletion, artwork_id: '12345678901' })).toEqual({
      action: 'delete_image',
      message: { ...deletion, artwork_id: 12345678901 },
    });
  });

  test('with its MBIDs in lower case', () => {
    expect(parseOrder('index', { gid: upper })).toEqual({ action: 'index', message: { gid } });
    expect(parseOrder('copy_image', { ...copy, old_gid: upper, new_gid: upper }).message).toEqual({
      ...copy,
      new_gid: gid,
    });
  });
});

describe('a row of which no event can be made says what is wrong', () => {
  const wrongGid = (name: string, found: string) => `message field ${name} ${found}: expected an MBID`;
  const wrongId = (found: string) => `message field artwork_id ${found}: expected a positive whole number`;
  const wrongSuffix = (found: string) => `message field suffix ${found}: expected jpg, png, gif or pdf`;

  test.each<readonly [string, unknown, string]>([
    ['index', undefined, 'message is undefined: expected an object'],
    ['index', null, 'message is null: expected an object'],
    ['index', gid, `message is "${gid}": expected an object`],
    ['index', [gid], `message is ["${gid}"]: expected an object`],
    ['index', {}, wrongGid('gid', 'is missing')],
    ['index', { gid: null }, wrongGid('gid', 'is null')],
    ['index', { gid: 5 }, wrongGid('gid', 'is 5')],
    ['index', { gid: [gid] }, wrongGid('gid', `is ["${gid}"]`)],
    ['delete_image', { ...deletion, artwork_id: [12] }, wrongId('is [12]')],
    ['index', { gid: `${gid} ` }, wrongGid('gid', `is "${gid} "`)],
    ['index', { gid: 'x'.repeat(500) }, wrongGid('gid', `is "${'x'.repeat(199)}`)],
    ['deindex', {}, wrongGid('gid', 'is missing')],
    ['copy_image', { ...copy, old_gid: 'x' }, wrongGid('old_gid', 'is "x"')],
    ['copy_image', { ...copy, new_gid: undefined }, wrongGid('new_gid', 'is missing')],
    ['copy_image', { ...copy, suffix: 'JPG' }, wrongSuffix('is "JPG"')],
    ['copy_image', { ...copy, artwork_id: 0 }, wrongId('is 0')],
    ['delete_image', { ...deletion, gid: '' }, wrongGid('gid', 'is ""')],
    ['delete_image', { ...deletion, artwork_id: -1 }, wrongId('is -1')],
    ['delete_image', { ...deletion, artwork_id: 1.5 }, wrongId('is 1.5')],
    ['delete_image', { ...deletion, artwork_id: '012' }, wrongId('is "012"')],
    ['delete_image', { ...deletion, artwork_id: '12 ' }, wrongId('is "12 "')],
    ['delete_image', { ...deletion, artwork_id: '9007199254740993' }, wrongId('is "9007199254740993"')],
    ['delete_image', { ...deletion, artwork_id: 2 ** 53 }, wrongId('is 9007199254740992')],
    ['delete_image', { ...deletion, artwork_id: undefined }, wrongId('is missing')],
    ['delete_image', { ...deletion, suffix: undefined }, wrongSuffix('is missing')],
    ['noop', { fail: 'true' }, 'message field fail is "true": expected true or false'],
    ['noop', { fail: null }, 'message field fail is null: expected true or false'],
    ['noop', { sleep: -1 }, 'message field sleep is -1: expected seconds'],
    ['noop', { sleep: '1' }, 'message field sleep is "1": expected seconds'],
    ['noop', { sleep: NaN }, 'message field sleep is null: expected seconds'],
    ['noop', [], 'message is []: expected an object'],
    ['reindex', {}, 'unknown action "reindex": expected one of index, copy_image, delete_image, deindex, noop'],
  ])('%s %j', (action, message, said) => {
    expect(() => parseOrder(action, message)).toThrow(new InvalidMessageError(said));
  });

  test('under a name that it can be known by', () => {
    expect(new InvalidMessageError().name).toBe('InvalidMessageError');
  });
});

describe('the entities that an event names', () => {
  test.each([
    ['index', { gid }, [gid]],
    ['deindex', { gid }, [gid]],
    ['delete_image', deletion, [gid]],
    ['copy_image', copy, [gid, other]],
    ['copy_image', { ...copy, new_gid: gid }, [gid]],
    ['noop', {}, []],
  ])('%s %j', (action, message, named) => {
    expect(gidsOf(parseOrder(action, message))).toEqual(named);
  });
});

describe('the entities that any row names', () => {
  test.each<readonly [string, unknown, string[]]>([
    ['index', { gid: upper }, [gid]],
    ['index', { gid, old_gid: other, new_gid: other }, [gid]],
    ['something', { gid, old_gid: other }, [gid]],
    ['delete_image', { gid, artwork_id: 'x' }, [gid]],
    // Sorted, however they are written.
    ['copy_image', { old_gid: upper, new_gid: other, gid: 'x' }, [other, gid]],
    ['copy_image', { old_gid: gid, new_gid: upper }, [gid]],
    ['copy_image', { new_gid: other }, [other]],
    ['copy_image', { gid }, []],
    ['noop', { gid, old_gid: gid }, []],
    ['index', { gid: 5 }, []],
    ['index', { gid: 'x' }, []],
    ['index', {}, []],
    ['index', gid, []],
    ['index', null, []],
    ['index', undefined, []],
  ])('%s %j: %j', (action, message, named) => {
    expect(gidsNamed(action, message)).toEqual(named);
  });

  test('are those of the event that it stands for, where it stands for one', () => {
    const mbid = fc.constantFrom(gid, upper, other);
    const message = fc.record({
      gid: mbid,
      old_gid: mbid,
      new_gid: mbid,
      artwork_id: fc.integer({ min: 1 }),
      suffix: fc.constantFrom('jpg', 'png'),
    });
    fc.assert(
      fc.property(fc.constantFrom(...eventActions), message, (action, fields) => {
        expect(gidsNamed(action, fields)).toEqual([...gidsOf(parseOrder(action, fields))].sort());
      }),
    );
  });
});

test('a message that is nested more deeply than can be written is refused like any other', () => {
  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown;
  expect(() => parseOrder('index', { gid: deep })).toThrow(InvalidMessageError);
  expect(() => parseOrder('index', deep)).toThrow('message is a list that is nested too deeply to be shown');
});

describe('the item that an event writes to', () => {
  const [from, to] = ['AAAAAAAA-0000-4000-8000-000000000000', 'bbbbbbbb-0000-4000-8000-000000000000'];

  test.each<[string, unknown, string | null]>([
    ['index', { gid: from }, from.toLowerCase()],
    ['copy_image', { old_gid: from, new_gid: to }, to],
    ['noop', { gid: from }, null],
    ['index', { gid: 7 }, null],
    ['index', null, null],
    ['index', 'text', null],
  ])('of a %s with %j is %j', (action, message, item) => {
    expect(itemWritten(action, message)).toBe(item);
  });
});
