import { CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Claimer } from '../activities/claimed-events.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import { itemName } from '../domain/documents/file-names.ts';
import { projects, usualEntityType } from '../domain/entity.ts';
import type { EventHandlers, HandlerOutcome } from '../activities/event-handlers.ts';
import type { ClaimedEvent, EventSteps, QuickRetries } from '../activities/event-steps.ts';
import type { ProcessedEvent } from '../temporal/messages.ts';
import { searchAttributes } from '../temporal/search-attributes.ts';
import { eventSummary } from '../temporal/summaries.ts';
import { taskQueues } from '../temporal/task-queues.ts';
import { databaseSteps, named, setAttributes, stepOptions } from './step-options.ts';
import { stepFailure, type StepFailure } from './failures.ts';

const eventSteps = databaseSteps<EventSteps>({
  claimEvent: 'claim the event',
  completeEvent: 'completed',
  endAttempt: (_, end) => (end.kind === 'fail' ? `failed: ${end.reason}` : `release the event: ${end.reason}`),
  stopForRefusedKey: (_, project) => `stop the events of ${project}: its key is refused`,
});

/** By any worker that isn't stopping, through the task queue; where there is none, it waits for one. */
const claimer = named<Claimer>(proxyActivities<Claimer>(stepOptions.claimer), {
  claimEvent: 'claim the event on another worker',
});

/**
 * Claims one indexer event, carries it out, and records the outcome in its row.
 *
 * @param served whose event it is: a worker of another database leaves it alone
 */
export async function processEvent(eventId: number, served?: DeploymentIdentity): Promise<ProcessedEvent> {
  const here = await eventSteps.claimEvent(eventId, served);
  const claim = here.kind === 'stopping' ? await claimer.claimEvent(eventId, served) : here;
  const processed =
    claim.kind === 'claimed' ? await attempt(eventId, claim) : { outcome: claim.kind, reason: claim.reason };
  if (claim.kind !== 'not_claimed') makeFindable(claim, processed.outcome);
  return processed;
}

type Claimed = Extract<ClaimedEvent, { kind: 'claimed' }>;

/** By its outcome, in Temporal's UI. Claims of earlier versions don't say which attributes there are. */
function makeFindable({ searchAttributes: usable }: Pick<Claimed, 'searchAttributes'>, outcome: string): void {
  setAttributes([{ key: searchAttributes.outcome, value: outcome }], usable);
}

async function attempt(eventId: number, claim: Claimed): Promise<ProcessedEvent> {
  let carriedOut: HandlerOutcome;
  try {
    carriedOut = await carryOut(eventId, claim);
  } catch (error) {
    const failure = stepFailure(error);
    if (CancellationScope.current().consideredCancelled && isCancellation(error)) {
      makeFindable(claim, await endAttempt(eventId, failure, claim.quickRetries));
      // So that Temporal shows it as cancelled.
      throw error;
    }
    return { outcome: await endAttempt(eventId, failure, claim.quickRetries), reason: failure.reason };
  }
  const outcome = await eventSteps.completeEvent(eventId, carriedOut);
  return { outcome, ...(carriedOut !== 'sent' && { reason: carriedOut.nothingToDo }) };
}

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
  return named<EventHandlers>(
    proxyActivities<EventHandlers>({ ...stepOptions.event({ retries, firstSeconds }), taskQueue: taskQueues.archive }),
    {
      putIndex: ({ gid }) => `upload index.json to ${itemName(gid)}`,
      putXml: ({ gid }) => `upload the XML to ${itemName(gid)}`,
      copyImage: (entityType, message) => eventSummary({ entityType, action: 'copy_image', message }),
      deleteImage: ({ entityType, message }) => eventSummary({ entityType, action: 'delete_image', message }),
      deleteIndex: ({ gid }) => `delete index.json of ${itemName(gid)}`,
      doNothing: 'do nothing',
    },
  );
}

/** Every failure costs an attempt but those that are not the event's fault. */
async function endAttempt(eventId: number, failure: StepFailure, { firstSeconds }: QuickRetries) {
  const { kind, reason, answer, alike, sqlState, waitSeconds = firstSeconds } = failure;
  switch (kind) {
    case 'key_refused':
      return eventSteps.stopForRefusedKey(
        eventId,
        failure.project ?? projects[usualEntityType].name,
        reason,
        ...(answer ? [answer] : []),
      );
    case 'cool_down':
    case 'not_yet':
    case 'lost':
      return eventSteps.endAttempt(eventId, { kind: 'give_back', reason, waitSeconds, ...(sqlState && { sqlState }) });
    case 'impossible':
    case 'refused':
    case 'unreadable':
      return eventSteps.endAttempt(eventId, {
        kind: 'fail',
        reason,
        permanent: kind === 'impossible',
        ...(answer && { answer }),
        ...(alike && { alike }),
      });
  }
}
