import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { readIdentity } from '../../src/database/schema/deployment.ts';
import type { DeploymentIdentity } from '../../src/domain/deployment.ts';
import { agreeOnPause } from '../../src/starters/pause-schedule.ts';
import {
  describeSchedule,
  ensureSchedules,
  ownerOf,
  refuseOtherDatabase,
  restoreSchedules,
} from '../../src/starters/schedules.ts';
import { openTemporal } from '../../src/temporal/connection.ts';
import { housekeepingScheduleId, paceScheduleId, taskQueues } from '../../src/temporal/task-queues.ts';
import { runCommand } from '../commands/run-command.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';
import { createTestNamespace } from '../support/temporal.ts';

// Each command is loaded, which takes seconds on a busy machine.

/** No worker is there, and the next tick is hours away. */
const config = readConfig({
  file: '/dev/null',
  env: { AUDIT_TICK_SECONDS: '86400', HOUSEKEEPING_SECONDS: '86400', ARCHIVE_CONTACT: 'test@localhost' },
});

const database = await createTestDatabase();
let temporal: Client;
let own: DeploymentIdentity;
let env: Record<string, string>;
beforeAll(async () => {
  own = await readIdentity(database.db);
  const { address, namespace } = await createTestNamespace();
  temporal = await openTemporal({ connectionOptions: { address }, namespace });
  env = {
    DATABASE_URL: database.url,
    ARCHIVE_CONTACT: 'test@localhost',
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
  };
});
afterAll(() => temporal?.connection.close());
beforeEach(async () => {
  for (const id of [paceScheduleId, housekeepingScheduleId]) {
    if ((await describeSchedule(temporal, id)) !== null) await temporal.schedule.getHandle(id).delete();
  }
});

const other = (): DeploymentIdentity => ({ id: randomUUID(), database: 'their_db' });
const owners = async () =>
  Promise.all(
    [paceScheduleId, housekeepingScheduleId].map(async (id) => {
      const schedule = await describeSchedule(temporal, id);
      return schedule && [ownerOf(schedule)?.id, schedule.memo?.['artwork-reconciler'], schedule.action.args];
    }),
  );

test('an empty namespace is nobody’s, and belongs to the database whose worker comes first', async () => {
  await refuseOtherDatabase(temporal, own);
  await ensureSchedules(temporal, config, own);
  await ensureSchedules(temporal, config, own);
  expect(await owners()).toEqual([
    [own.id, own, [own]],
    [own.id, own, [own]],
  ]);
});

test('another database’s worker, starter and pause are refused, naming both, and change nothing', async () => {
  const theirs = other();
  await ensureSchedules(temporal, config, theirs);
  const attempts = [
    () => ensureSchedules(temporal, config, own),
    () => restoreSchedules(temporal, config, own),
    () => refuseOtherDatabase(temporal, own),
    () => agreeOnPause(database.db, temporal),
  ];
  for (const attempt of attempts) {
    const refused = attempt();
    await expect(refused).rejects.toThrow(`belongs to the database their_db (deployment ${theirs.id})`);
    await expect(refused).rejects.toThrow(own.id);
  }
  expect((await owners())[0]).toEqual([theirs.id, theirs, [theirs]]);
});

test('of two that begin at once one has it', async () => {
  const outcomes = await Promise.allSettled([own, other()].map((each) => ensureSchedules(temporal, config, each)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('schedules of an earlier version become those of the database whose worker comes first, and stay paused', async () => {
  for (const scheduleId of [paceScheduleId, housekeepingScheduleId]) {
    await temporal.schedule.create({
      scheduleId,
      spec: { intervals: [{ every: 86_400_000 }] },
      action: { type: 'startWorkflow', workflowType: 'paceAudits', taskQueue: taskQueues.reconciler, args: [] },
      state: { paused: true, note: 'audits_paused: by ida' },
    });
  }
  await ensureSchedules(temporal, config, own);
  expect((await owners()).map((owner) => owner?.[0])).toEqual([own.id, own.id]);
  expect((await describeSchedule(temporal, paceScheduleId))?.state).toMatchObject({ paused: true });
  await expect(ensureSchedules(temporal, config, other())).rejects.toThrow('belongs to');
});

test('commands that start something say whose it is, and start nothing; a copy starts nothing either', async () => {
  const theirs = other();
  await ensureSchedules(temporal, config, theirs);
  // A worker that can't start has its process ended, three seconds later: here that is the test's own.
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  for (const args of [
    ['backfill', 'musicbrainz', '--detach'],
    ['scan', 'archive', '--detach'],
    ['dashboard'],
    ['worker'],
  ]) {
    const { code, stderr } = await runCommand([...args, '--config', '/dev/null'], env);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`their_db (deployment ${theirs.id})`) as string]);
  }
  await database.db.query('update artwork_reconciler.deployment set database_oid = 1');
  for (const args of [['backfill', 'musicbrainz'], ['dashboard']]) {
    const { code, stderr } = await runCommand([...args, '--config', '/dev/null'], env);
    expect([code, stderr]).toEqual([1, expect.stringContaining('The database is a copy') as string]);
  }
  const adopted = await runCommand(['adopt', '--moved', '--actor', 'ida', '--dumped-at', '2026-01-31T12:00:00Z'], env);
  expect(adopted).toMatchObject({ code: 0, stderr: '' });
  expect(adopted.stdout).toMatch(new RegExp(`deployment ${own.id}\\), as before; 0 entities are due`));
  expect((await readIdentity(database.db)).id).toBe(own.id);
  await vi.waitFor(() => expect(exit.mock.calls).toEqual([[1]]), patience);
});

test.each([
  [['--dumped-at', 'yesterday', '--moved'], 'It takes a moment with its offset'],
  [['--dumped-at', '2999-01-01T00:00:00Z', '--moved'], 'It lies in the future'],
  [['--dumped-at', '2026-01-31T12:00:00Z'], 'say --moved too'],
])('adopt takes no %j', async (args, message) => {
  const { code, stderr } = await runCommand(['adopt', ...args], env);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message) as string]);
});
