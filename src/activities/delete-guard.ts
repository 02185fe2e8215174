import { isDeepStrictEqual } from 'node:util';
import type { Clients } from '../clients/clients.ts';
import { RefusedError } from '../clients/errors.ts';
import type { Database } from '../database/connection.ts';
import { readDeleteFacts, type DatabaseDeleteFacts } from '../database/event-queries/index.ts';
import { judgeDelete, type DeleteFacts, type EventOrigin } from '../domain/delete-guard.ts';
import type { EntityType } from '../domain/entity.ts';
import type { DeleteImageMessage } from '../domain/indexer-event.ts';
import { findOriginal, isOtherContent } from '../domain/item-files.ts';
import type { ObservedFile, ObservedItem } from '../domain/observed-item.ts';
import { projects } from '../domain/project.ts';
import { ImpossibleError, NotYetError } from './failures.ts';

/** A delete event in hand. */
export interface DeleteOrder {
  readonly eventId: number;
  readonly entityType: EntityType;
  readonly message: DeleteImageMessage;
  readonly origin: EventOrigin;
}

export interface DeleteGuardOptions {
  readonly db: Database;
  readonly clients: Clients;
  readonly settleMinutes: number;
}

/**
 * Looks again, right before an image is deleted, whether that may be (life-cycles page, "Guard at delete time"). Returns
 * where it may.
 *
 * @throws {RefusedError} where a copy of this very file is still queued: the attempt fails, as the daemon's does.
 * @throws {NotYetError} where the owner's item has not settled, with the wait in seconds.
 * @throws {ImpossibleError} where deleting would contradict MusicBrainz or destroy the last copy.
 */
export async function guardDelete(
  { db, clients, settleMinutes }: DeleteGuardOptions,
  order: DeleteOrder,
): Promise<void> {
  const facts = await readDeleteFacts(db, order, { settleMinutes });
  if (facts.waitingCopy !== null) throw copyFirst(facts.waitingCopy);
  if (order.origin !== 'trigger' && facts.ownersDeletion !== null) {
    const reason = `event ${facts.ownersDeletion} deletes it from the item of its owner ${facts.owner?.gid}`;
    throw new NotYetError(`not deleted yet: ${reason}`, settleMinutes * 60);
  }
  const seen = await lookAtOwner(clients, order, facts, settleMinutes);
  const verdict = judgeDelete({
    origin: order.origin,
    listedHere: facts.listedHere,
    owner: facts.owner?.gid ?? null,
    ...seen,
  });
  if (verdict.kind === 'fail') throw new ImpossibleError(`not deleted: ${verdict.reason}`);
  if (verdict.kind === 'wait') throw new NotYetError(`not deleted yet: ${verdict.reason}`, settleMinutes * 60);
  if (order.origin === 'trigger') return;
  // The archive's answers took their time, and MusicBrainz may have moved the image meanwhile.
  const now = await readDeleteFacts(db, order, { settleMinutes });
  if (!isDeepStrictEqual(now, facts)) {
    throw new NotYetError(
      'not deleted yet: what it rests on changed while the owner’s item was looked at',
      lookAgainSeconds,
    );
  }
}

/** What changed has been committed, so that a second look sees all of it. */
const lookAgainSeconds = 1;

/** A copy that was queued later is the daemon's own refusal, and costs an attempt; an earlier one is only waited for. */
function copyFirst({ id, isEarlier }: NonNullable<DatabaseDeleteFacts['waitingCopy']>): Error {
  const reason = `event ${id} is to copy this image first`;
  return isEarlier ? new NotYetError(reason, earlierCopySeconds) : new RefusedError(reason);
}

/** An earlier copy that is being tried again holds the deletion's claim back by itself; this is for what runs just now. */
const earlierCopySeconds = 10;

type OwnerFacts = Pick<DeleteFacts, 'ownerHasTasks' | 'ownerSettled' | 'ownersOriginal'>;

async function lookAtOwner(
  clients: Clients,
  { entityType, message, origin }: DeleteOrder,
  facts: Awaited<ReturnType<typeof readDeleteFacts>>,
  settleMinutes: number,
): Promise<OwnerFacts> {
  const { owner } = facts;
  if (origin === 'trigger' || facts.listedHere || owner === null) {
    return { ownersOriginal: null, ownerSettled: false, ownerHasTasks: false };
  }
  // The tasks first: what is applied after they were counted is seen, and what was seen can't go by one of them.
  const tasks = await clients.limits.outstandingTasks(projects[entityType], owner.gid);
  const here = await clients.reader.observe(message.gid);
  const item = await clients.reader.observe(owner.gid);
  return {
    ownersOriginal: compare(
      findOriginal(here, message.gid, message.artwork_id, message.suffix),
      item,
      findOriginal(item, owner.gid, message.artwork_id, owner.suffix),
    ),
    ownerHasTasks: tasks !== null && tasks > 0,
    ownerSettled: tasks === 0 && !facts.copiedLately && ageSeconds(item) >= settleMinutes * 60,
  };
}

/** Since the item's last change; of one that says nothing of it, it may be this very moment. */
function ageSeconds(item: ObservedItem): number {
  if (item.kind !== 'present') return Infinity;
  return item.lastUpdated === null ? 0 : Date.now() / 1000 - item.lastUpdated;
}

/** The owner's file is a copy unless both contents are known and differ. */
function compare(
  here: ObservedFile | null,
  ownersItem: ObservedItem,
  there: ObservedFile | null,
): NonNullable<DeleteFacts['ownersOriginal']> {
  if (ownersItem.kind !== 'present') return ownersItem.kind;
  if (there === null) return 'lacking';
  return here !== null && isOtherContent(here, there) ? 'other_content' : 'held';
}
