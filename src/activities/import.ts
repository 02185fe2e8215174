import { countOnce } from '../database/feeding-steps.ts';
import { type AddedEntities, addEntities, countEntitiesToAdd } from '../database/entity-states/index.ts';
import { readKinds } from '../database/musicbrainz/entity-kinds.ts';
import type { EntityType } from '../domain/entity.ts';
import type { Dependencies } from './dependencies.ts';
import { currentStep } from './run.ts';

/** `img-129`: files of the audit of 2021. `items`: lists of identifiers, and dumps of metadata answers. */
export const importKinds = ['img-129', 'items'] as const;
export type ImportKind = (typeof importKinds)[number];

/** Entities of a batch that have one priority. */
export interface ListedEntities {
  /** Null where the list doesn't tell. What MusicBrainz knows them as goes before it. */
  readonly entityType: EntityType | null;
  readonly priority: number;
  /** Named by an earlier batch of the same import, with a lower priority: raised, and not counted again. */
  readonly isAgain: boolean;
  readonly gids: readonly string[];
}

export type Importer = ReturnType<typeof createImporter>;

export function createImporter({ db }: Dependencies) {
  return {
    /** Adds one batch of an import, or counts what that would do. Repeated, it adds nothing twice. */
    async addListed(batch: readonly ListedEntities[], dryRun: boolean): Promise<AddedEntities> {
      // A list may be wrong about the kind, and many don't tell it.
      const kinds = await readKinds(
        db,
        batch.flatMap(({ gids }) => gids),
      );
      const entitiesOf = (isAgain: boolean) =>
        batch
          .filter((listed) => listed.isAgain === isAgain)
          .flatMap(({ entityType, priority, gids }) =>
            gids.map((gid) => ({ ...kinds.keyOf({ entityType, gid }), priority })),
          );
      if (dryRun) return countEntitiesToAdd(db, entitiesOf(false));
      return countOnce(db, currentStep(), async (tx) => {
        const counts = await addEntities(tx, entitiesOf(false));
        await addEntities(tx, entitiesOf(true));
        return counts;
      });
    },
  };
}
