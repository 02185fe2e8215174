import { isDeepStrictEqual } from 'node:util';
import type { Clients } from '../clients/clients.ts';
import { RefusedError } from '../clients/errors.ts';
import type { Database } from '../database/connection.ts';
import { type DatabaseDeleteFacts, readDeleteFacts } from '../database/attempts/delete-facts.ts';
import { type DeleteFacts, type EventOrigin, judgeDelete } from '../domain/decision/delete-guard.ts';
import { compareContents, unknownContent } from '../domain/documents/image-content.ts';
import { findOriginal } from '../domain/documents/item-files.ts';
import { type EntityType, projects } from '../domain/entity.ts';
import type { ObservedFile, ObservedItem } from '../domain/documents/observed-item.ts';
import type { DeleteImageMessage } from '../domain/queue/indexer-event.ts';
import { ImpossibleError, NotYetError } from './failures.ts';

/** A delete event in progress. */
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
 * Looks again, right before an image is deleted, whether that may be (life-cycles page, "Guard at delete time").
 *
 * @returns whether the deletion is to be sent; where not, nothing is left to do.
 * @throws {RefusedError} where a copy of this very file is still queued: the attempt fails, as the daemon's does.
 * @throws {NotYetError} where the owner's item has not settled, with the wait in seconds.
 * @throws {ImpossibleError} where deleting would contradict MusicBrainz or destroy the last copy.
 */
export async function guardDelete(
  { db, clients, settleMinutes }: DeleteGuardOptions,
  order: DeleteOrder,
): Promise<'nothing_to_do' | 'send'> {
  const facts = await readDeleteFacts(db, order, { settleMinutes });
  if (facts.waitingCopy !== null) throw copyFirst(facts.waitingCopy);
  const settleSeconds = settleMinutes * 60;
  const waitSeconds = order.origin === 'audit' ? settleSeconds : triggersWait(facts.timesSnoozed, settleSeconds);
  // A trigger's needn't wait: where MusicBrainz lists the image for the owner, the owner's own deletion is not sent.
  if (order.origin === 'audit' && facts.ownersDeletion !== null) {
    const reason = `event ${facts.ownersDeletion} deletes it from the item of its owner ${facts.owner?.gid}`;
    throw new NotYetError(`not deleted yet: ${reason}`, waitSeconds);
  }
  const verdict = judgeDelete({
    origin: order.origin,
    listedHere: facts.listedHere,
    owner: facts.owner?.gid ?? null,
    ...(await inspectItems(clients, order, facts, settleSeconds)),
  });
  if (verdict.kind === 'done') return 'nothing_to_do';
  if (verdict.kind === 'fail') throw new ImpossibleError(`not deleted: ${verdict.reason}`);
  if (verdict.kind === 'wait') throw new NotYetError(`not deleted yet: ${verdict.reason}`, waitSeconds);
  // The archive's answers took their time, and MusicBrainz may have moved the image meanwhile.
  const now = await readDeleteFacts(db, order, { settleMinutes });
  if (isDeepStrictEqual(now, facts)) return 'send';
  throw new NotYetError('not deleted yet: what it rests on changed while the owner’s item was read', recheckSeconds);
}

/** A trigger's waits for a copy that was just made, or is made soon: 2 minutes, doubling. Seconds. */
function triggersWait(timesSnoozed: number, settleSeconds: number): number {
  return Math.min(120 * 2 ** Math.min(timesSnoozed, 20), settleSeconds);
}

/** What changed has been committed, so that a second check sees all of it. */
const recheckSeconds = 1;

/** A copy that was queued later is the daemon's own refusal, and costs an attempt; an earlier one is only waited for. */
function copyFirst({ id, isEarlier }: NonNullable<DatabaseDeleteFacts['waitingCopy']>): Error {
  const reason = `event ${id} is to copy this image first`;
  return isEarlier ? new NotYetError(reason, earlierCopySeconds) : new RefusedError(reason);
}

/** An earlier copy that is being tried again holds the deletion's claim back already; this is for what runs just now. */
const earlierCopySeconds = 10;

type SeenFacts = Pick<DeleteFacts, 'isGone' | 'ownerHasTasks' | 'ownerSettled' | 'ownersOriginal'>;

const notInspected: SeenFacts = { isGone: false, ownersOriginal: null, ownerSettled: false, ownerHasTasks: false };

async function inspectItems(
  clients: Clients,
  { entityType, message, origin }: DeleteOrder,
  facts: DatabaseDeleteFacts,
  settleSeconds: number,
): Promise<SeenFacts> {
  const { owner } = facts;
  if (facts.listedHere || (owner === null && origin !== 'audit')) return notInspected;
  // The tasks first: what is applied after they were counted is seen, and what was seen can't go by one of them.
  const tasks = owner && (await clients.limits.outstandingTasks(projects[entityType], owner.gid));
  const item = await clients.reader.observe(message.gid);
  const here = findOriginal(item, message.gid, message.artwork_id, message.suffix);
  // Of a dark item nothing is known; one that just got a copy may not show it yet.
  const isGone = here === null && item.kind !== 'dark' && !facts.copyIsComing.here;
  if (isGone || owner === null) return { ...notInspected, isGone };
  const ownersItem = await clients.reader.observe(owner.gid);
  const content = here && { ...here, md5: here.md5 ?? facts.rememberedMd5 };
  return {
    isGone,
    ownersOriginal: compare(content, ownersItem, findOriginal(ownersItem, owner.gid, message.artwork_id, owner.suffix)),
    ownerHasTasks: tasks !== null && tasks > 0,
    ownerSettled: tasks === 0 && !facts.copyIsComing.toOwner && ageSeconds(ownersItem, clients.now()) >= settleSeconds,
  };
}

/** Since the item's last change; of one that says nothing of it, it may be this very moment. */
function ageSeconds(item: ObservedItem, now: number): number {
  if (item.kind !== 'present') return Infinity;
  return item.lastUpdated === null ? 0 : now - item.lastUpdated;
}

function compare(
  here: ObservedFile | null,
  ownersItem: ObservedItem,
  there: ObservedFile | null,
): NonNullable<DeleteFacts['ownersOriginal']> {
  if (ownersItem.kind !== 'present') return ownersItem.kind;
  if (there === null) return 'lacking';
  return comparisons[compareContents(here ?? unknownContent, there)];
}

const comparisons = { same: 'held', other: 'other_content', unknown: 'unknown_content' } as const;
