import {
  type ArchiveAnswer,
  claimEvent,
  completeEvent,
  failAttempt,
  giveBackUnspent,
  type GivenBack,
  isItsOwnTrouble,
  refuseKeys,
  writesWork,
} from '../database/event-states/index.ts';
import type { EventOrigin } from '../domain/decision/delete-guard.ts';
import type { EntityType } from '../domain/entity.ts';
import { type EventOrder, InvalidMessageError, parseOrder } from '../domain/queue/indexer-event.ts';
import type { Likeness } from '../temporal/failure-types.ts';
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
    }
  /** Its message can't be understood: the event has failed for good, and nothing else was done. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'not_claimed'; readonly reason: string }
  /** This worker is stopping: another one is to claim it (in-hand.ts). */
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
export function createEventSteps({ db, config, run }: Dependencies) {
  return {
    async claimEvent(eventId: number): Promise<ClaimedEvent> {
      const { workflowId, runId } = run();
      const claim = await claimEvent(db, { eventId, workflowId: workflowId ?? runId, runId }, config());
      if (claim.kind === 'not_claimed') return claim;
      const { attempt, entityType, origin } = claim;
      try {
        const order = parseOrder(claim.action, claim.message);
        const { quickRetries: retries, quickRetrySeconds: firstSeconds } = config().events;
        return { kind: 'claimed', attempt, entityType, order, origin, quickRetries: { retries, firstSeconds } };
      } catch (error) {
        if (!(error instanceof InvalidMessageError)) throw error;
        await failAttempt(db, { eventId, runId, reason: error.message, permanent: true }, config());
        return { kind: 'failed', reason: error.message };
      }
    },

    /** Also takes a write that was sent for the word that writes of the project work. */
    async completeEvent(eventId: number, carriedOut: HandlerOutcome): Promise<'completed' | 'not_ours'> {
      const holder = { eventId, runId: run().runId };
      if (carriedOut !== 'sent') return completeEvent(db, { ...holder, note: carriedOut.nothingToDo }, config());
      const outcome = await completeEvent(db, holder, config());
      await writesWork(db, holder);
      return outcome;
    },

    async endAttempt(eventId: number, end: AttemptEnd): Promise<GivenBack | 'failed'> {
      const { runId } = run();
      if (end.kind === 'fail') return failAttempt(db, { eventId, runId, ...end }, config());
      if (end.sqlState !== undefined && (await isItsOwnTrouble(db, eventId))) {
        const reason = `again and again, while other events are carried out: ${end.reason}`;
        return failAttempt(db, { eventId, runId, reason, permanent: false }, config());
      }
      return giveBackUnspent(db, { eventId, runId, ...end }, config());
    },

    /** Stops a project's events, and gives this one back unspent. */
    async stopForRefusedKey(eventId: number, project: 'caa' | 'eaa', reason: string): Promise<GivenBack> {
      return refuseKeys(db, { eventId, runId: run().runId, project, reason }, config());
    },
  };
}
