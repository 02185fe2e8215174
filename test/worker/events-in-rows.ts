import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import type { LoggedRequest } from '../../src/simulator/archive/request-log.ts';
import { type EventRow, insertEvent, type NewEvent, reasonsOf, rowOf } from '../database/queue/queue.ts';
import { type Deployment, type DeploymentOptions, goodDay, noAudits, startDeployment } from '../support/deployment.ts';

/** Above what a loaded machine takes for one event with all its attempts. Milliseconds. */
const patience = 200_000;

/** How an attempt of ours ended, oldest first. */
interface AttemptRow {
  readonly attempt: number;
  readonly outcome: string;
  readonly reason: string | null;
  readonly status: number | null;
  readonly body_excerpt: string | null;
  readonly request_id: string | null;
}

/** A deployment with one worker, driven by rows of the queue and seen by rows and requests. */
export interface EventsInRows {
  readonly deployment: Deployment;
  /** Queues an event as a trigger would. Returns its id. */
  queue(event: NewEvent): Promise<number>;
  /** Waits until an event is in that state, and returns its row. */
  until(id: number, state: string): Promise<EventRow>;
  reasons(id: number): Promise<string[]>;
  attempts(id: number): Promise<AttemptRow[]>;
  /** Waits until an attempt of the event has ended so, and returns it. */
  untilAttempt(id: number, outcome: string): Promise<AttemptRow>;
  /** The requests that name one of these, oldest first: method and path below the service's address, and status. */
  requests(...names: readonly string[]): string[];
  log(...names: readonly string[]): readonly LoggedRequest[];
}

/** To be called once in a file. Audits are off; faults end with the test that set them. */
export function eventsInRows(options: DeploymentOptions = {}): EventsInRows {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await startDeployment({ ...options, settings: { ...noAudits, ...options.settings } });
    await deployment.startWorker();
  });
  afterEach(() => {
    Object.assign(deployment.simulator.faults, goodDay(), options.simulator?.faults);
  });
  afterAll(() => deployment.stop());

  const wait = <Result>(look: () => Promise<Result>): Promise<Result> =>
    vi.waitFor(look, { timeout: patience, interval: 50 });

  const self: EventsInRows = {
    get deployment() {
      return deployment;
    },
    queue: (event) => insertEvent(deployment.db, event),
    until: (id, state) =>
      wait(async () => {
        const row = await rowOf(deployment.db, id);
        if (row.state !== state) {
          const said = JSON.stringify(await self.attempts(id));
          throw new Error(`event ${id} is ${row.state}, not ${state}; its attempts: ${said}`);
        }
        return row;
      }),
    reasons: (id) => reasonsOf(deployment.db, id),
    async attempts(id) {
      const { rows } = await deployment.db.query<AttemptRow>(
        `select attempt, outcome, reason, status, body_excerpt, request_id
         from artwork_reconciler.event_attempt where event = $1 order by ended_at`,
        [id],
      );
      return rows;
    },
    untilAttempt: (id, outcome) =>
      wait(async () => {
        const attempts = await self.attempts(id);
        const found = attempts.find((attempt) => attempt.outcome === outcome);
        if (found === undefined) throw new Error(`event ${id} has no attempt ${outcome}: ${JSON.stringify(attempts)}`);
        return found;
      }),
    log: (...names) => deployment.simulator.requestLog().filter(({ url }) => names.some((name) => url.includes(name))),
    requests: (...names) =>
      self.log(...names).map(({ method, url, status }) => `${method} ${url.replace(/^\/(s3|mb)/, '')} ${status}`),
  };
  return self;
}
