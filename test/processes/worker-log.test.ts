import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { readUnsettled } from '../../src/demo/outcome.ts';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { addDueCases } from '../support/audits.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { endExecutables } from '../support/executable.ts';
import { payloadTexts } from '../support/histories.ts';
import { type LogLine, startWorkerProcess } from '../support/worker-processes.ts';

const secrets = {
  S3_CAA_ACCESS: 'caa-access-6a1f',
  S3_CAA_SECRET: 'caa-secret-c07e',
  S3_EAA_ACCESS: 'eaa-access-93bd',
  S3_EAA_SECRET: 'eaa-secret-58d2',
} as const;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({
    settings: { ...secrets, EVENTS_QUICK_RETRIES: '0' },
    simulator: { faults: { writeError: 0.1, slowDown: 0.02, slowDownSeconds: 1, downloadError: 0.2 } },
  });
});
afterAll(async () => {
  await endExecutables();
  await deployment.stop();
});

test('a worker logs one line for every attempt at an event and for every audit, and never a secret', async () => {
  const { db, simulator, environment } = deployment;
  await addDueCases(deployment, { seed: 3, entities: 15 });
  const { gid } = await addRelease(db, { images: 1 });
  await db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));
  await db.query(
    `insert into artwork_indexer.event_queue (entity_type, action, message)
     values ('release', 'index', '{"gid": "no MBID"}'), ('release', 'noop', '{"fail": true}')`,
  );
  const worker = await startWorkerProcess(deployment);
  await vi.waitFor(async () => expect(await readUnsettled(db)).toEqual([]), { timeout: 200_000, interval: 200 });

  // The Event Art Archive's key is refused from now on: what the archive says about that is logged, too.
  simulator.faults.keyRefused = [secrets.S3_EAA_ACCESS];
  const concert = await addEvent(db, { images: 1 });
  await db.transaction((tx) => queueIndex(tx, { entityType: 'event', gid: concert.gid }));
  await vi.waitFor(async () => expect((await db.query('select from artwork_reconciler.brake')).rows).toHaveLength(1), {
    timeout: 140_000,
    interval: 100,
  });
  worker.kill('SIGTERM');
  expect((await worker.exit).code).toBe(0);

  const log = worker.log();
  const attempts = await rows(`select event, run_id, outcome, attempt from artwork_reconciler.event_attempt`);
  expect(byKey(eventLines(log), 'event')).toEqual(byKey(attempts, 'event'));
  const audits = await rows(
    `select audit.id as audit, audit.run_id, audit.decision::text as outcome, entity.gid
     from artwork_reconciler.audit join artwork_reconciler.audit_entity entity on entity.id = audit.audit_entity_id`,
  );
  expect(byKey(auditLines(log), 'audit')).toEqual(byKey(audits, 'audit'));
  expect(new Set(attempts.map(({ outcome }) => outcome))).toEqual(
    new Set(['completed', 'failed', 'given_back', 'queued']),
  );
  expect(audits.length).toBeGreaterThan(15);

  const indexed = log.find(({ msg, gids }) => msg === 'event completed' && JSON.stringify(gids).includes(gid));
  expect(indexed).toMatchObject({ action: 'index', entity_type: 'release', gids: [gid] });
  for (const line of log.filter(({ msg }) => /^(attempt at event|audit|event) /.test(msg))) {
    expect(line['workflow_id']).toMatch(/^(event-\d+|audit-(event|release)-[-0-9a-f]{36})$/);
    expect(line['duration_ms']).toBeGreaterThanOrEqual(0);
  }

  const password = new URL(environment['DATABASE_URL'] ?? '').password;
  const sinks = {
    stdout: worker.stdout(),
    stderr: worker.stderr(),
    tables: await allRows(),
    temporal: await histories(),
  };
  for (const [sink, text] of Object.entries(sinks)) {
    const found = [...Object.values(secrets), ...(password === '' ? [] : [password])].filter((each) =>
      text.includes(each),
    );
    expect([sink, found]).toEqual([sink, []]);
  }
  // The archive repeats the key that it refuses: with the brake, and in what the event's workflow was told.
  for (const sink of [sinks.tables, sinks.temporal]) expect(sink).toContain('[secret]');
});

/** Whatever is kept in the database. */
async function allRows(): Promise<string> {
  const { rows: tables } = await deployment.db.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('artwork_indexer', 'artwork_reconciler') and table_type = 'BASE TABLE'`,
  );
  expect(tables.length).toBeGreaterThan(20);
  const texts = tables.map(async ({ name }) =>
    JSON.stringify(await rows(`select to_jsonb(each) as row from ${name} each`)),
  );
  return (await Promise.all(texts)).join('\n');
}

/** Whatever Temporal keeps, and its UI shows. */
async function histories(): Promise<string> {
  const texts: string[] = [];
  for await (const { workflowId, runId } of deployment.temporal.workflow.list()) {
    const history = await deployment.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    texts.push(JSON.stringify(history), ...payloadTexts(history));
  }
  return texts.join('\n');
}

type Fields = Readonly<Record<string, unknown>>;

function eventLines(log: readonly LogLine[]): Fields[] {
  return log
    .filter((line) => line['event'] !== undefined)
    .map(({ event, run_id, outcome, attempt }) => ({ event, run_id, outcome, attempt }));
}

function auditLines(log: readonly LogLine[]): Fields[] {
  return log
    .filter((line) => line['audit'] !== undefined)
    .map(({ audit, run_id, outcome, gid }) => ({ audit, run_id, outcome, gid }));
}

/** In one order, whichever they came in: by number, and runs of one event by their ids. */
function byKey(lines: readonly Fields[], key: string): readonly Fields[] {
  const place = (line: Fields): string => `${String(line[key]).padStart(12, '0')} ${String(line['run_id'])}`;
  return [...lines].sort((one, other) => (place(one) < place(other) ? -1 : 1));
}

async function rows(sql: string): Promise<Fields[]> {
  return (await deployment.db.query<Record<string, unknown>>(sql)).rows;
}
