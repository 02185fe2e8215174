import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pauseWork, releaseBrake, resumeWork, setBrake } from '../../src/database/brakes/stored-brakes.ts';
import { readBrakes } from '../../src/database/pace/read-brakes.ts';
import { agreeOnPause, readPaceSchedule } from '../../src/starters/pause-schedule.ts';
import { settingsWith } from '../database/brakes/settings.ts';
import { addAuditEntity } from '../database/entities/support.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { abandonEvent } from '../support/end-of-test.ts';
import { patience } from '../support/patience.ts';

// Processes of others may take the machine's time.

/** Audits a second. */
const rate = 2;
/** The shortest that Temporal's schedules take. */
const tickSeconds = 1;
const by = { actor: 'ida', note: null };

/** What the workers log. */
const lines: { readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[] = [];
const note = (fields: Readonly<Record<string, unknown>>, message: string): void => void lines.push({ fields, message });
const told = (message: string, brake: string) =>
  lines.filter((line) => line.message === message && line.fields['brake'] === brake);

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({
    settings: {
      AUDIT_PER_HOUR: String(rate * 3600),
      AUDIT_TICK_SECONDS: String(tickSeconds),
      AUDIT_MODE: 'report',
      AUDIT_BREAKER_WINDOW: '100000',
      EVENTS_CONCURRENCY: '1',
    },
  });
  for (let n = 0; n < 500; n += 1) await addAuditEntity(deployment.db);
});
afterAll(() => deployment.stop());

async function started(): Promise<number> {
  const { rows } = await deployment.db.query<{ started: number }>('select started from artwork_reconciler.pace');
  return rows[0]!.started;
}

async function untilStarted(count: number): Promise<void> {
  await vi.waitFor(async () => expect(await started()).toBeGreaterThanOrEqual(count), patience);
}

test('the schedule starts audits at the pace, with two workers as with one', async () => {
  const began = Date.now();
  await Promise.all([
    deployment.startWorker({ log: { info: note, warn: note } }),
    deployment.startWorker({ log: { info: note, warn: note } }),
  ]);
  await untilStarted(8);
  const seconds = (Date.now() - began) / 1000;
  // The first tick has its own share; what is late is never more than what the time since allows.
  expect(await started()).toBeLessThanOrEqual(rate * (seconds + tickSeconds) + 1);
  await vi.waitFor(async () => {
    const { rows } = await deployment.db.query('select distinct asked_by from artwork_reconciler.audit');
    expect(rows).toEqual([{ asked_by: 'pacer' }]);
  }, patience);
});

test('the audits of one tick begin one after the other, over the tick', async () => {
  const { temporal } = deployment;
  const query = `WorkflowType = 'auditEntity'`;
  await vi.waitFor(async () => {
    const delays: number[] = [];
    for await (const { workflowId, runId } of temporal.workflow.list({ query })) {
      const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
      const delay = events?.[0]?.workflowExecutionStartedEventAttributes?.firstWorkflowTaskBackoff;
      delays.push(Number(delay?.seconds ?? 0) * 1000 + (delay?.nanos ?? 0) / 1e6);
    }
    expect(Math.min(...delays)).toBe(0);
    expect(delays).toContain((tickSeconds * 1000) / rate);
    expect(Math.max(...delays)).toBeLessThan(tickSeconds * 1000);
  }, patience);
});

test('a brake stops it, and is set and released in the log and in what is shown, each once', async () => {
  const { db } = deployment;
  await setBrake(db, { name: 'breaker', reason: 'everything is dark' });
  await vi.waitFor(() => expect(told('brake on', 'breaker')).toHaveLength(1), patience);
  expect(told('brake on', 'breaker')[0]!.fields).toMatchObject({ reason: 'everything is dark', stops: 'audits' });
  expect(await readBrakes(db, settingsWith())).toMatchObject([{ name: 'breaker', since: expect.any(Date) as Date }]);
  const before = await started();
  await ticks(3);
  expect(await started()).toBe(before);

  await releaseBrake(db, { name: 'breaker' });
  await vi.waitFor(() => expect(told('brake off', 'breaker')).toHaveLength(1), patience);
  await untilStarted(before + 2);
  expect(told('brake on', 'breaker')).toHaveLength(1);
});

test('paused by an operator: Temporal’s schedule and the database agree, and the log says so', async () => {
  const { db, temporal } = deployment;
  await pauseWork(db, { what: 'audits' }, by);
  await agreeOnPause(db, temporal);
  expect(await readPaceSchedule(temporal)).toMatchObject({ isPaused: true, nextRuns: [] });
  await vi.waitFor(() => expect(told('brake on', 'audits_paused')).toHaveLength(1), patience);
  const before = await started();
  await resumeWork(db, { what: 'audits' }, by);
  await agreeOnPause(db, temporal);
  expect(await readPaceSchedule(temporal)).toMatchObject({ isPaused: false });
  await vi.waitFor(() => expect(told('brake off', 'audits_paused')).toHaveLength(1), patience);
  await untilStarted(before + 2);
});

test('no audit is started while an event is due, and the log says so', async () => {
  const { db } = deployment;
  const queue = (action: string, message: object) =>
    db.query(`insert into artwork_indexer.event_queue (entity_type, action, message) values ('release', $1, $2)`, [
      action,
      message,
    ]);
  // One at a time: what is queued behind the first stays due.
  await queue('noop', { sleep: 3600 });
  await vi.waitFor(async () => {
    const { rows } = await db.query(`select from artwork_indexer.event_queue where state = 'running'`);
    expect(rows).toHaveLength(1);
  }, patience);
  await queue('noop', {});
  await vi.waitFor(() => expect(told('brake on', 'events_due').length).toBeGreaterThan(0), patience);
  const before = await started();
  await ticks(3);
  expect(await started()).toBe(before);
  await abandonEvent(deployment, await runningEvent());
});

async function runningEvent(): Promise<number> {
  const { rows } = await deployment.db.query<{ id: number }>(
    `select id from artwork_indexer.event_queue where state = 'running'`,
  );
  return rows[0]!.id;
}

/** Waits until the schedule has started so many more ticks. */
async function ticks(count: number): Promise<void> {
  const batch = async (): Promise<string | null> => {
    const { rows } = await deployment.db.query<{ last_batch: string | null }>(
      'select last_batch from artwork_reconciler.pace',
    );
    return rows[0]!.last_batch;
  };
  for (let n = 0; n < count; n += 1) {
    const before = await batch();
    await vi.waitFor(async () => expect(await batch()).not.toBe(before), patience);
  }
}
