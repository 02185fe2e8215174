import type { AuditEntity } from '../database/audits/entity-history.ts';
import type { AuditStatus } from '../database/entities/count-by-status.ts';
import type { DueCause } from '../database/entities/make-due.ts';
import { aboutDuration, exactDuration } from './time.ts';

/** Why an `unchecked` entity waits, in words. */
const dueCauses: Readonly<Record<DueCause, string>> = {
  cool_down: 'the archive or the web service had asked for a pause',
  discarded: 'what the audit rested on kept changing while it was made',
  event_ended: 'an indexer event that names it ended, and the archive gets time to apply it',
  excluded: 'a person wants it left alone: `entities include` undoes that',
  keys_refused: 'the archive refused the project’s keys, so it could not be asked for outstanding tasks',
  pending_events: 'indexer events that name it are queued or running; it is due when one of them ends',
  report_mode: 'it needs repairs, but the mode is report; a switch to repair makes it due at once',
  settling: 'its item changed lately, or the archive has tasks outstanding for it',
  unreadable: 'the archive or the web service could not be read',
  verification: 'its repairs have ended, and the archive gets time to apply them before it is audited again',
  waited_too_long: 'its item did not settle as long as the audit waited',
  window: 'a window that an operator set keeps audits from the archive; it is due when the window ends',
  kind_disputed: 'MusicBrainz’ tables and the item’s collection call it different kinds of entities',
  ws_disagrees: 'the web service still knows what this database calls merged, deleted or unknown',
};

/** What a status means, in one sentence. */
export const statusMeanings: Readonly<Record<AuditStatus, string>> = {
  unchecked: 'It is to be audited.',
  audit_in_progress: 'It is being audited.',
  clean: 'At its last audit all was as MusicBrainz says, or differed only in what decides nothing.',
  manual_review: 'A person has to decide: see its open review. No repairs are queued meanwhile.',
  repair_queue: 'Repairs were ordered and are in the queue.',
  legacy: 'It is no entity of MusicBrainz any more, and nothing of it is left in public.',
};

/** What happens to an entity next, and when. */
export function nextStep(
  entity: Pick<AuditEntity, 'dueAt' | 'dueCause' | 'lastAuditAt' | 'status'>,
  settings: { readonly recheckDays: number; readonly settleMinutes: number },
  now: Date,
): string {
  const { status, dueAt, dueCause, lastAuditAt } = entity;
  switch (status) {
    case 'unchecked':
      if (dueCause === 'excluded') return `It is excluded: ${dueCauses.excluded}.`;
      if (dueAt === null) return 'It is due now, and is audited when its turn comes.';
      return `It is due ${whenInWords(dueAt, now)}: ${causeInWords(dueCause)}.`;
    case 'audit_in_progress':
      return 'The audit decides, or releases it with a time at which it is due again.';
    case 'repair_queue':
      return `When none of them is queued or running it is audited again, after ${exactDuration(60 * settings.settleMinutes)}; where one fails for good a person is asked.`;
    case 'clean':
    case 'legacy':
      return lastAuditAt === null
        ? 'It was never audited, and is soon.'
        : `It is audited again ${whenInWords(new Date(lastAuditAt.getTime() + settings.recheckDays * 86_400_000), now)}, or earlier where an event of it ends.`;
    case 'manual_review':
      return 'It is audited again when a person closes the review, or when an event of it completes.';
  }
}

/** What an operator's SQL may have written is shown as it is. */
function causeInWords(cause: string | null): string {
  if (cause === null) return 'no cause is recorded';
  return Object.hasOwn(dueCauses, cause) ? dueCauses[cause as DueCause] : cause;
}

function whenInWords(moment: Date, now: Date): string {
  const seconds = (moment.getTime() - now.getTime()) / 1000;
  return seconds <= 0 ? 'now' : `in ${aboutDuration(seconds)}`;
}
