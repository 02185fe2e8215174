import { ActivityCancellationType, CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { EventHandlers, HandlerOutcome } from '../activities/event-handlers.ts';
import type { Claimer } from '../activities/in-hand.ts';
import type { ClaimedEvent, EventSteps, QuickRetries } from '../activities/event-steps.ts';
import { stepPriorities, taskQueues } from '../temporal/task-queues.ts';
import { databaseSteps } from './database-steps.ts';
import { type StepFailure, stepFailure } from './failures.ts';

const steps = databaseSteps<EventSteps>();

/** By any worker that isn't stopping, through the task queue; where there is none, it waits for one. */
const claimer = proxyActivities<Claimer>({
  startToCloseTimeout: '20s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  priority: { priorityKey: stepPriorities.event },
  retry: { initialInterval: '200ms', maximumInterval: '20s' },
});

/** What became of an event in this run; shown as the workflow's result. */
export interface ProcessedEvent {
  readonly outcome: 'completed' | 'failed' | 'not_claimed' | 'not_ours' | 'queued' | 'superseded';
  readonly reason?: string;
}

/** Claims one indexer event, carries it out, and records the outcome in its row. */
export async function processEvent(eventId: number): Promise<ProcessedEvent> {
  const here = await steps.claimEvent(eventId);
  const claim = here.kind === 'stopping' ? await claimer.claimEvent(eventId) : here;
  if (claim.kind !== 'claimed') return { outcome: claim.kind, reason: claim.reason };
  let carriedOut: HandlerOutcome;
  try {
    carriedOut = await carryOut(eventId, claim);
  } catch (error) {
    const failure = stepFailure(error);
    if (CancellationScope.current().consideredCancelled && isCancellation(error)) {
      await endAttempt(eventId, failure, claim.quickRetries);
      // So that Temporal shows it as cancelled.
      throw error;
    }
    return { outcome: await endAttempt(eventId, failure, claim.quickRetries), reason: failure.reason };
  }
  const outcome = await steps.completeEvent(eventId, carriedOut);
  return { outcome, ...(carriedOut !== 'sent' && { reason: carriedOut.nothingToDo }) };
}

type Claimed = Extract<ClaimedEvent, { kind: 'claimed' }>;

async function carryOut(
  eventId: number,
  { entityType, order, origin, quickRetries }: Claimed,
): Promise<HandlerOutcome> {
  const handlers = eventHandlers(quickRetries);
  switch (order.action) {
    case 'index': {
      const key = { entityType, gid: order.message.gid };
      const index = outcomeOf(await handlers.putIndex(key));
      return index === 'sent' ? outcomeOf(await handlers.putXml(key)) : index;
    }
    case 'copy_image':
      return outcomeOf(await handlers.copyImage(entityType, order.message));
    case 'delete_image':
      return outcomeOf(await handlers.deleteImage({ eventId, entityType, message: order.message, origin }));
    case 'deindex':
      return outcomeOf(await handlers.deleteIndex({ entityType, gid: order.message.gid }, origin));
    case 'noop':
      await handlers.doNothing(order.message);
      return { nothingToDo: 'a noop writes nothing' };
  }
}

/** Steps of older versions tell nothing, but for deletions that were not sent: those say `nothing_to_do`. */
function outcomeOf(told: HandlerOutcome | 'nothing_to_do' | null | undefined): HandlerOutcome {
  if (told === 'nothing_to_do') return { nothingToDo: 'nothing was to be sent' };
  return told ?? 'sent';
}

function eventHandlers({ retries, firstSeconds }: QuickRetries): EventHandlers {
  return proxyActivities<EventHandlers>({
    taskQueue: taskQueues.archive,
    // A deletion makes four requests (both items, the tasks, the delete), each of at most 5 minutes after a turn of at
    // most 2. One that pauses make longer is tried again, as each of these may be.
    startToCloseTimeout: '30 minutes',
    heartbeatTimeout: '30s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    priority: { priorityKey: stepPriorities.event },
    retry: { maximumAttempts: 1 + retries, initialInterval: firstSeconds * 1000, backoffCoefficient: 2 },
  });
}

/** Every failure costs an attempt but those that are not the event's fault. */
async function endAttempt(eventId: number, failure: StepFailure, { firstSeconds }: QuickRetries) {
  const { kind, reason, answer, alike, sqlState, waitSeconds = firstSeconds } = failure;
  switch (kind) {
    case 'key_refused':
      return steps.stopForRefusedKey(eventId, failure.project ?? 'caa', reason);
    case 'cool_down':
    case 'not_yet':
    case 'lost':
      return steps.endAttempt(eventId, { kind: 'give_back', reason, waitSeconds, ...(sqlState && { sqlState }) });
    case 'impossible':
    case 'refused':
    case 'unreadable':
      return steps.endAttempt(eventId, {
        kind: 'fail',
        reason,
        permanent: kind === 'impossible',
        ...(answer && { answer }),
        ...(alike && { alike }),
      });
  }
}
