import { setTimeout as wait } from 'node:timers/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { findDueEvents } from '../database/event-queries/index.ts';
import { ownSignal } from '../own-signal.ts';
import { eventWorkflowId, taskQueues } from '../task-queues.ts';
import type { processEvent } from '../workflows/process-event.ts';
import type { Dependencies } from './dependencies.ts';

/** The activity ends after this, so that a worker with new code takes over. Milliseconds. */
const longestShift = 60 * 60 * 1000;

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
}

export function createDispatcher({ db, config, temporal, stopping }: DispatcherDependencies) {
  return {
    /**
     * Starts `processEvent` for due events, as many at once as `[events] concurrency` allows, until its shift is over.
     * An event that is started twice, by two dispatchers or after a crash, is started once.
     *
     * @throws {ApplicationFailure} when its worker shuts down: Temporal tries again, and so another one takes over.
     */
    async dispatchEvents(): Promise<void> {
      const context = Context.current();
      const signal = AbortSignal.any([context.cancellationSignal, stopping]);
      const ends = Date.now() + longestShift;
      const inHand = new Map<number, Promise<unknown>>();
      const queue = openReadAhead();
      while (Date.now() < ends) {
        context.heartbeat({ inHand: inHand.size });
        await startDue(inHand, queue);
        await anyOf([...inHand.values()], config().events.pollSeconds * 1000, signal);
        if (signal.aborted) throw ApplicationFailure.retryable('the worker of the dispatcher shuts down', 'Stopping');
      }
    },
  };

  /**
   * Waits for a workflow's end; how it ended stands in its row. Once the worker stops nobody asks any more: a question
   * under way would keep its process for seconds.
   */
  async function endOf(handle: WorkflowHandle): Promise<void> {
    const question = ownSignal(stopping);
    await temporal.withAbortSignal(question.signal, () => handle.result()).catch(() => undefined);
    question.end();
  }

  async function startDue(inHand: Map<number, Promise<unknown>>, queue: ReadAhead): Promise<void> {
    const { enabled, concurrency } = config().events;
    if (!enabled || inHand.size >= concurrency) return;
    await queue.refresh();
    while (inHand.size < concurrency) {
      const id = queue.next();
      if (id === null) return;
      // What is in hand may not have claimed its row yet, and then still counts as due.
      const handle = inHand.has(id) ? null : await start(id);
      if (handle === null) continue;
      inHand.set(
        id,
        endOf(handle).finally(() => inHand.delete(id)),
      );
    }
  }

  /**
   * The events that are due. Several are read at once: with a long queue, reading again for each would take more time
   * than carrying it out. What was read is good for one poll's time; whether an event may be carried out is for its claim
   * to say.
   */
  function openReadAhead(): ReadAhead {
    let ahead: number[] = [];
    let readAt = -Infinity;
    return {
      next: () => ahead.shift() ?? null,
      async refresh() {
        const { concurrency, pollSeconds } = config().events;
        if (ahead.length > 0 && performance.now() - readAt < pollSeconds * 1000) return;
        readAt = performance.now();
        ahead = (await findDueEvents(db, concurrency * readAheadFactor, config())).map(({ id }) => id);
      },
    };
  }

  async function start(eventId: number): Promise<WorkflowHandle | null> {
    try {
      return await temporal.workflow.start<typeof processEvent>('processEvent', {
        workflowId: eventWorkflowId(eventId),
        taskQueue: taskQueues.reconciler,
        args: [eventId],
      });
    } catch (error) {
      // Another dispatcher's, or one that an earlier shift started.
      if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
      throw error;
    }
  }
}

/** Waits until one of them has ended, but no longer than so many milliseconds or until the signal. */
async function anyOf(promises: readonly Promise<unknown>[], milliseconds: number, signal: AbortSignal): Promise<void> {
  const timer = new AbortController();
  const timeout = wait(milliseconds, undefined, { signal: AbortSignal.any([signal, timer.signal]) });
  await Promise.race([...promises, timeout]).catch(() => undefined);
  timer.abort();
  await timeout.catch(() => undefined);
}
