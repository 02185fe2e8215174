import { ApplicationFailure, Context } from '@temporalio/activity';
import {
  type Client,
  isGrpcDeadlineError,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { noteStuckEvents, readStuckEvents } from '../database/brakes/index.ts';
import { type DeploymentIdentity, requireIdentity } from '../database/schema/deployment.ts';
import { claimsInHand, findDueEvents } from '../database/event-queries/index.ts';
import { eventWorkflowId, runTimeouts, taskQueues } from '../temporal/task-queues.ts';
import { within } from '../lifetime/within.ts';
import type { processEvent } from '../workflows/process-event.ts';
import type { Dependencies } from './dependencies.ts';
import { type EventPatience, EventsUnderWay } from './events-under-way.ts';

/** The activity ends after this, so that a worker with new code takes over. Milliseconds. */
const longestShift = 60 * 60 * 1000;

/*
 * Milliseconds. The loop itself tells Temporal that it is alive: what it waits for between two heartbeats has a limit well
 * below their time-out (15 s, workflows/dispatch-events.ts), so that one which hangs loses its place.
 */
const longestWait = 5_000;
const longestQuery = 10_000;
/** A call's last try may come up to 6 s after its deadline (the SDK's pauses between tries). */
const usualPatience: EventPatience = { call: 5_000, end: 40_000 };

interface ReadAhead {
  /** Reads what is due, where what was read before is used up or old. */
  refresh(): Promise<void>;
  /** The next due event of those that were read; null where they are used up. */
  next(): number | null;
}

/** How many times as many events are read as may be in hand. */
const readAheadFactor = 4;

export type Dispatcher = ReturnType<typeof createDispatcher>;

/** The poll of the event queue. It only starts workflows: who does what with which row is decided by their claims. */
export interface DispatcherDependencies extends Dependencies {
  readonly temporal: Client;
  /**
   * Aborted when the worker begins to shut down. Temporal cancels an activity only once the worker's grace is over, and
   * until then no other worker would take the dispatcher over.
   */
  readonly stopping: AbortSignal;
  /** How long Temporal is waited for. */
  readonly eventPatience?: EventPatience;
}

export function createDispatcher({
  db,
  config,
  temporal,
  stopping,
  eventPatience = usualPatience,
}: DispatcherDependencies) {
  return {
    /**
     * Starts `processEvent` for due events, as many at once as `[events] concurrency` allows, until its shift is over.
     * An event that is started twice, by two dispatchers or after a crash, is started once. A workflow that is stuck
     * leaves its slot to another one, and a brake names its event.
     *
     * @param served whose events these are
     * @returns the same, or, where nobody has said it yet, whose database this is
     * @throws {ApplicationFailure} when its worker shuts down: Temporal tries again, and so another one takes over.
     * @throws {OtherDatabaseError} likewise
     */
    async dispatchEvents(served: DeploymentIdentity | null = null): Promise<DeploymentIdentity> {
      const identity = await soon(requireIdentity(db, served));
      const context = Context.current();
      const signal = AbortSignal.any([context.cancellationSignal, stopping]);
      const ends = Date.now() + longestShift;
      const underWay = new EventsUnderWay(temporal, eventPatience, stopping);
      const beat = (): void => context.heartbeat({ inHand: underWay.count });
      let noted = await followEarlier(underWay, beat);
      const queue = openReadAhead(underWay);
      while (Date.now() < ends) {
        noted = await noteStuck(underWay.stuck, noted, beat);
        await startDue(underWay, queue, beat);
        await untilNextPoll(underWay, signal, beat);
        if (signal.aborted) throw ApplicationFailure.retryable('the worker of the dispatcher shuts down', 'Stopping');
      }
      return identity;
    },
  };

  /**
   * Follows what an earlier shift, or a dispatcher that was lost, has started and left.
   *
   * @returns the events that are shown as stuck
   */
  async function followEarlier(underWay: EventsUnderWay, beat: () => void): Promise<readonly number[]> {
    beat();
    const stuck = await soon(readStuckEvents(db));
    beat();
    const claims = await soon(claimsInHand(db, { youngClaimSeconds: 0 }));
    for (const id of stuck) underWay.follow(id, temporal.workflow.getHandle(eventWorkflowId(id)), true);
    for (const { eventId, workflowId, runId } of claims) {
      underWay.follow(eventId, temporal.workflow.getHandle(workflowId, runId));
    }
    return stuck;
  }

  /** @returns what is shown now */
  async function noteStuck(
    stuck: readonly number[],
    noted: readonly number[],
    beat: () => void,
  ): Promise<readonly number[]> {
    if (stuck.join() === noted.join()) return noted;
    beat();
    await soon(noteStuckEvents(db, stuck));
    return stuck;
  }

  async function startDue(underWay: EventsUnderWay, queue: ReadAhead, beat: () => void): Promise<void> {
    const { enabled, concurrency } = config().events;
    beat();
    if (!enabled || underWay.count >= concurrency) return;
    await queue.refresh();
    while (underWay.count < concurrency) {
      const id = queue.next();
      if (id === null) return;
      // What is under way may not have claimed its row yet, and then still counts as due.
      if (underWay.has(id)) continue;
      beat();
      underWay.follow(id, await start(id));
    }
  }

  async function untilNextPoll(underWay: EventsUnderWay, signal: AbortSignal, beat: () => void): Promise<void> {
    let left = config().events.pollSeconds * 1000;
    while (left > 0 && !signal.aborted) {
      beat();
      if (await underWay.freed(Math.min(left, longestWait), signal)) return;
      left -= longestWait;
    }
  }

  /**
   * The events that are due. Several are read at once: with a long queue, reading again for each would take more time
   * than carrying it out. What was read is good for one poll's time; whether an event may be carried out is for its claim
   * to say.
   */
  function openReadAhead(underWay: EventsUnderWay): ReadAhead {
    let ahead: number[] = [];
    let readAt = -Infinity;
    return {
      next: () => ahead.shift() ?? null,
      async refresh() {
        const { concurrency, pollSeconds } = config().events;
        if (ahead.length > 0 && performance.now() - readAt < pollSeconds * 1000) return;
        readAt = performance.now();
        // Those that are stuck before their claim stay due, before all others.
        const limit = concurrency * readAheadFactor + underWay.stuck.length;
        // What was just refused is passed over, or it would be started again and again, and nothing behind it.
        const refused = underWay.refusedWithin(pollSeconds * 1000);
        ahead = (await soon(findDueEvents(db, limit, config(), refused))).map(({ id }) => id);
      },
    };
  }

  async function start(eventId: number): Promise<WorkflowHandle> {
    const workflowId = eventWorkflowId(eventId);
    try {
      return await temporal.withDeadline(Date.now() + eventPatience.call, () =>
        temporal.workflow.start<typeof processEvent>('processEvent', {
          workflowId,
          taskQueue: taskQueues.reconciler,
          workflowRunTimeout: runTimeouts.event,
          args: [eventId],
        }),
      );
    } catch (error) {
      // Another dispatcher's, or one that an earlier shift started; or it can't be told whether it was started.
      const isPerhapsStarted = error instanceof WorkflowExecutionAlreadyStartedError || isGrpcDeadlineError(error);
      if (isPerhapsStarted) return temporal.workflow.getHandle(workflowId);
      throw error;
    }
  }
}

/** What the database says, where it says so before the next heartbeat is due. */
function soon<Answer>(asked: Promise<Answer>): Promise<Answer> {
  return within(longestQuery, 'the database', asked);
}
