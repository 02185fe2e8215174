import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeDelete, type DeleteFacts, type EventOrigin } from '../../src/domain/delete-guard.ts';
import { gids } from './examples.ts';

const { owner } = gids;

/** An image of another entity, whose copy was seen there. */
const seen: DeleteFacts = {
  origin: 'audit',
  listedHere: false,
  owner,
  ownersOriginal: 'held',
  ownerSettled: true,
  ownerHasTasks: false,
};
const ownerless = { owner: null, ownersOriginal: null } as const;

const deleted = { kind: 'delete' };
const fails = (reason: string) => ({ kind: 'fail', reason });
const listedAgain = fails('MusicBrainz lists the image for this entity (again)');
const waits = (what: string) => ({ kind: 'wait', reason: `the item of its owner ${owner} ${what}` });
const lacks = (what: string) => fails(`the item of its owner ${owner} does not hold the original (${what})`);

describe('a deletion that an audit decided, or a person', () => {
  describe.each<EventOrigin>(['audit', 'requeued'])('%s', (origin) => {
    test.each<readonly [string, Partial<DeleteFacts>, object]>([
      ['is made where the owner’s item holds a copy', {}, deleted],
      ['is made also while that item is settling', { ownerSettled: false }, deleted],
      ['waits while that item has tasks', { ownerHasTasks: true }, waits('has tasks outstanding')],
      [
        'waits for a copy that may still come',
        { ownersOriginal: 'lacking', ownerSettled: false },
        waits('does not show the original yet, and has not settled'),
      ],
      [
        'waits for it also where the item isn’t there yet',
        { ownersOriginal: 'missing', ownerSettled: false, ownerHasTasks: true },
        waits('does not show the original yet, and has not settled'),
      ],
      ['fails where the owner’s item lacks it', { ownersOriginal: 'lacking' }, lacks('lacking')],
      ['fails where the owner has no item', { ownersOriginal: 'missing' }, lacks('missing')],
      ['fails where the owner’s item is dark', { ownersOriginal: 'dark' }, lacks('dark')],
      ['fails where what is there is no copy', { ownersOriginal: 'other_content' }, lacks('other_content')],
      ['fails where nobody looked', { ownersOriginal: null }, lacks('not looked at')],
      ['fails where the image is listed here again', { listedHere: true }, listedAgain],
      ['fails where it is, whoever else has it', { listedHere: true, ...ownerless }, listedAgain],
    ])('%s', (_, facts, verdict) => {
      expect(judgeDelete({ ...seen, origin, ...facts })).toEqual(verdict);
    });
  });

  test('of an image of nobody’s is a person’s to make', () => {
    expect(judgeDelete({ ...seen, ...ownerless, origin: 'requeued' })).toEqual(deleted);
    expect(judgeDelete({ ...seen, ...ownerless, origin: 'audit' })).toEqual(
      fails('MusicBrainz lists the image for nobody any more: this may be the last copy'),
    );
  });
});

const anyFacts = fc.record<DeleteFacts>({
  origin: fc.constantFrom('audit', 'requeued', 'trigger'),
  listedHere: fc.boolean(),
  owner: fc.constantFrom(owner, null),
  ownersOriginal: fc.constantFrom('dark', 'held', 'lacking', 'missing', 'other_content', null),
  ownerSettled: fc.boolean(),
  ownerHasTasks: fc.boolean(),
});

test('MusicBrainz’ own deletions are its word', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      expect(judgeDelete({ ...facts, origin: 'trigger' })).toEqual(deleted);
    }),
  );
});

test('an audit deletes nothing but what is seen on the owner’s item, and stays there', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const { kind } = judgeDelete({ ...facts, origin: 'audit' });
      const isSafe = facts.owner !== null && facts.ownersOriginal === 'held' && !facts.ownerHasTasks;
      expect(kind === 'delete').toBe(isSafe && !facts.listedHere);
    }),
  );
});
