import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { beforeEach, expect, test, vi } from 'vitest';
import { openDependencies } from '../../src/activities/dependencies.ts';
import { createPacer } from '../../src/activities/pace.ts';
import { readConfig } from '../../src/config/config.ts';
import { pauseWork, releaseBrake } from '../../src/database/brakes/stored-brakes.ts';
import { OtherDatabaseError, readIdentity } from '../../src/database/schema/deployment.ts';
import type { DeploymentIdentity } from '../../src/domain/deployment.ts';
import { addAuditEntity, statusOf } from '../database/entities/support.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';

const database = await createTestDatabase();
const { db } = database;
beforeEach(async () => {
  await db.query('truncate artwork_reconciler.audit_entity, artwork_reconciler.pace cascade');
  await db.query('insert into artwork_reconciler.pace default values');
});

interface StartedAudit {
  readonly workflowId: string;
  readonly args: readonly unknown[];
  /** Milliseconds. */
  readonly startDelay?: number;
}

/** One tick of the pace, every 30 s. */
function tick(
  batch: string,
  {
    served = null,
    refuse = async () => false,
  }: {
    readonly served?: DeploymentIdentity | null;
    /** Whether a workflow of this id still runs. */
    readonly refuse?: (workflowId: string) => Promise<boolean>;
  } = {},
) {
  const env = {
    DATABASE_URL: database.url,
    ARCHIVE_CONTACT: 'test@localhost',
    AUDIT_PER_HOUR: '3600',
    AUDIT_TICK_SECONDS: '30',
  };
  const config = readConfig({ file: '/dev/null', env });
  const tried: string[] = [];
  const started: StartedAudit[] = [];
  const logged: unknown[] = [];
  const temporal = {
    workflow: {
      start: async (_type: string, options: StartedAudit) => {
        tried.push(options.workflowId);
        if (await refuse(options.workflowId)) {
          throw new WorkflowExecutionAlreadyStartedError('it runs', options.workflowId, 'auditEntity');
        }
        started.push(options);
      },
    },
  } as unknown as Client;
  const note = ({ brake }: Readonly<Record<string, unknown>>, message: string): void =>
    void logged.push([brake, message]);
  const given = openDependencies({ db, config: () => config, run: () => ({ workflowId: null, runId: 'none' }) });
  const pacer = createPacer({ ...given, temporal, log: { info: note, warn: note } });
  const environment = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
  const outcome = environment.run(() => pacer.startPacedAudits(batch, served)).catch((error: unknown) => error);
  return { outcome, tried, started, logged, cancel: () => environment.cancel() };
}

async function addEntities(count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { entityType, gid } = await addAuditEntity(db);
    ids.push(`audit-${entityType}-${gid}`);
  }
  return ids;
}

test('the audits of a tick begin one after the other, all within the tick', async () => {
  const ids = await addEntities(3);
  const { outcome, started } = tick('tick');
  expect(await outcome).toEqual({ started: 3, brakes: [] });
  expect(started.map(({ workflowId }) => workflowId).sort()).toEqual([...ids].sort());
  expect(started.map(({ startDelay = 0 }) => startDelay)).toEqual([0, 10_000, 20_000]);
  const served = await readIdentity(db);
  for (const { args } of started) expect(args).toEqual([expect.objectContaining({ how: 'paced', served })]);
});

test('an entity whose former workflow is being closed is started when it is closed, and no other twice', async () => {
  const [closing] = await addEntities(3);
  let times = 0;
  const { outcome, tried, started } = tick('tick', {
    refuse: async (id) => id === closing && (times += 1) <= 2,
  });
  expect(await outcome).toMatchObject({ started: 3 });
  expect(tried.filter((id) => id === closing)).toHaveLength(3);
  expect(tried).toHaveLength(5);
  expect(started).toHaveLength(3);
  // It has waited already.
  expect(started.at(-1)).toMatchObject({ workflowId: closing });
  expect(started.at(-1)!.startDelay).toBeUndefined();
});

test('an audit that has begun meanwhile is the one that this tick started, and is not started again', async () => {
  await addEntities(1);
  const { outcome, tried } = tick('tick', {
    refuse: async () => {
      await db.query(`update artwork_reconciler.audit_entity set claim_run_id = 'its run'`);
      return true;
    },
  });
  expect(await outcome).toMatchObject({ started: 1 });
  expect(tried).toHaveLength(1);
});

test('a tick that is cancelled does not wait for what is being closed', async () => {
  await addEntities(1);
  const { outcome, tried, cancel } = tick('tick', { refuse: async () => true });
  await vi.waitFor(() => expect(tried).toHaveLength(1), patience);
  cancel();
  expect(await outcome).toBeInstanceOf(Error);
  expect(tried).toHaveLength(1);
});

test('a tick that is repeated starts what it has claimed, and claims no more', async () => {
  const ids = await addEntities(2);
  const broken = tick('tick', {
    refuse: async () => {
      throw new Error('unavailable');
    },
  });
  expect(await broken.outcome).toMatchObject({ message: 'unavailable' });
  await addEntities(2);
  const { outcome, started } = tick('tick');
  expect(await outcome).toMatchObject({ started: 2 });
  expect(started.map(({ workflowId }) => workflowId).sort()).toEqual([...ids].sort());
});

test('nothing is claimed for another database', async () => {
  const key = await addAuditEntity(db);
  const served = { id: '11111111-1111-4111-8111-111111111111', database: 'their_db' };
  const { outcome, tried } = tick('tick', { served });
  expect(await outcome).toBeInstanceOf(OtherDatabaseError);
  expect([tried, await statusOf(db, key)]).toEqual([[], 'unchecked']);
});

test('while a brake is on nothing is started, and the tick says and logs why', async () => {
  await addEntities(1);
  await pauseWork(db, { what: 'audits' }, { actor: 'ida', note: 'maintenance' });
  const { outcome, tried, logged } = tick('tick');
  expect(await outcome).toEqual({
    started: 0,
    brakes: [expect.stringMatching(/^audits_paused: .*maintenance/) as string],
  });
  expect([tried, logged]).toEqual([[], [['audits_paused', 'brake on']]]);
  await releaseBrake(db, { name: 'audits_paused' });
});
