import { describe, expect, it } from 'vitest';
import { type DeleteFacts, type EventOrigin, judgeDelete } from '../../src/domain/decision/delete-guard.ts';
import { gids } from './examples.ts';

const settled: DeleteFacts = {
  origin: 'audit',
  listedHere: false,
  owner: gids.owner,
  isGone: false,
  ownersOriginal: 'held',
  ownerSettled: true,
  ownerHasTasks: false,
};
const verdict = (facts: Partial<DeleteFacts>): string => judgeDelete({ ...settled, ...facts }).kind;
const origins: readonly EventOrigin[] = ['audit', 'requeued', 'trigger'];

describe.each(origins)('a deletion by %s', (origin) => {
  it('of what another entity owns is sent once that one’s item holds it, and nothing is outstanding there', () => {
    expect(verdict({ origin })).toBe('delete');
    expect(verdict({ origin, ownerSettled: false })).toBe('delete');
    expect(verdict({ origin, ownerHasTasks: true, ownerSettled: false })).toBe('wait');
  });

  it.each(['dark', 'lacking', 'missing', 'other_content', 'unknown_content'] as const)(
    'waits while the owner’s item is %s and has not settled, and fails once it has',
    (ownersOriginal) => {
      expect(verdict({ origin, ownersOriginal, ownerSettled: false })).toBe('wait');
      expect(judgeDelete({ ...settled, origin, ownersOriginal })).toEqual({
        kind: 'fail',
        reason: `the item of its owner ${gids.owner} does not hold the original (${ownersOriginal})`,
      });
    },
  );

  it('of what the item does not list is sent: it can’t be lost', () => {
    for (const owner of [gids.owner, null])
      expect(verdict({ origin, owner, isGone: true, ownersOriginal: null, ownerSettled: false })).toBe('delete');
  });

  it('of what MusicBrainz lists here again is never sent, also where the item doesn’t show it yet', () => {
    const seen = { listedHere: true, owner: null, ownersOriginal: null };
    for (const isGone of [false, true])
      expect(verdict({ origin, isGone, ...seen })).toBe(origin === 'audit' ? 'fail' : 'done');
  });

  it('of what nobody owns is MusicBrainz’ word, and no audit’s', () => {
    expect(verdict({ origin, owner: null, ownersOriginal: null })).toBe(origin === 'audit' ? 'fail' : 'delete');
  });

  it('fails, and says so, where the owner’s item was not looked at', () => {
    expect(judgeDelete({ ...settled, origin, ownersOriginal: null })).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('(not read)') as string,
    });
  });
});

describe('what is waited for, and why it is not sent, is said', () => {
  const owner = `the item of its owner ${gids.owner}`;

  it.each<[Partial<DeleteFacts>, object]>([
    [{ listedHere: true }, { kind: 'fail', reason: 'MusicBrainz lists the image for this entity (again)' }],
    [
      { owner: null },
      { kind: 'fail', reason: 'MusicBrainz lists the image for nobody any more: this may be the last copy' },
    ],
    [{ ownerHasTasks: true }, { kind: 'wait', reason: `${owner} has tasks outstanding` }],
    [
      { ownersOriginal: 'lacking', ownerSettled: false },
      { kind: 'wait', reason: `${owner} does not show the original yet, and has not settled` },
    ],
  ])('%o', (facts, said) => {
    expect(judgeDelete({ ...settled, ...facts })).toEqual(said);
  });
});
