import { setTimeout as wait } from 'node:timers/promises';
import { runsWithClaims } from '../database/event-queries/index.ts';
import type { AuditSteps } from './audit-steps.ts';
import type { Dependencies } from './dependencies.ts';
import type { EventSteps } from './event-steps.ts';

/** Milliseconds between two looks whether all has ended. */
const lookEvery = 50;

/**
 * What this process has begun and not ended: the events that it claimed, and audits' decisions. A worker that stops lets
 * them end, and has to take their workflows' tasks until then (life-cycles page, "Stop").
 */
export class InHand {
  readonly #dependencies: Pick<Dependencies, 'db' | 'run'>;
  readonly #stopping: AbortSignal;
  /** Runs of workflows that hold an event's claim. */
  readonly #events = new Set<string>();
  #decisions = 0;

  /** @param stopping once it is aborted, no event is claimed any more. */
  constructor(dependencies: Pick<Dependencies, 'db' | 'run'>, stopping: AbortSignal) {
    this.#dependencies = dependencies;
    this.#stopping = stopping;
  }

  /** Waits until all that is in hand has ended, for so many milliseconds at most. */
  async ended(longest: number): Promise<void> {
    const latest = performance.now() + longest;
    await this.#forgetTakenOver();
    while (this.#events.size + this.#decisions > 0 && performance.now() < latest) await wait(lookEvery);
  }

  /** A workflow whose task this process didn't take in time was gone on with, and ended, by another one. */
  async #forgetTakenOver(): Promise<void> {
    if (this.#events.size === 0) return;
    const open = await runsWithClaims(this.#dependencies.db, [...this.#events]).catch(() => this.#events);
    for (const runId of this.#events) if (!open.has(runId)) this.#events.delete(runId);
  }

  /** The same steps, an event being in hand from its claim to the end of its attempt. */
  ofEvents(steps: EventSteps): EventSteps {
    const { run } = this.#dependencies;
    const ended = <Result>(result: Result): Result => {
      this.#events.delete(run().runId);
      return result;
    };
    return {
      claimEvent: async (eventId) => {
        if (this.#stopping.aborted) return { kind: 'not_claimed', reason: 'the worker is stopping' };
        // Before it is claimed, so that a stop which begins meanwhile waits for it.
        this.#events.add(run().runId);
        const claim = await steps.claimEvent(eventId);
        return claim.kind === 'claimed' ? claim : ended(claim);
      },
      completeEvent: async (...args) => ended(await steps.completeEvent(...args)),
      endAttempt: async (...args) => ended(await steps.endAttempt(...args)),
      stopForRefusedKey: async (...args) => ended(await steps.stopForRefusedKey(...args)),
    };
  }

  /** The same steps, a decision being in hand while it is made. */
  ofAudits(steps: AuditSteps): AuditSteps {
    return {
      ...steps,
      decideAudit: async (...args) => {
        this.#decisions += 1;
        try {
          return await steps.decideAudit(...args);
        } finally {
          this.#decisions -= 1;
        }
      },
    };
  }
}
