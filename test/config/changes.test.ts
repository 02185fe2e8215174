import { expect, test } from 'vitest';
import { describeChanges, readAtStartOnly, workingSettings } from '../../src/config/changes.ts';
import { readConfig } from '../../src/config/config.ts';

const read = (env: NodeJS.ProcessEnv) => readConfig({ file: '/dev/null', env });

test('a reload says what changed, key by key, as the file spells it', () => {
  const before = read({ AUDIT_PER_HOUR: '600', AUDIT_PROBE_MINUTES: '5' });
  const after = read({ AUDIT_PER_HOUR: '60', AUDIT_BREAKER_EXCEPT: 'index.url' });
  expect(describeChanges(before, after).sort()).toEqual([
    '[audit] breaker_except: index.url_scheme, index.entity_url, index.image_shape, index.value_type, files.mb_metadata → index.url',
    '[audit] per_hour: 600 → 60',
    '[audit] probe_minutes: 5 → not set',
  ]);
  expect(describeChanges(after, before)).toContain('[audit] probe_minutes: not set → 5');
  expect(describeChanges(before, before)).toEqual([]);
});

test('secrets are named and not shown', () => {
  const before = read({ S3_CAA_SECRET: 'sesame-1', DATABASE_URL: 'postgres://u:sesame@db/x' });
  const after = read({ S3_CAA_SECRET: 'sesame-2', DATABASE_PASSWORD: 'sesame' });
  const lines = describeChanges(before, after);
  expect(lines).toContain('[s3] caa_secret: changed');
  expect(lines.join()).not.toContain('sesame');
});

test('what a worker goes by in its work is without secrets, and without what is one process’ own', () => {
  const env = {
    S3_CAA_SECRET: 'sesame',
    AUDIT_MODE: 'repair',
    MONITORING_LISTEN: '127.0.0.1:1',
    EVENTS_CONCURRENCY: '9',
    WORKER_BUILD_ID: 'b',
    WORKER_PID_FILE: '/run/worker.pid',
  };
  const settings = workingSettings(read({ ...env, SENTRY_DSN: 'https://sesame@x/1', DATABASE_PASSWORD: 'sesame' }));
  expect(settings).toMatchObject({ '[s3] caa_secret': 'set', '[events] concurrency': '9' });
  expect(
    Object.keys(settings).filter((name) => /mode|listen|dsn|database\]|log\]|build_id|pid_file/.test(name)),
  ).toEqual([]);
  expect(JSON.stringify(settings)).not.toContain('sesame');
});

test.each([
  ['[archive] concurrency', ['worker']],
  ['[monitoring] listen', ['worker']],
  ['[database] host', ['dashboard', 'worker']],
  ['[sentry] dsn', ['dashboard', 'worker']],
  ['[dashboard] auth', ['dashboard']],
  ['[dashboard] listen', ['dashboard']],
  ['[dashboard] secret', ['dashboard']],
  ['[dashboard] temporal_ui', ['dashboard']],
  ['[dashboard] pid_file', ['dashboard']],
  ['[worker] pid_file', ['worker']],
  ['[worker] build_id', ['worker']],
  ['[dashboard] oauth_client_secret', []],
  ['[monitoring] keep_seconds', []],
  ['[events] concurrency', []],
  ['[audit] per_hour', []],
])('%s is looked at when these start only: %j', (key, processes) => {
  expect((['dashboard', 'worker'] as const).filter((each) => readAtStartOnly(each, `${key}: a → b`))).toEqual(
    processes,
  );
});

test('each process knows which keys it only looks at when it starts', () => {
  const listen = '[dashboard] listen: 127.0.0.1:8080 → 127.0.0.1:8081';
  expect(readAtStartOnly('dashboard', listen)).toBe(true);
  expect(readAtStartOnly('worker', listen)).toBe(false);
  expect(readAtStartOnly('worker', '[archive] concurrency: 8 → 4')).toBe(true);
  // Each step asks at the rate of its time; Temporal's limit, which only a start sets, keeps a higher one from its full effect.
  expect(readAtStartOnly('worker', '[archive] requests_per_second: 4 → 1')).toBe(false);
  expect(readAtStartOnly('dashboard', '[dashboard] operators: alice → bob')).toBe(false);
});
