import { setTimeout as wait } from 'node:timers/promises';
import { RefusedError } from '../clients/errors.ts';
import { readKinds } from '../database/musicbrainz/entity-kinds.ts';
import { readExpectedState } from '../database/musicbrainz/expected-state.ts';
import type { EventOrigin } from '../domain/delete-guard.ts';
import type { EntityKey, EntityType } from '../domain/entity.ts';
import { originalFileName, xmlFileName, indexFileName } from '../domain/file-names.ts';
import { expectedIndexBytes } from '../domain/index-document.ts';
import type { CopyImageMessage, DeleteImageMessage, NoopMessage } from '../domain/indexer-event.ts';
import { projects } from '../domain/project.ts';
import { guardDelete, type DeleteOrder } from './delete-guard.ts';
import type { Dependencies } from './dependencies.ts';
import { ImpossibleError } from './failures.ts';
import { currentSignal } from './run.ts';

export type EventHandlers = ReturnType<typeof createEventHandlers>;

/**
 * The requests that carry indexer events out, one step each (domain page artwork-indexer.md, "What the handlers send").
 * Each may be repeated: it sends the same again, or what is true by then.
 */
export function createEventHandlers({ db, config, clients }: Dependencies) {
  return {
    /** Uploads index.json as MusicBrainz has it at this moment. @throws {ImpossibleError} for an MBID that is not a live entity's. */
    async putIndex(key: EntityKey): Promise<void> {
      const expected = await readExpectedState(db, key);
      // Auto-make-bucket would make an item for an MBID that nobody has.
      if (expected.identity !== 'live') throw notLive(key, expected.identity, expected.mergedInto);
      await clients().writer.putIndex(projects[key.entityType], key.gid, expectedIndexBytes(expected));
    },

    /** Uploads the web service's XML, byte for byte. @throws {RefusedError} where the web service has none of this very entity. */
    async putXml(key: EntityKey): Promise<void> {
      const { musicbrainz, writer } = clients();
      const answer = await musicbrainz.lookUp(key);
      if (answer.kind === 'not_found')
        throw new RefusedError(`the web service does not know ${key.entityType} ${key.gid}`);
      if (answer.gid !== key.gid) {
        throw new RefusedError(
          `the web service answers for ${key.entityType} ${key.gid} with ${answer.gid}: not uploaded`,
        );
      }
      await writer.putXml(projects[key.entityType], key.gid, xmlFileName(key.gid), answer.xml);
    },

    async copyImage(entityType: EntityType, message: CopyImageMessage): Promise<void> {
      await clients().writer.copyImage(projects[entityType], message);
    },

    /** Deletes an original and its derivatives, after looking again whether that may be. @returns whether it was sent */
    async deleteImage(order: DeleteOrder): Promise<'nothing_to_do' | 'sent'> {
      const session = clients();
      const guard = { db, clients: session, settleMinutes: config().audit.settleMinutes };
      if ((await guardDelete(guard, order)) === 'nothing_to_do') return 'nothing_to_do';
      const { artwork_id: id, gid, suffix }: DeleteImageMessage = order.message;
      await session.writer.deleteFile(projects[order.entityType], gid, originalFileName(gid, id, suffix));
      return 'sent';
    },

    /**
     * Deletes index.json, after looking again whose it is: MusicBrainz' trigger may mean a live entity that has lost its
     * last image, an audit means an orphan.
     *
     * @param origin not told by workflows of an older version.
     * @throws {ImpossibleError} where the MBID is a live entity's.
     */
    async deleteIndex(key: EntityKey, origin?: EventOrigin): Promise<void> {
      const live = (await readKinds(db, [key.gid])).liveAs(key.gid);
      if (live !== null && (origin === 'audit' || live !== key.entityType)) {
        throw new ImpossibleError(`not deindexed: ${key.gid} is a live ${live} in MusicBrainz, and nothing was sent`);
      }
      await clients().writer.deleteFile(projects[key.entityType], key.gid, indexFileName);
    },

    /** Does nothing, for as long as it is told, and fails where it is told: for trying the queue out. */
    async doNothing({ fail, sleep }: NoopMessage): Promise<void> {
      await wait((sleep ?? 0) * 1000, undefined, { signal: currentSignal() });
      if (fail === true) throw new RefusedError('noop was told to fail');
    },
  };
}

function notLive({ entityType, gid }: EntityKey, identity: string, mergedInto: string | null): ImpossibleError {
  const what = mergedInto === null ? identity : `merged into ${mergedInto}`;
  return new ImpossibleError(`${entityType} ${gid} is ${what} in MusicBrainz: nothing to index, and nothing was sent`);
}
