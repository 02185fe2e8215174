import { setTimeout as wait } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { runsWithClaims } from '../database/queue/due-events.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import type { AuditSteps } from './audit-steps.ts';
import type { Dependencies } from './dependencies.ts';
import type { ClaimedEvent, EventSteps } from './event-steps.ts';

/** Milliseconds between two checks whether all has ended. */
const checkInterval = 100;

/** The claim of an event by a worker that isn't stopping. */
export type Claimer = Readonly<
  Record<
    'claimEvent',
    (eventId: number, served?: DeploymentIdentity | null) => Promise<Exclude<ClaimedEvent, { kind: 'stopping' }>>
  >
>;

/**
 * What this process has begun and not ended: the events that it claimed, and audits' decisions. A worker that stops lets
 * them end, and has to take their workflows' tasks until then (life-cycles page, "Stop").
 */
export class WorkInProgress {
  readonly #dependencies: Pick<Dependencies, 'db' | 'run'>;
  readonly #stopping: AbortSignal;
  /** Runs of workflows that hold an event's claim. */
  readonly #events = new Set<string>();
  /** Claims and decisions that are being made. */
  #steps = 0;

  /** @param stopping once it is aborted, no event is claimed any more. */
  constructor(dependencies: Pick<Dependencies, 'db' | 'run'>, stopping: AbortSignal) {
    this.#dependencies = dependencies;
    this.#stopping = stopping;
  }

  /** Waits until all that is in progress has ended, for up to the given milliseconds. */
  async ended(longest: number): Promise<void> {
    const latest = performance.now() + longest;
    for (;;) {
      await this.#forgetTakenOver();
      if (this.#events.size + this.#steps === 0 || performance.now() >= latest) return;
      await wait(checkInterval);
    }
  }

  /** A workflow whose task this process didn't take in time was resumed, and ended, by another one. */
  async #forgetTakenOver(): Promise<void> {
    const claimed = [...this.#events];
    if (claimed.length === 0) return;
    const open = await runsWithClaims(this.#dependencies.db, claimed).catch(() => this.#events);
    for (const runId of claimed) if (!open.has(runId)) this.#events.delete(runId);
  }

  /** The same steps, an event being in progress from its claim to the end of its attempt. */
  ofEvents(steps: EventSteps): EventSteps {
    const { run } = this.#dependencies;
    const ended = <Result>(result: Result): Result => {
      this.#events.delete(run().runId);
      return result;
    };
    return {
      claimEvent: async (eventId, served) => {
        if (this.#stopping.aborted) return { kind: 'stopping' };
        // A stop that begins meanwhile waits for it.
        return this.#counted(async () => {
          const claim = await steps.claimEvent(eventId, served);
          if (claim.kind === 'claimed') this.#events.add(run().runId);
          return claim;
        });
      },
      completeEvent: async (...args) => ended(await steps.completeEvent(...args)),
      endAttempt: async (...args) => ended(await steps.endAttempt(...args)),
      stopForRefusedKey: async (...args) => ended(await steps.stopForRefusedKey(...args)),
    };
  }

  /**
   * Claims for workflows whose own worker is stopping, as an activity of the task queue: a worker that stops takes none of
   * it, but still takes workflows' tasks, so that what it has in progress can end.
   *
   * @param steps those of `ofEvents`
   */
  claimsForOthers(steps: EventSteps): Claimer {
    return {
      claimEvent: async (eventId, served) => {
        const claim = await steps.claimEvent(eventId, served);
        if (claim.kind === 'stopping') throw ApplicationFailure.retryable('the worker is stopping', 'Stopping');
        return claim;
      },
    };
  }

  /** The same steps, a decision being in progress while it is made. */
  ofAudits(steps: AuditSteps): AuditSteps {
    return {
      ...steps,
      decideAudit: (...args) => this.#counted(() => steps.decideAudit(...args)),
    };
  }

  async #counted<Result>(step: () => Promise<Result>): Promise<Result> {
    this.#steps += 1;
    try {
      return await step();
    } finally {
      this.#steps -= 1;
    }
  }
}
