import { describe, expect, test } from 'vitest';
import { type Config, readConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/ini.ts';
import { defaultText, environmentVariable, keyNames, sectionNames } from '../../src/config/schema.ts';
import { isLoopbackHost, requireContact, splitListenAddress } from '../../src/config/value-types.ts';

const read = (env: NodeJS.ProcessEnv): Config => readConfig({ file: '/dev/null', env });

test.each([
  ['EVENTS_CONCURRENCY', '0', '[events] concurrency takes a whole number from 1'],
  ['ARCHIVE_CONCURRENCY', '0', '[archive] concurrency takes a whole number from 1'],
  ['AUDIT_PER_DAY', '0', '[audit] per_day takes a number of audits a day above 0'],
  ['AUDIT_PER_DAY', '1000001', '[audit] per_day takes a number of audits a day above 0, 1,000,000 at most'],
  ['AUDIT_PROBE_MINUTES', '0', '[audit] probe_minutes takes a number of minutes above 0'],
  ['AUDIT_BREAKER_SHARE', '0', '[audit] breaker_share takes a number above 0'],
  ['DATABASE_PORT', '0', '[database] port takes a port from 1 to 65535'],
  ['DATABASE_PORT', '65536', '[database] port takes a port from 1 to 65535'],
  ['DASHBOARD_LISTEN', 'localhost:65536', '[dashboard] listen takes host:port'],
  ['DASHBOARD_LISTEN', '::1:8080', '[dashboard] listen takes host:port'],
  ['ARCHIVE_URL', 'https://archive.org/?x=1', 'without ? or #'],
  ['ARCHIVE_URL', 'ftp://archive.org', '[archive] url takes an address that starts with http:// or https://'],
  ['S3_LIMIT_URL', 'ftp://archive.org', '[s3] limit_url takes an address that starts with http:// or https://'],
  ['S3_URL', 'https://s3.example/{bucket}', 'has {bucket}, {file} in it'],
  ['DATABASE_URL', 'mysql://db/x', '[database] url takes an address like postgres://'],
  ['S3_URL', 'ftp://{bucket}/{file}', '[s3] url takes an address that starts with http:// or https://'],
  ['ARCHIVE_NODE_URL', 'https://{node}/{file}', 'has {dir}, {file} in it'],
  ['ARCHIVE_CAA_URL', 'https://caa.example/#x', 'without ? or #'],
  ['DATABASE_URL', 'same', '[database] url takes an address like postgres://'],
  ['DATABASE_LISTEN_URL', 'other', '[database] listen_url takes an address like postgres://'],
  ['DATABASE_HOST', ' , ', '[database] host takes a host, or several'],
  ['DATABASE_PORT', ',', '[database] port takes a port from 1 to 65535'],
  [
    'DASHBOARD_OAUTH_TOKEN_URL',
    'ftp://x',
    '[dashboard] oauth_token_url takes an address that starts with http:// or https://',
  ],
  ['DASHBOARD_TEMPORAL_UI', 'ftp://x', '[dashboard] temporal_ui takes an address that starts with http:// or https://'],
  ['SENTRY_DSN', 'https://sentry.example/7', '[sentry] dsn takes an address like https://key@host/1'],
  ['SENTRY_DSN', 'https://key@sentry.example/project', '[sentry] dsn takes an address like https://key@host/1'],
  ['MONITORING_HOSTS', 'metrics.example:9090', '[monitoring] hosts takes names of hosts, without ports'],
  // A dot or a colon stands between a deployment and its build.
  ['WORKER_BUILD_ID', 'a:b', '[worker] build_id takes a name of letters'],
  ['WORKER_BUILD_ID', '.a', '[worker] build_id takes a name of letters'],
  ['WORKER_BUILD_ID', 'a'.repeat(129), '[worker] build_id takes a name of letters'],
  ['S3_CAA_ACCESS', 'a\u007f', '[s3] caa_access takes a text of letters, digits and signs of ASCII'],
  ['S3_CAA_ACCESS', 'a\tb', '[s3] caa_access takes a text of letters, digits and signs of ASCII'],
])('%s=%j is refused at its bound', (variable, value, message) => {
  expect(() => read({ [variable]: value })).toThrow(message);
});

describe('numbers', () => {
  /** Every key that takes one, ports and shares apart, which have bounds of their own. */
  const numbers = sectionNames
    .flatMap((section) => keyNames(section).map((key) => ({ section, key })))
    .filter(({ section, key }) => /^\d+$/.test(defaultText(section, key)) && !/^(port|breaker_share)$/.test(key));
  const takes = ({ section, key }: (typeof numbers)[number], value: string): boolean => {
    try {
      read({ [environmentVariable(section, key)]: value });
      return true;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return false;
    }
  };
  const names = (keys: typeof numbers) => keys.map(({ section, key }) => `${section}.${key}`);

  test('are a million at most: more would be beyond what PostgreSQL’s intervals hold', () => {
    expect(numbers.length).toBeGreaterThan(30);
    expect(names(numbers.filter((each) => !takes(each, '1000000')))).toEqual([]);
    expect(names(numbers.filter((each) => takes(each, '1000001')))).toEqual([]);
    expect(names(numbers.filter((each) => takes(each, '-1') || takes(each, '1e3')))).toEqual([]);
  });

  test('may be 0 where nothing would wait for ever, divide by it or never be done', () => {
    expect(names(numbers.filter((each) => takes(each, '0')))).toEqual([
      'events.attempt_delay_seconds',
      'events.quick_retries',
      'events.foreign_running_minutes',
      'audit.settle_minutes',
      'audit.recent_days',
      'audit.quick_retries',
      'audit.discard_delay_minutes',
      'housekeeping.young_claim_seconds',
      'housekeeping.keep_completed_days',
      'housekeeping.keep_audit_days',
      'monitoring.keep_seconds',
    ]);
    // Of schedules, which take nothing below a second.
    const belowOne = names(numbers.filter((each) => !takes(each, '0') && !takes(each, '0.5') && takes(each, '1.5')));
    expect(belowOne).toEqual(['audit.tick_seconds', 'housekeeping.seconds']);
    expect(names(numbers.filter((each) => !takes(each, '1')))).toEqual([]);
  });

  test('of a share are up to the whole, and ports up to the last one', () => {
    const env = { AUDIT_BREAKER_SHARE: '1', DATABASE_PORT: '65535', DASHBOARD_LISTEN: '[::1]:65535' };
    expect(read(env)).toMatchObject({
      audit: { breakerShare: 1 },
      database: { port: 65_535 },
      dashboard: { listen: '[::1]:65535' },
    });
  });
});

test('what names something is taken to its bound, and hosts as requests have them', () => {
  const env = {
    MONITORING_HOSTS: 'Metrics.Example, a_b',
    WORKER_BUILD_ID: `a${'.'.repeat(127)}`,
    DATABASE_LISTEN_URL: 'same',
    SENTRY_DSN: 'https://key@sentry.example/7',
  };
  expect(read(env)).toMatchObject({
    monitoring: { hosts: ['metrics.example', 'a_b'] },
    worker: { buildId: env.WORKER_BUILD_ID },
    database: { listenUrl: 'same' },
    sentry: { dsn: env.SENTRY_DSN },
  });
});

test.each([
  ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
  ['[::1]:8080', { host: '::1', port: 8080 }],
])('%s is the host and the port to listen at, without brackets', (listen, parts) => {
  expect(splitListenAddress(listen)).toEqual(parts);
});

test.each([
  ['localhost', true],
  ['LocalHost', true],
  ['127.255.0.1', true],
  ['::1', true],
  ['[::1]', true],
  ['127.0.0.1.example.org', false],
  ['localhost.example.org', false],
  ['not-localhost', false],
  ['10.0.0.1', false],
])('only this machine reaches %s: %s', (host, isLoopback) => {
  expect(isLoopbackHost(host)).toBe(isLoopback);
});

test.each([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
])('enabled = %s is %s', (word, enabled) => {
  expect(read({ EVENTS_ENABLED: word }).events.enabled).toBe(enabled);
});

test('without a contact nothing asks the archive, and it is said which key is missing', () => {
  expect(() => requireContact(read({}))).toThrow(/\[archive\] contact is missing: set it \(or ARCHIVE_CONTACT\)/);
  expect(() => requireContact(read({ ARCHIVE_CONTACT: 'somebody@example.org' }))).not.toThrow();
});
