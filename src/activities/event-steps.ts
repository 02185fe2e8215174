import { claimEvent } from '../database/attempts/claim-event.ts';
import { completeEvent, failAttempt, refuseKeys } from '../database/attempts/end-attempt.ts';
import type { ArchiveAnswer } from '../database/attempts/lock-claimed.ts';
import { snoozeEvent, type ReleasedEvent, isItsOwnTrouble } from '../database/attempts/release-event.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import type { EventOrigin } from '../domain/decision/delete-guard.ts';
import type { EntityType, ProjectName } from '../domain/entity.ts';
import { type EventOrder, InvalidMessageError, parseOrder } from '../domain/queue/indexer-event.ts';
import type { Likeness } from '../temporal/failure-types.ts';
import { attributesAtEnd } from '../temporal/search-attributes.ts';
import type { Dependencies } from './dependencies.ts';
import type { HandlerOutcome } from './event-handlers.ts';

/** How Temporal retries within one attempt of an event; read from the configuration when the event is claimed. */
export interface QuickRetries {
  readonly retries: number;
  readonly firstSeconds: number;
}

export type ClaimedEvent =
  | {
      readonly kind: 'claimed';
      readonly attempt: number;
      readonly entityType: EntityType;
      readonly order: EventOrder;
      readonly origin: EventOrigin;
      readonly quickRetries: QuickRetries;
      /** What the end of the attempt sets. Not set by older versions, whose histories continue without. */
      readonly searchAttributes?: readonly string[];
    }
  /** Its message can't be understood: the event has failed for good, and nothing else was done. */
  | { readonly kind: 'failed'; readonly reason: string; readonly searchAttributes?: readonly string[] }
  | { readonly kind: 'not_claimed'; readonly reason: string }
  /** This worker is stopping: another one is to claim it (claimed-events.ts). */
  | { readonly kind: 'stopping' };

/** How an attempt ended, when not by success. */
export type AttemptEnd =
  | {
      readonly kind: 'fail';
      readonly reason: string;
      readonly permanent: boolean;
      readonly answer?: ArchiveAnswer;
      readonly alike?: Likeness;
    }
  | { readonly kind: 'give_back'; readonly reason: string; readonly waitSeconds: number; readonly sqlState?: string };

export type EventSteps = ReturnType<typeof createEventSteps>;

/** The short database steps around an event's requests. All are fenced by the workflow run, and safe to repeat. */
export function createEventSteps({ db, config, run, searchAttributes: usable }: Dependencies) {
  const names = attributesAtEnd(usable);
  const atEnd = names.length === 0 ? {} : { searchAttributes: names };
  return {
    /** @param served whose event it is; workflows of an older version don't say it */
    async claimEvent(eventId: number, served?: DeploymentIdentity | null): Promise<ClaimedEvent> {
      const { workflowId, runId } = run();
      const claim = await claimEvent(db, { eventId, workflowId: workflowId ?? runId, runId, served }, config());
      if (claim.kind === 'not_claimed') return claim;
      const { attempt, entityType, origin } = claim;
      try {
        const order = parseOrder(claim.action, claim.message);
        const { quickRetries: retries, quickRetrySeconds: firstSeconds } = config().events;
        const quickRetries = { retries, firstSeconds };
        return { kind: 'claimed', attempt, entityType, order, origin, quickRetries, ...atEnd };
      } catch (error) {
        if (!(error instanceof InvalidMessageError)) throw error;
        await failAttempt(db, { eventId, runId, reason: error.message, permanent: true }, config());
        return { kind: 'failed', reason: error.message, ...atEnd };
      }
    },

    /** Also takes a write that was sent for the word that writes of the project work. */
    async completeEvent(eventId: number, carriedOut: HandlerOutcome): Promise<'completed' | 'not_ours'> {
      const holder = { eventId, runId: run().runId };
      const how = carriedOut === 'sent' ? { sent: true } : { note: carriedOut.nothingToDo };
      return completeEvent(db, { ...holder, ...how }, config());
    },

    async endAttempt(eventId: number, end: AttemptEnd): Promise<ReleasedEvent | 'failed'> {
      const { runId } = run();
      if (end.kind === 'fail') return failAttempt(db, { eventId, runId, ...end }, config());
      if (end.sqlState !== undefined && (await isItsOwnTrouble(db, eventId))) {
        const reason = `again and again, while other events are carried out: ${end.reason}`;
        return failAttempt(db, { eventId, runId, reason, permanent: false }, config());
      }
      return snoozeEvent(db, { eventId, runId, ...end }, config());
    },

    /** Stops a project's events, and snoozes this one. */
    async stopForRefusedKey(
      eventId: number,
      project: ProjectName,
      reason: string,
      answer?: ArchiveAnswer,
    ): Promise<ReleasedEvent> {
      return refuseKeys(db, { eventId, runId: run().runId, project, reason, answer }, config());
    },
  };
}
