import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { beforeEach, expect, test } from 'vitest';
import { openDependencies } from '../../src/activities/dependencies.ts';
import { createHousekeeper, type Housekeeper } from '../../src/activities/housekeeping.ts';
import { readConfig } from '../../src/config/config.ts';
import { changeMode } from '../../src/database/pace/mode.ts';
import { OtherDatabaseError } from '../../src/database/schema/deployment.ts';
import type { DeploymentIdentity } from '../../src/domain/deployment.ts';
import { A, B, emptyQueue, index, insertEvent, take } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
beforeEach(() => emptyQueue(database.db));

/** Takes a step with a Temporal that knows no workflow, and of which one can't be asked about. */
async function keepHouse(
  step: keyof Housekeeper,
  { unknowable, served }: { readonly unknowable?: string; readonly served?: DeploymentIdentity } = {},
): Promise<unknown> {
  const { db, url } = database;
  const settings = { HOUSEKEEPING_YOUNG_CLAIM_SECONDS: '0', EVENTS_FOREIGN_RUNNING_MINUTES: '15' };
  const config = readConfig({ file: '/dev/null', env: { DATABASE_URL: url, ARCHIVE_CONTACT: 'test', ...settings } });
  const asked: string[] = [];
  const temporal = {
    workflow: {
      getHandle: (workflowId: string) => ({
        describe: async () => {
          asked.push(workflowId);
          if (workflowId === unknowable) throw new Error(`nothing is known of ${workflowId}`);
          throw new WorkflowNotFoundError('it is gone', workflowId, undefined);
        },
      }),
    },
  } as unknown as Client;
  const given = openDependencies({ db, config: () => config, run: () => ({ workflowId: null, runId: 'none' }) });
  const housekeeper = createHousekeeper({ ...given, temporal });
  const environment = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
  return environment.run(() => housekeeper[step](served)).catch((error: unknown) => error);
}

async function statesOf(...ids: number[]): Promise<unknown[]> {
  const { rows } = await database.db.query<{ state: string }>(
    'select state::text from artwork_indexer.event_queue where id = any ($1::bigint[]) order by id',
    [ids],
  );
  return rows.map(({ state }) => state);
}

test('a claim of which nothing is known stays, and keeps no other from being released', async () => {
  const { db } = database;
  const stays = await insertEvent(db, index(A));
  const lost = await insertEvent(db, index(B));
  for (const id of [stays, lost]) await take(db, id);
  const foreign = await insertEvent(db, { state: 'running', attempts: 1, age: 60 });

  const failure = await keepHouse('giveBackEvents', { unknowable: `event-${stays}` });
  expect(failure).toMatchObject({ message: `nothing is known of event-${stays}` });
  expect(await statesOf(stays, lost, foreign)).toEqual(['running', 'queued', 'queued']);
});

test('an end that can’t be noticed keeps no other from it, nor what else entities wait for', async () => {
  const { db } = database;
  await db.query('delete from artwork_reconciler.audit_entity');
  const [broken, whole] = [A, B];
  await db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, status, last_audit_at)
     values ('event', $1, 'clean', now() - interval '10 years')`,
    [broken],
  );
  await db.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$;
     create trigger refuse before insert on artwork_reconciler.audit_entity
     for each row when (new.gid = '${broken}') execute function refuse()`,
  );
  for (const gid of [broken, whole]) await insertEvent(db, { ...index(gid), state: 'completed', attempts: 1 });

  expect(await keepHouse('moveOnAndDelete')).toMatchObject({ message: 'not this one' });
  const { rows } = await db.query(
    'select entity_type::text, gid, status::text from artwork_reconciler.audit_entity order by gid, entity_type',
  );
  expect(rows).toEqual([
    { entity_type: 'event', gid: broken, status: 'unchecked' },
    { entity_type: 'release', gid: whole, status: 'unchecked' },
  ]);
});

test('how the entities stand is written down for the day, over what was written earlier', async () => {
  const { db } = database;
  const standing = async () =>
    (
      await db.query<{ status: string; count: number }>(
        'select status::text, count from artwork_reconciler.standing_day where count > 0 order by status',
      )
    ).rows;
  await db.query('truncate artwork_reconciler.audit_entity cascade');
  const add = (status: string) =>
    db.query(
      `insert into artwork_reconciler.audit_entity (entity_type, gid, status)
       values ('release', gen_random_uuid(), $1::artwork_reconciler.audit_entity_status)`,
      [status],
    );
  await add('clean');
  await keepHouse('deleteOldRows');
  expect(await standing()).toEqual([{ status: 'clean', count: 1 }]);
  await add('clean');
  await add('legacy');
  await keepHouse('deleteOldRows');
  expect(await standing()).toEqual([
    { status: 'clean', count: 2 },
    { status: 'legacy', count: 1 },
  ]);
});

test.each(['giveBackEvents', 'giveBackAudits', 'moveEntitiesOn', 'deleteOldRows', 'agreeOnPause'] as const)(
  '%s does nothing for another database',
  async (step) => {
    const { db } = database;
    const foreign = await insertEvent(db, { state: 'running', attempts: 1, age: 60 });
    const old = await insertEvent(db, { state: 'completed', attempts: 1, age: 91 * 24 * 60 });
    const served = { id: '11111111-1111-4111-8111-111111111111', database: 'their_db' };
    expect(await keepHouse(step, { served })).toBeInstanceOf(OtherDatabaseError);
    expect(await statesOf(foreign, old)).toEqual(['running', 'completed']);
  },
);

test('while a canary is open, as many as it has left are freed from report mode, and not all', async () => {
  const { db } = database;
  await db.query('truncate artwork_reconciler.audit_entity cascade');
  const by = { actor: 'ida' };
  await changeMode(db, { mode: 'report' }, { mode: 'repair', canary: 2, by });
  await db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, due_at, due_cause)
     select 'release', gen_random_uuid(), now() + interval '1 day', 'report_mode' from generate_series(1, 3)`,
  );
  expect(await keepHouse('moveEntitiesOn')).toMatchObject({ freedFromReportMode: 2 });
  await changeMode(db, { mode: 'report' }, { mode: 'repair', by });
  expect(await keepHouse('moveEntitiesOn')).toMatchObject({ freedFromReportMode: 1 });
  await changeMode(db, { mode: 'report' }, { mode: 'report', by });
});
