import { type AddedEntities, addEntities, countEntitiesToAdd } from '../database/entities/add-entities.ts';
import { countOnce } from '../database/ingest/steps.ts';
import { readKinds } from '../database/musicbrainz/entity-kinds.ts';
import { type ListedEntities } from '../temporal/messages.ts';
import type { Dependencies } from './dependencies.ts';
import { currentStep } from './run.ts';

export type Importer = ReturnType<typeof createImporter>;

export function createImporter({ db }: Dependencies) {
  return {
    /** Adds one batch of an import, or counts what that would do. Repeated, it adds nothing twice. */
    async addListed(batch: readonly ListedEntities[], dryRun: boolean): Promise<AddedEntities> {
      // A list may be wrong about the kind, and many don't say it.
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
