import { dependentsReason } from '../src/database/attempts/fail-for-good.ts';
import type { Queryable } from '../src/database/connection.ts';
import { maxAttempts } from '../src/database/queue/event-sql.ts';
import { itemName, originalFileName } from '../src/domain/documents/file-names.ts';
import type { CopyImageMessage } from '../src/domain/queue/indexer-event.ts';
import type { ArchiveState } from '../src/simulator/archive/archive-state.ts';
import type { Aimed } from './troubles.ts';

/** An event that failed for good. */
export interface Failure {
  readonly id: number;
  readonly action: string;
  readonly message: Readonly<Record<string, unknown>>;
  /** Of its last attempt. */
  readonly reason: string;
  /** Of the attempts before, the last first. */
  readonly before: readonly string[];
  /** How often it was looked at and snoozed, since the item of the image's owner had not settled. */
  readonly waits: number;
}

/** All events that failed for good, oldest first. */
export async function readFailures(db: Queryable): Promise<readonly Failure[]> {
  const { rows } = await db.query<Failure>(
    `select event.id::int, action::text, message, coalesce(reasons[1], 'no reason') as reason, reasons[2:] as before,
            (select count(*)::int from artwork_reconciler.event_attempt attempt
             where attempt.event = event.id and outcome = 'given_back' and attempt.reason like 'not deleted yet: %') as waits
     from artwork_indexer.event_queue event
     cross join lateral (select coalesce(array_agg(failure_reason order by created desc), '{}') as reasons
                         from artwork_indexer.event_failure_reason where event = event.id) failed_for
     where state = 'failed' order by event.id`,
  );
  return rows;
}

/** Reasons that trying again would not change. A fault that passes is none of them: five attempts outlast it. */
const standing = [
  /^superseded by event \d+$/,
  new RegExp(`^${dependentsReason('\\d+')}$`),
  /nothing to index, and nothing was sent$/,
  /^not deleted: /,
  /the web service (does not know|answers for) /,
  // Only the archive's staff can show it again.
  /AccessDenied.*(item|source) is dark/,
] as const;

/**
 * Whether the event failed for a reason that stands: trying again would have come to the same. Whichever attempt it was
 * that met it: what an item answers that is refused for good, a fault that passes may have kept from being heard the last
 * time.
 */
export function isExcused(failure: Failure, aimed: Aimed, archive: ArchiveState): boolean {
  const attempts = [failure.reason, ...failure.before].map((reason) => ({ ...failure, reason }));
  return attempts.some((attempt) => stands(attempt, aimed) || hasNoSource(attempt, archive)) || readTooOften(failure);
}

/**
 * A wait costs no attempt, but a read that fails does. Here a deletion looks every two seconds whether it may be, and the
 * archive fails on a bad day's scale: that many checks meet five failures. In operation it is one look in an hour
 * (`settle_minutes`).
 */
function readTooOften({ action, reason, waits }: Failure): boolean {
  const unread = /metadata is empty, but|\/metadata\/|\/services\/tasks/.test(reason);
  // It has been looked at twice as often as an event that does not wait.
  return action === 'delete_image' && unread && waits >= maxAttempts;
}

/** Whether a person is asked because repairs failed, whatever they failed for; null is an entity without an open review. */
export function asksAboutFailedRepairs(reviewReason: string | null): boolean {
  return /^(a repair|\d+ repairs) failed for good: /.test(reviewReason ?? '');
}

function stands({ action, message, reason }: Failure, { refused, stuck, slowed }: Aimed): boolean {
  if (standing.some((pattern) => pattern.test(reason))) return true;
  // Of the items that are out of order: refused; slowed down; and what should come from one that never gets its files.
  if (refused !== null && reason.includes(refused)) return /AccessDenied/.test(reason);
  if (slowed !== null && reason.includes(slowed)) return /slows this item down/.test(reason);
  if (stuck === null || !/NoSuchKey|SlowDown/.test(reason)) return false;
  // The archive's answer to a copy names its target only. The source may have got its files since, by the archive's staff.
  const comesFromStuck = action === 'copy_image' && itemName(String(message['old_gid'])) === stuck;
  return comesFromStuck || reason.includes(stuck);
}

/** MusicBrainz moved an image whose original isn't where it was listed: it never was, or was lost to the faults before. */
function hasNoSource({ action, message, reason }: Failure, archive: ArchiveState): boolean {
  if (action !== 'copy_image' || !reason.includes('NoSuchKey')) return false;
  const { old_gid: gid, artwork_id: artworkId, suffix } = message as unknown as CopyImageMessage;
  const name = originalFileName(gid, artworkId, suffix);
  return archive.item(itemName(gid))?.files.some((file) => file.name === name) !== true;
}

/** What to say of a failure that has no excuse. */
export function lineOf({ id, action, message, reason }: Failure): string {
  return `${action} event ${id} ${JSON.stringify(message)} failed, and need not have: ${reason}`;
}
