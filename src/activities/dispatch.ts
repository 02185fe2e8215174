import { ApplicationFailure, Context } from '@temporalio/activity';
import {
  type Client,
  isGrpcDeadlineError,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { noteStuckEvents, readStuckEvents } from '../database/brakes/stored-brakes.ts';
import { claimsInProgress, findDueEvents } from '../database/queue/due-events.ts';
import { type NamedEvent, readNamedEvents } from '../database/queue/show-event.ts';
import { listen, listeningConfig } from '../database/servers.ts';
import { requireIdentity } from '../database/schema/deployment.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import { within } from '../lifetime/within.ts';
import { startEvent } from '../starters/start.ts';
import { type Build, getsWork, readRouting } from '../temporal/worker-builds.ts';
import { eventWorkflowId } from '../temporal/task-queues.ts';
import type { Dependencies } from './dependencies.ts';
import { type EventPatience, EventsUnderWay } from './events-under-way.ts';
import type { OutcomeListeners } from './outcome-log.ts';

/** The activity ends after this, so that a worker with new code takes over. Milliseconds. */
const longestShift = 60 * 60 * 1000;

/*
 * Milliseconds. The loop itself reports to Temporal that it is alive: what it waits for between two heartbeats has a limit well
 * below their time-out (15 s, workflows/dispatch-events.ts), so that one which hangs loses its place.
 */
const longestWait = 5_000;
const longestQuery = 10_000;
/** A call's last try may come up to 6 s after its deadline (the SDK's pauses between tries). */
const usualPatience: EventPatience = { call: 5_000, end: 40_000 };

/** Milliseconds between two polls while events come, and the share of a silence that the next poll comes after. */
const livelyPoll = 50;
const shareOfSilence = 0.05;

/**
 * Milliseconds until the next poll: soon after something happened, as more is likely to come (an editor adds one image
 * after the other), and ever later while nothing does, up to `[events] poll_seconds`: after 20 times as long a silence. So
 * an event seldom waits for a poll, and a queue in which nothing happens asks the database no more than that setting says.
 *
 * @param silence milliseconds since an event was found or ended
 */
export function untilPoll(silence: number, { pollSeconds }: { readonly pollSeconds: number }): number {
  return Math.min(pollSeconds * 1000, Math.max(livelyPoll, silence * shareOfSilence));
}

interface ReadAhead {
  /** Reads what is due, where what was read before is used up or old. */
  refresh(): Promise<void>;
  /** The next due event of those that were read; null where they are used up. */
  next(): NamedEvent | null;
}

/** Milliseconds between two checks whether this worker's build is still the one that begins things. */
const buildCheckEvery = 10_000;

/** How many times as many events are read as may be in progress. */
const readAheadFactor = 4;

/** What is the same for all of a shift. */
interface Shift {
  readonly underWay: EventsUnderWay;
  readonly signal: AbortSignal;
  readonly beat: () => void;
}

export type Dispatcher = ReturnType<typeof createDispatcher>;

/** The poll of the event queue. It only starts workflows: who does what with which row is decided by their claims. */
export interface DispatcherDependencies extends Dependencies {
  readonly temporal: Client;
  /**
   * Aborted when the worker begins to shut down. Temporal cancels an activity only once the worker's grace is over, and
   * until then no other worker would take the dispatcher over.
   */
  readonly stopping: AbortSignal;
  /** What this worker is a build of; null where workers are not versioned. */
  readonly build?: Build | null;
  /** How long Temporal is waited for. */
  readonly eventPatience?: EventPatience;
}

export function createDispatcher({
  db,
  config,
  temporal,
  searchAttributes,
  stopping,
  build = null,
  eventPatience = usualPatience,
  log,
}: DispatcherDependencies & Pick<OutcomeListeners, 'log'>) {
  // As the pool's address, it is the one that the worker was started with.
  const listenAt = listeningConfig(config().database);
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
      const underWay = new EventsUnderWay(temporal, eventPatience, stopping);
      const beat = (): void => context.heartbeat({ inProgress: underWay.count });
      const listener = openListener(() => underWay.notify());
      try {
        await dispatchUntilEnd(identity, { underWay, signal, beat });
      } finally {
        listener?.close();
      }
      return identity;
    },
  };

  async function dispatchUntilEnd(identity: DeploymentIdentity, { underWay, signal, beat }: Shift): Promise<void> {
    const ends = Date.now() + longestShift;
    let noted = await followEarlier(underWay, beat);
    const queue = openReadAhead(underWay, beat);
    // Nothing has been seen yet.
    let lastSeen = -Infinity;
    let checkedBuild = Date.now();
    while (Date.now() < ends) {
      // Its next run goes to the build that is current then; first after a while, so that two which both don't hold
      // themselves for it don't pass it to and fro.
      if (Date.now() - checkedBuild >= buildCheckEvery) {
        beat();
        if (!(await getsNewWork())) break;
        checkedBuild = Date.now();
      }
      noted = await noteStuck(underWay.stuck, noted, beat);
      if (await startDue(underWay, queue, beat, identity)) lastSeen = performance.now();
      if (await untilNextPoll(underWay, signal, beat, performance.now() - lastSeen)) lastSeen = performance.now();
      if (signal.aborted) throw ApplicationFailure.retryable('the worker of the dispatcher shuts down', 'Stopping');
    }
  }

  /** Only while this process has the dispatcher; null where it polls alone. */
  function openListener(onEvents: () => void): { close(): void } | null {
    if (listenAt === null) return null;
    let isLogged = false;
    return listen(listenAt, {
      announced: onEvents,
      changed(trouble) {
        if (trouble === null) log?.info({}, 'listening for new events');
        // Once, however often it is tried again.
        else if (!isLogged)
          log?.warn({ reason: trouble.message }, 'not listening for new events; they are found by polling');
        isLogged = trouble !== null;
      },
    });
  }

  /** Whether Temporal would give this worker's build the dispatcher again; where it doesn't say, it is kept. */
  async function getsNewWork(): Promise<boolean> {
    const routing = temporal.withDeadline(Date.now() + eventPatience.call, () => readRouting(temporal));
    return routing.then((read) => getsWork(read, build)).catch(() => true);
  }

  /**
   * Follows what an earlier shift, or a dispatcher that was lost, has started and left.
   *
   * @returns the events that are shown as stuck
   */
  async function followEarlier(underWay: EventsUnderWay, beat: () => void): Promise<readonly number[]> {
    beat();
    const stuck = await soon(readStuckEvents(db));
    beat();
    const claims = await soon(claimsInProgress(db, { youngClaimSeconds: 0 }));
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

  /** @returns whether any was started; one that is stuck stays due, and is none */
  async function startDue(
    underWay: EventsUnderWay,
    queue: ReadAhead,
    beat: () => void,
    identity: DeploymentIdentity,
  ): Promise<boolean> {
    const { enabled, concurrency } = config().events;
    beat();
    if (!enabled || underWay.count >= concurrency) return false;
    await queue.refresh();
    let isAny = false;
    for (;;) {
      const event = underWay.count < concurrency ? queue.next() : null;
      if (event === null) return isAny;
      // What is under way may not have claimed its row yet, and then still counts as due.
      if (underWay.has(event.id)) continue;
      beat();
      underWay.follow(event.id, await start(event, identity));
      isAny = true;
    }
  }

  /** @returns whether an event ended */
  async function untilNextPoll(
    underWay: EventsUnderWay,
    signal: AbortSignal,
    beat: () => void,
    silence: number,
  ): Promise<boolean> {
    const began = performance.now();
    let left = untilPoll(silence, config().events);
    while (left > 0 && !signal.aborted) {
      beat();
      const waited = Math.min(left, longestWait);
      const changed = await underWay.changed(waited, signal);
      if (changed === 'freed') return true;
      // However many are queued one by one, it is asked no more often than while events come.
      if (changed === 'notified') left = Math.min(left, livelyPoll - (performance.now() - began));
      else left -= waited;
    }
    return false;
  }

  /**
   * The events that are due. Several are read at once: with a long queue, reading again for each would take more time
   * than carrying it out. What was read is good for one poll's time; whether an event may be carried out is for its claim
   * to say.
   */
  function openReadAhead(underWay: EventsUnderWay, beat: () => void): ReadAhead {
    let ahead: NamedEvent[] = [];
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
        const due = await soon(findDueEvents(db, limit, config(), refused));
        beat();
        ahead = [
          ...(await soon(
            readNamedEvents(
              db,
              due.map(({ id }) => id),
            ),
          )),
        ];
      },
    };
  }

  async function start(event: NamedEvent, identity: DeploymentIdentity): Promise<WorkflowHandle> {
    const shown = { links: config(), usable: searchAttributes };
    try {
      return await temporal.withDeadline(Date.now() + eventPatience.call, () =>
        startEvent(temporal, event, identity, shown),
      );
    } catch (error) {
      // Another dispatcher's, or one that an earlier shift started; or it is unknown whether it was started.
      const isPerhapsStarted = error instanceof WorkflowExecutionAlreadyStartedError || isGrpcDeadlineError(error);
      if (isPerhapsStarted) return temporal.workflow.getHandle(eventWorkflowId(event.id));
      throw error;
    }
  }
}

/** What the database says, where it says so before the next heartbeat is due. */
function soon<Answer>(asked: Promise<Answer>): Promise<Answer> {
  return within(longestQuery, 'the database', asked);
}
