import { type Client, ScheduleNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { beforeEach, expect, test } from 'vitest';
import { openDependencies } from '../../src/activities/dependencies.ts';
import { createHousekeeper, type Housekeeper } from '../../src/activities/housekeeping.ts';
import { readConfig } from '../../src/config/config.ts';
import { pauseWork, resumeWork } from '../../src/database/brakes/stored-brakes.ts';
import { changeMode } from '../../src/database/pace/mode.ts';
import { OtherDatabaseError } from '../../src/database/schema/deployment.ts';
import type { DeploymentIdentity } from '../../src/domain/deployment.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import {
  addAuditEntity,
  audit,
  begin,
  clean,
  index as indexRepair,
  repair,
  statusOf,
} from '../database/entities/support.ts';
import { A, B, emptyQueue, index, insertEvent, take } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
beforeEach(() => emptyQueue(database.db));

interface House {
  /** What Temporal says of workflows, by their ids: of others that they are gone. */
  readonly temporal?: Readonly<Record<string, Error | 'COMPLETED' | 'PAUSED' | 'RUNNING' | 'TERMINATED'>>;
  readonly served?: DeploymentIdentity;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Takes a step; `asked` gets the runs that Temporal was asked about, `logged` what was logged. */
async function keepHouse(
  step: keyof Housekeeper,
  { temporal: known = {}, served, settings = {} }: House = {},
  { asked = [], logged = [] }: { readonly asked?: unknown[]; readonly logged?: unknown[] } = {},
): Promise<unknown> {
  const { db, url } = database;
  const usual = { HOUSEKEEPING_YOUNG_CLAIM_SECONDS: '0', EVENTS_FOREIGN_RUNNING_MINUTES: '15' };
  const env = { DATABASE_URL: url, ARCHIVE_CONTACT: 'test', ...usual, ...settings };
  const config = readConfig({ file: '/dev/null', env });
  const temporal = {
    workflow: {
      getHandle: (workflowId: string, runId?: string) => ({
        describe: async () => {
          asked.push([workflowId, runId]);
          const said = known[workflowId];
          if (said instanceof Error) throw said;
          if (said === undefined) throw new WorkflowNotFoundError('it is gone', workflowId, undefined);
          return { status: { name: said } };
        },
      }),
    },
    schedule: {
      getHandle: (id: string) => ({
        describe: async () => {
          throw new ScheduleNotFoundError('there is none', id);
        },
      }),
    },
  } as unknown as Client;
  const note = ({ brake }: Readonly<Record<string, unknown>>, message: string): void =>
    void logged.push([brake, message]);
  const given = openDependencies({ db, config: () => config, run: () => ({ workflowId: null, runId: 'none' }) });
  const housekeeper = createHousekeeper({ ...given, temporal, log: { info: note, warn: note } });
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

  const failure = await keepHouse('giveBackEvents', {
    temporal: { [`event-${stays}`]: new Error('nothing is known') },
  });
  expect(failure).toMatchObject({ message: 'nothing is known' });
  expect(await statesOf(stays, lost, foreign)).toEqual(['running', 'queued', 'queued']);
});

test('an event is released where the run that claimed it is over, and stays where it is open', async () => {
  const { db } = database;
  const known = { RUNNING: 'running', PAUSED: 'running', COMPLETED: 'queued', TERMINATED: 'queued', gone: 'queued' };
  const temporal: Record<string, 'COMPLETED'> = {};
  const claims: [string, string][] = [];
  const ids: number[] = [];
  for (const status of Object.keys(known)) {
    const id = await insertEvent(db, { action: 'noop', message: { status } });
    ids.push(id);
    claims.push([`event-${id}`, (await take(db, id)).runId]);
    if (status !== 'gone') temporal[`event-${id}`] = status as 'COMPLETED';
  }
  const asked: unknown[] = [];
  expect(await keepHouse('giveBackEvents', { temporal }, { asked })).toMatchObject({ lostEvents: 3 });
  expect(await statesOf(...ids)).toEqual(Object.values(known));
  expect(asked).toHaveLength(claims.length);
  expect(asked).toEqual(expect.arrayContaining(claims));
});

test('an event that was claimed a moment ago is not asked about', async () => {
  const { db } = database;
  const id = await insertEvent(db, index(A));
  await take(db, id);
  const asked: unknown[] = [];
  await keepHouse('giveBackEvents', { settings: { HOUSEKEEPING_YOUNG_CLAIM_SECONDS: '60' } }, { asked });
  expect([asked, await statesOf(id)]).toEqual([[], ['running']]);
});

test('where Temporal is away it is asked about one claim, and all stay', async () => {
  const { db } = database;
  const ids = [await insertEvent(db, index(A)), await insertEvent(db, index(B))];
  const temporal: Record<string, Error> = {};
  for (const id of ids) {
    await take(db, id);
    temporal[`event-${id}`] = new Error('unavailable', { cause: { code: 14 } });
  }
  const asked: unknown[] = [];
  expect(await keepHouse('giveBackEvents', { temporal }, { asked })).toMatchObject({ message: 'unavailable' });
  expect(asked).toHaveLength(1);
  expect(await statesOf(...ids)).toEqual(['running', 'running']);
});

test('an audit is released where its workflow is over, and stays where it is open', async () => {
  const { db } = database;
  await db.query('truncate artwork_reconciler.audit_entity cascade');
  const [open, over] = [await addAuditEntity(db), await addAuditEntity(db)];
  for (const key of [open, over]) await begin(db, key);
  const temporal = { [`audit-${open.entityType}-${open.gid}`]: 'RUNNING' } as const;
  expect(await keepHouse('giveBackAudits', { temporal })).toMatchObject({ lostAudits: 1 });
  expect(await statusOf(db, open)).toBe('audit_in_progress');
  expect(await statusOf(db, over)).toBe('unchecked');
});

test('brakes are noted and logged once, also where there is no schedule of the pace', async () => {
  const { db } = database;
  const logged: unknown[] = [];
  const by = { actor: 'ida', note: null };
  const keep = () => keepHouse('agreeOnPause', {}, { logged });
  await pauseWork(db, { what: 'audits' }, by);
  expect(await keep()).toEqual({ noSchedule: 1 });
  await keep();
  expect(logged.filter((line) => (line as string[])[0] === 'audits_paused')).toEqual([['audits_paused', 'brake on']]);
  await resumeWork(db, { what: 'audits' }, by);
  await keep();
  expect(logged).toContainEqual(['audits_paused', 'brake off']);
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

test('a round does something about all that is left over, and counts it by name', async () => {
  const { db } = database;
  await db.query('truncate artwork_reconciler.audit_entity cascade');
  const by = { actor: 'ida', note: null };
  // What waits for an event that has failed; what is old; an audits’ index that an editor has made MusicBrainz’ too.
  const failed = await insertEvent(db, { state: 'failed', attempts: 5, age: 60 });
  await insertEvent(db, { dependsOn: [failed] });
  await insertEvent(db, { state: 'completed', age: 91 * 24 * 60 });
  const repaired = await addAuditEntity(db);
  await audit(db, repaired, repair([indexRepair(repaired)]));
  await addRelease(db, { gid: repaired.gid, images: 1 });
  await db.query('update musicbrainz.edit set open_time = clock_timestamp()');
  await pauseWork(db, { what: 'repairs' }, by);
  // A shell that is gone; what was repaired and handed over; an audit of long ago.
  await addAuditEntity(db, {
    status: 'audit_in_progress',
    claim_run_id: 'a shell',
    claimed_at: new Date(Date.now() - 86_400_000),
  });
  await addAuditEntity(db, { status: 'repair_queue' });
  const { id } = await addAuditEntity(db, { status: 'manual_review' });
  await db.query(
    `insert into artwork_reconciler.hand_over (audit_entity_id, handed_over_to, handed_over_by, handed_over_until, checks)
     values ($1, 'archive_staff', 'ida', now(), '{}')`,
    [id],
  );
  const old = await addAuditEntity(db);
  for (const _ of [1, 2]) {
    await audit(db, old, clean);
    await db.query(`update artwork_reconciler.audit_entity set status = 'unchecked' where id = $1`, [old.id]);
  }
  await db.query(`update artwork_reconciler.audit set decided_at = now() - interval '50 years'`);
  await db.query(`insert into artwork_reconciler.feeding_step values ('step', '{}', now() - interval '50 years')`);
  await db.query(
    `insert into artwork_reconciler.bulk_action (id, kind, filter, planned_by, created_at)
     values (gen_random_uuid(), 'requeue events', '{}', 'ida', now() - interval '50 years')`,
  );
  expect(await keepHouse('release')).toMatchObject({
    blockedEvents: 1,
    leftToMusicBrainz: 1,
    lapsedClaims: 1,
    noSchedule: 1,
  });
  expect(await keepHouse('moveOnAndDelete', { settings: { AUDIT_BREAKER_WINDOW: '1' } })).toMatchObject({
    settledRepairs: 1,
    endedHandOvers: 1,
    countedHours: expect.any(Number) as number,
    deletedEvents: 1,
    deletedAudits: 1,
    forgottenSteps: 1,
    forgottenDryRuns: 1,
  });
  await resumeWork(db, { what: 'repairs' }, by);
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

test('in report mode nothing is freed from it', async () => {
  const { db } = database;
  await db.query('truncate artwork_reconciler.audit_entity cascade');
  await db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid, due_at, due_cause)
     values ('release', gen_random_uuid(), now() + interval '1 day', 'report_mode')`,
  );
  expect(await keepHouse('moveEntitiesOn')).not.toHaveProperty('freedFromReportMode');
  const { rows } = await db.query('select due_cause::text as cause from artwork_reconciler.audit_entity');
  expect(rows).toEqual([{ cause: 'report_mode' }]);
});
