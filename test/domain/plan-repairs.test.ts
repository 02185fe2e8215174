import { describe, expect, test } from 'vitest';
import { planRepairs, type RepairNeeds } from '../../src/domain/decision/decision.ts';
import { gids } from './examples.ts';

const needs = (changes: Partial<RepairNeeds>): RepairNeeds => ({
  key: { entityType: 'event', gid: gids.entity },
  fetches: [],
  clearings: [],
  index: null,
  ...changes,
});

const clearing = (artworkId: number, owner: string, copyFirst: boolean) => ({
  artworkId,
  suffix: 'png',
  owner,
  copyFirst,
});

const { entity, owner, merged, otherMerged } = gids;

const copy = (artwork_id: number, old_gid: string, new_gid: string, suffix: string) => ({
  action: 'copy_image',
  entityType: 'event',
  message: { artwork_id, old_gid, new_gid, suffix },
  dependsOn: [],
});
const deletion = (artwork_id: number, ...dependsOn: number[]) => ({
  action: 'delete_image',
  entityType: 'event',
  message: { artwork_id, gid: entity, suffix: 'png' },
  dependsOn,
});
const index = (gid: string, ...dependsOn: number[]) => ({
  action: 'index',
  entityType: 'event',
  message: { gid },
  dependsOn,
});

describe('the events that mend an entity', () => {
  test('are none where nothing is needed', () => {
    expect(planRepairs(needs({}))).toEqual([]);
  });

  test('are an index alone where only that is needed, or its deletion', () => {
    expect(planRepairs(needs({ index: 'index' }))).toEqual([index(entity)]);
    expect(planRepairs(needs({ index: 'deindex' }))).toEqual([{ ...index(entity), action: 'deindex' }]);
  });

  test('fetch what is lacking before its index is made', () => {
    const fetches = [
      { artworkId: 1, suffix: 'jpg', from: merged },
      { artworkId: 2, suffix: 'gif', from: otherMerged },
    ];
    expect(planRepairs(needs({ fetches, index: 'index' }))).toEqual([
      copy(1, merged, entity, 'jpg'),
      copy(2, otherMerged, entity, 'gif'),
      index(entity, 0, 1),
    ]);
  });

  test('delete what another item has, without touching that one', () => {
    expect(planRepairs(needs({ clearings: [clearing(1, owner, false)], index: 'index' }))).toEqual([
      deletion(1),
      index(entity, 0),
    ]);
  });

  test('copy before they delete, each deletion after its own copy, and index each owner once, after all its images', () => {
    const fetches = [{ artworkId: 9, suffix: 'jpg', from: merged }];
    const clearings = [
      clearing(1, owner, true),
      clearing(2, owner, false),
      clearing(3, otherMerged, true),
      clearing(4, owner, true),
    ];
    expect(planRepairs(needs({ fetches, clearings, index: 'deindex' }))).toEqual([
      copy(9, merged, entity, 'jpg'),
      copy(1, entity, owner, 'png'),
      copy(3, entity, otherMerged, 'png'),
      copy(4, entity, owner, 'png'),
      deletion(1, 1),
      deletion(2),
      deletion(3, 2),
      deletion(4, 3),
      index(owner, 4, 7),
      index(otherMerged, 6),
      { ...index(entity, 0, 4, 5, 6, 7), action: 'deindex' },
    ]);
  });
});
