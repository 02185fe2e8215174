import type { Client, ScheduleHandle } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { pauseWork, readAuditsPause, resumeWork } from '../../src/database/brakes/stored-brakes.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import { agreeOnPause, readPaceSchedule } from '../../src/starters/pause-schedule.ts';
import { ensureSchedules } from '../../src/starters/schedules.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { paceScheduleId } from '../../src/temporal/task-queues.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestNamespace } from '../support/temporal.ts';

/** Nothing runs in these tests: no worker is there, and the next tick is hours away. */
const config = readConfig({
  file: '/dev/null',
  env: { AUDIT_TICK_SECONDS: '86400', ARCHIVE_CONTACT: 'test@localhost' },
});
const ida = { actor: 'ida', note: null };

const database = await createTestDatabase({ musicbrainz: false });
let temporal: Client;
let schedule: ScheduleHandle;
beforeAll(async () => {
  const { address, namespace } = await createTestNamespace();
  temporal = await openTemporal({ connectionOptions: { address }, namespace });
  schedule = temporal.schedule.getHandle(paceScheduleId);
});
afterAll(() => temporal?.connection.close());
beforeEach(async () => {
  await database.db.query('delete from artwork_reconciler.brake');
  if ((await readPaceSchedule(temporal)) !== null) await schedule.delete();
});

const agree = () => agreeOnPause(database.db, temporal);
const isPaused = async (): Promise<boolean | undefined> => (await readPaceSchedule(temporal))?.isPaused;

test('without a schedule there is nothing to agree with; the first worker’s follows a pause of before', async () => {
  await pauseWork(database.db, { what: 'audits' }, ida);
  expect(await agree()).toBe('noSchedule');
  await ensureSchedules(temporal, config, await readIdentity(database.db));
  expect(await agree()).toBe('schedulePaused');
  expect(await isPaused()).toBe(true);
});

test('the schedule follows a pause and its end, made while Temporal was away; once is enough', async () => {
  await ensureSchedules(temporal, config, await readIdentity(database.db));
  expect(await agree()).toBe('agreed');
  await pauseWork(database.db, { what: 'audits' }, ida);
  expect([await agree(), await isPaused(), await agree()]).toEqual(['schedulePaused', true, 'agreed']);
  expect((await readPaceSchedule(temporal))?.note).toBe('audits_paused: paused by ida');
  await resumeWork(database.db, { what: 'audits' }, ida);
  expect([await agree(), await isPaused(), await agree()]).toEqual(['scheduleResumed', false, 'agreed']);
});

test('who pauses the schedule in Temporal pauses audits; its end in the database counts', async () => {
  await ensureSchedules(temporal, config, await readIdentity(database.db));
  await schedule.pause('the archive asked us to');
  expect(await agree()).toBe('auditsPaused');
  expect(await readAuditsPause(database.db)).toMatchObject({ reason: 'paused by Temporal: the archive asked us to' });
  expect([await isPaused(), await agree()]).toEqual([true, 'agreed']);
  await resumeWork(database.db, { what: 'audits' }, ida);
  expect([await agree(), await isPaused()]).toEqual(['scheduleResumed', false]);
});

test('who resumes the schedule in Temporal alone does not end a pause', async () => {
  await ensureSchedules(temporal, config, await readIdentity(database.db));
  await pauseWork(database.db, { what: 'audits' }, ida);
  await agree();
  await schedule.unpause('let it run');
  expect([await agree(), await isPaused()]).toEqual(['schedulePaused', true]);
});

test('a worker that starts leaves a paused schedule paused', async () => {
  await ensureSchedules(temporal, config, await readIdentity(database.db));
  await pauseWork(database.db, { what: 'audits' }, ida);
  await agree();
  await ensureSchedules(temporal, config, await readIdentity(database.db));
  expect(await isPaused()).toBe(true);
});
