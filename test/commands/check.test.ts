import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { workingSettings } from '../../src/config/changes.ts';
import { readConfig } from '../../src/config/config.ts';
import { coolDown } from '../../src/database/brakes/budget.ts';
import { changeMode } from '../../src/database/pace/mode.ts';
import { announceWorker } from '../../src/database/workers.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { makeReplica } from '../support/replica.ts';
import { runCommand } from './run-command.ts';

// Each call is a process, which takes seconds to start on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

let deployment: Deployment;
beforeAll(async () => (deployment = await startDeployment()));
afterAll(() => deployment.stop());

interface Checked {
  readonly ok: boolean;
  readonly checks: readonly { name: string; state: string; detail: string; lines: readonly string[] }[];
}

async function check(env: Readonly<Record<string, string>> = {}) {
  const given = { ...deployment.environment, ...env };
  const { code, stdout, stderr } = await runCommand(['check', '--json', '--config', '/dev/null'], given);
  const checked = JSON.parse(stdout) as Checked;
  const states = Object.fromEntries(checked.checks.map(({ name, state }) => [name, state]));
  const of = (name: string) => checked.checks.find((one) => one.name === name);
  return { code, stderr, checked, states, of };
}

const allWell = {
  configuration: 'ok',
  database: 'ok',
  migrations: 'ok',
  schema: 'ok',
  rights: 'ok',
  edits: 'ok',
  // Nobody has installed any here.
  triggers: 'warning',
  listening: 'ok',
  workers: 'ok',
  temporal: 'ok',
  build: 'ok',
  archive: 'ok',
  'key of caa': 'ok',
  'key of eaa': 'ok',
  musicbrainz: 'ok',
};

describe('check', () => {
  test('where all is well: a line each, exit code 0, and a handful of requests', async () => {
    const before = deployment.simulator.requestLog().length;
    const { code, stdout } = await runCommand(['check', '--config', '/dev/null'], deployment.environment);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(Object.keys(allWell).length);
    expect(stdout).toMatch(/^database {7}ok {12}\S+ at 127\.0\.0\.1:\d+, PostgreSQL \d/m);
    const asked = deployment.simulator.requestLog().slice(before);
    expect(asked.map(({ kind }) => kind)).toEqual(['metadata', 'details', 'tasks', 'tasks', 'ws']);
    expect(deployment.simulator.violations()).toEqual([]);
  });

  test('--json says the same', async () => {
    const { code, states, checked } = await check();
    expect([code, checked.ok, states]).toEqual([0, true, allWell]);
  });

  test('the mode and who set it; settings in which workers differ, with who goes by which', async () => {
    const { db } = deployment;
    await changeMode(db, { mode: 'report' }, { mode: 'repair', by: { actor: 'ida' } });
    const worker = { settings: workingSettings(readConfig({ file: '/dev/null', env: {} })), forSeconds: 60 };
    const other = { ...worker.settings, '[audit] max_in_progress': '7' };
    await announceWorker(db, { ...worker, id: '11111111-1111-4111-8111-111111111111', name: '1@one' });
    await announceWorker(db, { ...worker, id: '22222222-2222-4222-8222-222222222222', name: '2@two', settings: other });
    const { code, states, of } = await check();
    await db.query('delete from artwork_reconciler.worker');
    expect([code, states]).toEqual([0, { ...allWell, workers: 'warning' }]);
    expect(of('workers')?.detail).toMatch(
      /^mode repair, set by ida, \S+ \S+ UTC \(\d+ \w+ ago\); 1 other settings differ/,
    );
    expect(of('workers')?.lines).toEqual(['[audit] max_in_progress: 200 at 1@one; 7 at 2@two']);
    await db.query('update artwork_reconciler.pace set mode = null, mode_set_by = null, mode_set_at = null');
  });

  test('where new events are listened for: by whom, and why not', async () => {
    const { db, environment } = deployment;
    expect((await check()).of('listening')?.detail).toMatch(/^nobody: new events are polled for/);
    const direct = await check({ DATABASE_LISTEN_URL: 'same' });
    expect([direct.code, direct.states]).toEqual([0, allWell]);
    expect(direct.of('listening')?.detail).toMatch(
      /^\S+ at 127\.0\.0\.1:\d+ announces new events; no worker listens now$/,
    );
    const other = new URL(environment['DATABASE_URL']!);
    other.pathname = '/postgres';
    const elsewhere = await check({ DATABASE_LISTEN_URL: other.href });
    expect([elsewhere.code, elsewhere.states]).toEqual([1, { ...allWell, listening: 'failed' }]);
    const table = 'artwork_indexer.event_queue';
    await db.query(`alter table ${table} disable trigger artwork_reconciler_announce`);
    const silent = await check({ DATABASE_LISTEN_URL: 'same' });
    await db.query(`alter table ${table} enable trigger artwork_reconciler_announce`);
    expect(silent.of('listening')).toMatchObject({ state: 'failed' });
    expect(silent.of('listening')?.detail).toContain('has no trigger artwork_reconciler_announce, or a disabled one');
  });

  test('a database that is away: what is in it is not looked at, and nothing is asked beyond the budget', async () => {
    const before = deployment.simulator.requestLog().length;
    const { code, states, of, stderr } = await check({
      DATABASE_URL: `postgres://me:sesame-open@127.0.0.1:${await findFreePort()}/mb`,
    });
    expect(code).toBe(1);
    expect(states).toMatchObject({ database: 'failed', schema: 'not_looked', archive: 'not_looked', temporal: 'ok' });
    expect(of('database')?.detail).toContain('ECONNREFUSED');
    expect(stderr).toMatch(/^Error: 1 of 15 checks failed \(database\)[^\n]*\n$/);
    expect(JSON.stringify(of('database'))).not.toContain('sesame-open');
    expect(deployment.simulator.requestLog()).toHaveLength(before);
  });

  test('a database that is read-only: that is its fault, and not the archive’s', async () => {
    const setReadOnly = (to: 'off' | 'on') =>
      deployment.db.transaction(async (tx) => {
        await tx.query('set transaction read write');
        const { rows } = await tx.query<{ name: string }>('select quote_ident(current_database()) as name');
        await tx.query(`alter database ${rows[0]!.name} set default_transaction_read_only = ${to}`);
      });
    await setReadOnly('on');
    const { code, states, of } = await check().finally(() => setReadOnly('off'));
    expect(code).toBe(1);
    expect(states).toMatchObject({ database: 'failed', archive: 'not_looked', 'key of caa': 'not_looked' });
    expect(of('database')?.detail).toMatch(/^read-only: /);
  });

  test('a database that was never migrated', async () => {
    const { url } = await createEmptyDatabase();
    const { code, states } = await check({ DATABASE_URL: url });
    expect(code).toBe(1);
    expect(states).toMatchObject({ database: 'ok', migrations: 'failed', schema: 'not_looked', archive: 'not_looked' });
  });

  test('a schema that somebody has changed: each difference', async () => {
    await deployment.db.query('drop index artwork_reconciler.audit_of_entity');
    const { code, states, of } = await check();
    await deployment.db.query('create index audit_of_entity on artwork_reconciler.audit (audit_entity_id, id desc)');
    expect([code, states['schema']]).toEqual([1, 'failed']);
    expect(of('schema')?.lines).toEqual(['index artwork_reconciler.audit_of_entity is missing']);
  });

  test('a key that is refused; the other one, the archive and the web service are fine', async () => {
    deployment.simulator.keys = {
      caa: { access: 'caa', secret: 'secret-of-caa' },
      eaa: { access: 'eaa', secret: 'secret-of-eaa' },
    };
    const { code, states, of } = await check({ S3_EAA_ACCESS: 'wrong-access', S3_EAA_SECRET: 'wrong-secret' });
    deployment.simulator.keys = null;
    expect(code).toBe(1);
    expect(states).toEqual({ ...allWell, 'key of eaa': 'failed' });
    expect(JSON.stringify(of('key of eaa'))).not.toMatch(/wrong-(access|secret)/);
  });

  test('a service that wants to be left alone is left alone, which is no failure', async () => {
    await coolDown(deployment.db, 'archive', { retryAfterSeconds: 3600, defaultSeconds: 1, reason: 'a test' });
    const before = deployment.simulator.requestLog().length;
    const { code, states } = await check();
    await deployment.db.query('delete from artwork_reconciler.budget');
    expect(code).toBe(0);
    expect(states).toMatchObject({ archive: 'warning', 'key of caa': 'warning', musicbrainz: 'ok' });
    expect(deployment.simulator.requestLog().slice(before)).toHaveLength(1);
  });

  test('Temporal that is away', async () => {
    const { code, states } = await check({ TEMPORAL_ADDRESS: `127.0.0.1:${await findFreePort()}` });
    expect([code, states]).toEqual([1, { ...allWell, temporal: 'failed', build: 'not_looked' }]);
  });

  test('a configuration without a contact, and one that is wrong', async () => {
    const { code, states } = await check({ ARCHIVE_CONTACT: '' });
    expect([code, states['configuration'], states['archive']]).toEqual([1, 'failed', 'not_looked']);
    const wrong = await check({ AUDIT_MODE: 'everything' });
    expect([wrong.code, wrong.states]).toEqual([1, { configuration: 'failed' }]);
  });

  // The last one: it takes the database's edits away.
  test('a replica of MusicBrainz: fails in repair mode and with events, else is a warning', async () => {
    await addRelease(deployment.db);
    await makeReplica(deployment.db);
    const repairing = await check();
    expect([repairing.code, repairing.states]).toEqual([1, { ...allWell, edits: 'failed' }]);
    expect(repairing.of('edits')?.detail).toContain('musicbrainz.edit is empty');
    const withEvents = await check({ AUDIT_MODE: 'report', EVENTS_ENABLED: 'true' });
    expect([withEvents.code, withEvents.states]).toEqual([1, { ...allWell, edits: 'failed' }]);
    const reporting = await check({ AUDIT_MODE: 'report', EVENTS_ENABLED: 'false' });
    expect([reporting.code, reporting.states]).toEqual([0, { ...allWell, edits: 'warning' }]);
  });
});
