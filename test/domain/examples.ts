import type { EntityType } from '../../src/domain/entity.ts';
import type { ExpectedImage, ExpectedState } from '../../src/domain/expected-state.ts';

/** MBIDs that tests name by their part in the story. */
export const gids = {
  entity: '11111111-1111-4111-8111-111111111111',
  owner: '22222222-2222-4222-8222-222222222222',
  merged: '33333333-3333-4333-8333-333333333333',
  otherMerged: '44444444-4444-4444-8444-444444444444',
};

export function anImage(id: number, changes: Partial<ExpectedImage> = {}): ExpectedImage {
  return {
    id,
    suffix: 'jpg',
    approved: true,
    isFront: false,
    isBack: false,
    comment: '',
    edit: id + 1000,
    types: [],
    ...changes,
  };
}

function live(
  entityType: EntityType,
  images: readonly ExpectedImage[],
  changes: Partial<ExpectedState>,
): ExpectedState {
  return {
    key: { entityType, gid: gids.entity },
    identity: 'live',
    mergedInto: null,
    mergedFrom: [],
    presence: images.length > 0 ? 'present' : 'absent',
    images,
    ...changes,
  };
}

export function liveRelease(images: readonly ExpectedImage[], changes: Partial<ExpectedState> = {}): ExpectedState {
  return live('release', images, changes);
}

export function liveEvent(images: readonly ExpectedImage[], changes: Partial<ExpectedState> = {}): ExpectedState {
  return live(
    'event',
    images.map((image) => ({ ...image, isBack: null })),
    changes,
  );
}

export function orphan(changes: Partial<ExpectedState> = {}): ExpectedState {
  return liveRelease([], { identity: 'deleted', presence: null, ...changes });
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
