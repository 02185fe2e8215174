import { setTimeout as wait } from 'node:timers/promises';
import {
  type Client,
  isGrpcDeadlineError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { compareIds } from '../database/row-id.ts';
import { linkedSignal } from '../lifetime/linked-signal.ts';
import type { ProcessedEvent } from '../temporal/messages.ts';

/** Milliseconds that Temporal has, all tries of a call together. */
export interface EventPatience {
  /** For an answer that it gives at once. */
  readonly call: number;
  /** For the end of a workflow; then it is asked what the workflow is up to, and waited for again. */
  readonly end: number;
}

/** A workflow's task that has been tried this many times fails because of the code, which a later try won't change. */
const triesOfStuckTask = 3;

type Looked = 'ended' | 'refused' | 'stuck' | 'under_way' | 'unknown';

/**
 * The workflows of events that the dispatcher waits for, whoever started them: each takes up one of its slots until it has
 * ended, or is found stuck. That Temporal is silent about one says nothing of it: it is asked again.
 */
export class EventsUnderWay {
  readonly #temporal: Client;
  readonly #patience: EventPatience;
  readonly #stopping: AbortSignal;
  /** Whether each is stuck, by its event's id. */
  readonly #followed = new Map<number, boolean>();
  /** When its row was not to be claimed, by the event's id. */
  readonly #refused = new Map<number, number>();
  #wake: (why: 'freed' | 'notified') => void = () => undefined;
  #isNotified = false;

  /** @param stopping once it is aborted nobody is waited for: a question under way would keep its process for seconds. */
  constructor(temporal: Client, patience: EventPatience, stopping: AbortSignal) {
    this.#temporal = temporal;
    this.#patience = patience;
    this.#stopping = stopping;
  }

  /** How many slots are taken. */
  get count(): number {
    return this.#followed.size - this.stuck.length;
  }

  /** The events whose workflow can't continue, the lowest id first. */
  get stuck(): readonly number[] {
    return [...this.#followed].flatMap(([id, isStuck]) => (isStuck ? [id] : [])).sort(compareIds);
  }

  /** The events whose claim was refused less than this many milliseconds ago: somebody has their rows locked, perhaps. */
  refusedWithin(milliseconds: number): ReadonlySet<number> {
    for (const [id, at] of this.#refused) if (performance.now() - at >= milliseconds) this.#refused.delete(id);
    return new Set(this.#refused.keys());
  }

  has(eventId: number): boolean {
    return this.#followed.has(eventId);
  }

  /** Waits for a workflow from now on. */
  follow(eventId: number, handle: WorkflowHandle, isStuck = false): void {
    if (this.has(eventId)) return;
    this.#followed.set(eventId, isStuck);
    void this.#untilEnded(eventId, handle).finally(() => {
      this.#followed.delete(eventId);
      this.#wake('freed');
    });
  }

  /** Something was queued: ends the wait that is in progress, or else the next one. */
  notify(): void {
    this.#isNotified = true;
    this.#wake('notified');
  }

  /**
   * Waits until a slot becomes free or something is queued, but no longer than the given milliseconds or until the
   * signal.
   *
   * @returns which of them it was
   */
  async changed(milliseconds: number, signal: AbortSignal): Promise<'freed' | 'notified' | null> {
    let changed: 'freed' | 'notified' | null = null;
    const until = linkedSignal(signal);
    this.#wake = (why) => {
      changed ??= why;
      until.abort(why);
    };
    if (this.#isNotified) this.#wake('notified');
    await wait(milliseconds, undefined, { signal: until.signal }).catch(() => undefined);
    until.end();
    if (changed === 'notified') this.#isNotified = false;
    return changed;
  }

  async #untilEnded(eventId: number, handle: WorkflowHandle): Promise<void> {
    while (!this.#stopping.aborted) {
      const looked = await this.#look(handle);
      if (looked === 'refused') this.#refused.set(eventId, performance.now());
      if (looked === 'ended' || looked === 'refused') return;
      if (looked === 'unknown') continue;
      this.#followed.set(eventId, looked === 'stuck');
      if (looked === 'stuck') this.#wake('freed');
    }
  }

  /** How it ended stands in its row. */
  async #look(handle: WorkflowHandle): Promise<Looked> {
    try {
      const result = (await this.#ask(this.#patience.end, () => handle.result())) as ProcessedEvent | undefined;
      return result?.outcome === 'not_claimed' ? 'refused' : 'ended';
    } catch (error) {
      if (error instanceof WorkflowFailedError || error instanceof WorkflowNotFoundError) return 'ended';
      if (!isGrpcDeadlineError(error)) return this.#afterSilence();
    }
    try {
      const { status, raw } = await this.#ask(this.#patience.call, () => handle.describe());
      if (status.name !== 'RUNNING') return status.name === 'PAUSED' ? 'under_way' : 'ended';
      return Number(raw.pendingWorkflowTask?.attempt ?? 0) > triesOfStuckTask ? 'stuck' : 'under_way';
    } catch (error) {
      return error instanceof WorkflowNotFoundError ? 'ended' : this.#afterSilence();
    }
  }

  /** Temporal is away, or refuses to say: not asked again at once. */
  async #afterSilence(): Promise<Looked> {
    const pause = linkedSignal(this.#stopping);
    await wait(this.#patience.call, undefined, { signal: pause.signal }).catch(() => undefined);
    pause.end();
    return 'unknown';
  }

  async #ask<Answer>(milliseconds: number, question: () => Promise<Answer>): Promise<Answer> {
    const asked = linkedSignal(this.#stopping);
    try {
      return await this.#temporal.withAbortSignal(asked.signal, () =>
        this.#temporal.withDeadline(Date.now() + milliseconds, question),
      );
    } finally {
      asked.end();
    }
  }
}
