import type { EntityKey } from './entity.ts';
import type { EventOrder } from './queue/indexer-event.ts';
import type { Repair } from './repair.ts';
import type { ImageClearing, ImageFetch } from './decision/resolve-images.ts';

/** What is to be done about one entity. */
export interface RepairNeeds {
  readonly key: EntityKey;
  readonly fetches: readonly ImageFetch[];
  readonly clearings: readonly ImageClearing[];
  /** How index.json of this entity is left: made anew, deleted (an orphan's), or as it is. */
  readonly index: 'deindex' | 'index' | null;
}

/**
 * The events that mend an entity, in dependency order: copies, deletes, then indexes, as a merge's trigger queues them.
 * A delete depends on the copy that is made of its image, an index on all that changes which images its item has.
 * There is one index for each entity, and none twice.
 */
export function planRepairs({ key, fetches, clearings, index }: RepairNeeds): Repair[] {
  const { entityType, gid } = key;
  const repairs: Repair[] = [];
  const add = (order: EventOrder, dependsOn: readonly number[]): number =>
    repairs.push({ ...order, entityType, dependsOn }) - 1;

  const changes = fetches.map(({ artworkId, suffix, from }) =>
    add({ action: 'copy_image', message: { artwork_id: artworkId, old_gid: from, new_gid: gid, suffix } }, []),
  );
  const copied = clearings.map((clearing) => {
    const { artworkId, suffix, owner, copyFirst } = clearing;
    const message = { artwork_id: artworkId, old_gid: gid, new_gid: owner, suffix };
    return { ...clearing, copies: copyFirst ? [add({ action: 'copy_image', message }, [])] : [] };
  });
  const owners = new Map<string, number[]>();
  for (const { artworkId, suffix, owner, copyFirst, copies } of copied) {
    const message = { artwork_id: artworkId, gid, suffix };
    const deletion = add({ action: 'delete_image', message }, copies);
    changes.push(deletion);
    if (copyFirst) owners.set(owner, [...(owners.get(owner) ?? []), deletion]);
  }
  for (const [owner, deletions] of owners) add({ action: 'index', message: { gid: owner } }, deletions);
  if (index !== null) add({ action: index, message: { gid } }, changes);
  return repairs;
}
