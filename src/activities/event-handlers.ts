import { setTimeout as wait } from 'node:timers/promises';
import type { Clients } from '../clients/clients.ts';
import { RefusedError } from '../clients/errors.ts';
import { noteTakenWrite } from '../database/attempts/end-attempt.ts';
import type { Database } from '../database/connection.ts';
import { readOnlyMd5 } from '../database/image-contents.ts';
import { readKinds } from '../database/musicbrainz/entity-kinds.ts';
import { readExpectedState } from '../database/musicbrainz/expected-state.ts';
import type { EventOrigin } from '../domain/decision/delete-guard.ts';
import { indexFileName, itemName, originalFileName, xmlFileName } from '../domain/documents/file-names.ts';
import { compareContents } from '../domain/documents/image-content.ts';
import { expectedIndexBytes } from '../domain/documents/index-document.ts';
import { findOldVersion, findOriginal } from '../domain/documents/item-files.ts';
import { type EntityKey, type EntityType, projects } from '../domain/entity.ts';
import type { CopyImageMessage, NoopMessage } from '../domain/queue/indexer-event.ts';
import { type DeleteOrder, guardDelete } from './delete-guard.ts';
import type { Dependencies } from './dependencies.ts';
import { ImpossibleError } from './failures.ts';
import { alive, currentSignal } from './run.ts';

export type EventHandlers = ReturnType<typeof createEventHandlers>;

/** What a step came to: the archive took a write, or there was nothing to write, and why. */
export type HandlerOutcome = 'sent' | { readonly nothingToDo: string };

/**
 * The requests that carry indexer events out, one step each (domain page artwork-indexer.md, "What the handlers send").
 * Each may be repeated: it sends the same again, or what is true by then.
 */
export function createEventHandlers({ db, config, clients, run }: Dependencies) {
  /** Clients that write for as long as this run holds its event's claim; a shell has none. */
  function holding(): Clients {
    const { workflowId, runId } = run();
    return clients(workflowId === null ? {} : { holder: runId });
  }

  /** Sends a write to an entity's item. One that is refused may leave nothing to do all the same. */
  async function send(
    session: Clients,
    what: { readonly key: EntityKey; readonly copy?: CopyImageMessage },
    write: () => Promise<string | null>,
  ): Promise<HandlerOutcome> {
    // What waited for its turn was not sent later than this.
    const began = performance.now();
    try {
      const requestId = await write();
      const project = projects[what.key.entityType].name;
      await noteTakenWrite(db, { project, sentAgo: performance.now() - began, runId: run().runId, requestId });
      return 'sent';
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const why = await whyDone({ db, clients: session }, error, what);
      if (why === null) throw error;
      return { nothingToDo: `${why}: ${error.message}` };
    }
  }

  return {
    /** Uploads index.json as MusicBrainz has it at this moment. @throws {ImpossibleError} for an MBID that is not a live entity's. */
    async putIndex(key: EntityKey): Promise<HandlerOutcome> {
      const expected = await readExpectedState(db, key);
      // Auto-make-bucket would make an item for an MBID that nobody has.
      if (expected.identity !== 'live') throw notLive(key, expected.identity, expected.mergedInto);
      const session = holding();
      return send(session, { key }, () =>
        session.writer.putIndex(projects[key.entityType], key.gid, expectedIndexBytes(expected)),
      );
    },

    /** Uploads the web service's XML, byte for byte. @throws {RefusedError} where the web service has none of this very entity. */
    async putXml(key: EntityKey): Promise<HandlerOutcome> {
      const session = holding();
      const answer = await session.musicbrainz.lookUp(key);
      if (answer.kind === 'not_found')
        throw new RefusedError(`the web service does not know ${key.entityType} ${key.gid}`);
      if (answer.gid !== key.gid) {
        throw new RefusedError(
          `the web service answers for ${key.entityType} ${key.gid} with ${answer.gid}: not uploaded`,
        );
      }
      return send(session, { key }, () =>
        session.writer.putXml(projects[key.entityType], key.gid, xmlFileName(key.gid), answer.xml),
      );
    },

    async copyImage(entityType: EntityType, message: CopyImageMessage): Promise<HandlerOutcome> {
      const session = holding();
      return send(session, { key: { entityType, gid: message.new_gid }, copy: message }, () =>
        session.writer.copyImage(projects[entityType], message),
      );
    },

    /**
     * Deletes an original and its derivatives, after checking again whether that may be.
     *
     * @throws {ImpossibleError} also where MusicBrainz knows the MBID as the other kind: by this one's tables nobody lists its
     * images, as if MusicBrainz had deleted them.
     */
    async deleteImage(order: DeleteOrder): Promise<HandlerOutcome> {
      const { entityType, message } = order;
      const { artwork_id: id, gid, suffix } = message;
      const known = (await readKinds(db, [gid])).knownAs(gid, entityType);
      if (known !== null && known !== entityType) throw isOther('deleted', gid, projects[known].one);
      const session = holding();
      const guard = { db, clients: session, settleMinutes: config().audit.settleMinutes };
      if ((await guardDelete(guard, order)) === 'nothing_to_do') {
        return { nothingToDo: 'not deleted: MusicBrainz lists the image for this entity again' };
      }
      return send(session, { key: { entityType, gid } }, () =>
        session.writer.deleteFile(projects[entityType], gid, originalFileName(gid, id, suffix)),
      );
    },

    /**
     * Deletes index.json, after checking again whose it is: MusicBrainz' trigger may mean a live entity that has lost its
     * last image, an audit means an orphan. Of one that has images again there is nothing to delete.
     *
     * @param origin not set by workflows of an older version.
     * @throws {ImpossibleError} where the MBID is a live entity's.
     */
    async deleteIndex(key: EntityKey, origin?: EventOrigin): Promise<HandlerOutcome> {
      const live = (await readKinds(db, [key.gid])).liveAs(key.gid);
      if (live !== null && (origin === 'audit' || live !== key.entityType)) {
        throw isOther('deindexed', key.gid, `a live ${live}`);
      }
      if (live !== null && (await readExpectedState(db, key)).images.length > 0) {
        return { nothingToDo: 'not deindexed: MusicBrainz lists images for this entity again' };
      }
      const session = holding();
      return send(session, { key }, () => session.writer.deleteFile(projects[key.entityType], key.gid, indexFileName));
    },

    /** Does nothing, for the time in the message, and fails where it says so: for trying the queue out. */
    async doNothing({ fail, sleep }: NoopMessage): Promise<void> {
      const milliseconds = (sleep ?? 0) * 1000;
      await alive(milliseconds, wait(milliseconds, undefined, { signal: currentSignal() }));
      if (fail === true) throw new RefusedError('noop was ordered to fail');
    },
  };
}

function isOther(what: string, gid: string, kind: string): ImpossibleError {
  return new ImpossibleError(`not ${what}: ${gid} is ${kind} in MusicBrainz, and nothing was sent`);
}

function notLive({ entityType, gid }: EntityKey, identity: string, mergedInto: string | null): ImpossibleError {
  const what = mergedInto === null ? identity : `merged into ${mergedInto}`;
  return new ImpossibleError(`${entityType} ${gid} is ${what} in MusicBrainz: nothing to index, and nothing was sent`);
}

interface RefusedWrite {
  /** Whose item was to be written to. */
  readonly key: EntityKey;
  /** What was to be copied there, where the write was a copy. */
  readonly copy?: CopyImageMessage | undefined;
}

/**
 * Why a write that the archive has refused leaves nothing to do (life-cycles page, "Indexer events"); null where it does.
 * What is unknown is no such reason.
 *
 * @throws {UnreadableError} where an item can't be read
 */
export async function whyDone(
  { db, clients }: { readonly db: Database; readonly clients: Clients },
  { details }: RefusedError,
  { key, copy }: RefusedWrite,
): Promise<string | null> {
  const code = details?.code;
  if (code === 'AccessDenied') {
    const { presence } = await readExpectedState(db, key);
    const isDarkened = presence === 'darkened' && (await clients.reader.observe(key.gid)).kind === 'dark';
    return isDarkened ? `${itemName(key.gid)} is dark, and MusicBrainz says darkened` : null;
  }
  const isGone = code === 'NoSuchBucket' || code === 'NoSuchKey';
  if (!isGone || copy === undefined || !(await isCopied(db, clients, key, copy))) return null;
  return `the image is gone from ${itemName(copy.old_gid)}, and ${itemName(copy.new_gid)} holds it`;
}

/**
 * Whether a copy was made before, and its source deleted since: by what a restored database has forgotten, or by a person.
 * Which content it had follows from the old version that a deletion leaves, or else by what an audit remembers: an md5
 * alone, but one of a whole content. Of the target only what is listed now counts.
 */
async function isCopied(
  db: Database,
  { reader }: Clients,
  { entityType }: EntityKey,
  { artwork_id: id, old_gid: from, new_gid: to, suffix }: CopyImageMessage,
): Promise<boolean> {
  const source = await reader.observe(from);
  if (source.kind === 'dark' || findOriginal(source, from, id, suffix) !== null) return false;
  const there = findOriginal(await reader.observe(to), to, id, suffix);
  if (there === null) return false;
  const gone = findOldVersion(source, originalFileName(from, id, suffix)) ?? {
    md5: await readOnlyMd5(db, entityType, { artworkId: id, suffix }),
    sha1: null,
    size: there.size,
  };
  return compareContents(gone, there) === 'same';
}
