import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Config, readConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/ini.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ar-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileWith(text: string): Promise<string> {
  const file = join(folder, 'config.ini');
  await writeFile(file, text);
  return file;
}

async function read(text: string, env: NodeJS.ProcessEnv = {}, warnings: string[] = []): Promise<Config> {
  return readConfig({ file: await fileWith(text), env, warn: (line) => warnings.push(line) });
}

async function errorsOf(text: string, env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
  return read(text, env).then(
    () => [],
    (error: unknown) => (error instanceof ConfigError ? error.errors : Promise.reject(error as Error)),
  );
}

describe('defaults', () => {
  test('an empty file gives the daemon’s database, the real archive, 600 audits an hour that change nothing', async () => {
    const config = await read('');
    expect(config.database).toEqual({ host: 'localhost', port: 5432, user: 'musicbrainz', database: 'musicbrainz_db' });
    expect(config.archive.url).toBe('https://archive.org');
    expect(config.audit).toMatchObject({
      perHour: 600,
      perDay: null,
      mode: 'report',
      probeMinutes: null,
      enabled: true,
    });
    expect(config.audit.breakerExcept).toEqual([
      'index.url_scheme',
      'index.entity_url',
      'index.image_shape',
      'index.value_type',
      'files.mb_metadata',
    ]);
    expect(config.s3.caaAccess).toBeNull();
    expect(config.policy).toEqual({});
  });

  test('a key without a value has its default', async () => {
    expect((await read('[audit]\nper_hour =\nrecent_days:\n')).audit).toMatchObject({ perHour: 600, recentDays: 30 });
  });

  test('a file that is named must be there', () => {
    const read = () => readConfig({ file: join(folder, 'nowhere.ini'), env: {} });
    expect(read).toThrow(/nowhere\.ini.*can't be read: ENOENT/);
  });
});

describe("artwork-indexer's own file", () => {
  const daemons = [
    '[musicbrainz]',
    'url=http://localhost:5000/',
    'database=TEST_ARTWORK_INDEXER',
    '',
    '[database]',
    'host=10.2.2.7',
    'port=6432',
    'user=artwork_indexer',
    'password=it#is;"100%%"',
    'dbname=musicbrainz_db',
    '',
    '; keys',
    '[s3]',
    'url=https://{bucket}.s3.us.archive.org/{file}',
    'access=old',
    'secret=older',
    'caa_access=AbCdEf0123456789',
    'caa_secret=sEcReT',
    'eaa_access=',
    'eaa_secret=',
    '[sentry]',
    'dsn=',
  ].join('\n');

  test('is read as it is, a password with # ; " and %% in it too', async () => {
    const config = await read(daemons);
    expect(config.database).toEqual({
      host: '10.2.2.7',
      port: 6432,
      user: 'artwork_indexer',
      password: 'it#is;"100%"',
      database: 'musicbrainz_db',
    });
    expect(config.musicbrainz).toMatchObject({ url: 'http://localhost:5000', database: 'TEST_ARTWORK_INDEXER' });
    expect(config.s3).toMatchObject({ caaAccess: 'AbCdEf0123456789', caaSecret: 'sEcReT', eaaAccess: null });
  });

  test('TLS is asked for as libpq does', async () => {
    const { database } = await read(`${daemons}\n[policy]\n`, {
      DATABASE_SSLMODE: 'verify-full',
      DATABASE_SSLROOTCERT: '/etc/ssl/root.crt',
    });
    expect(database).toEqual({
      connectionString:
        'postgres://artwork_indexer:it%23is%3B%22100%25%22@10.2.2.7:6432/musicbrainz_db?' +
        'uselibpqcompat=true&sslmode=verify-full&sslrootcert=%2Fetc%2Fssl%2Froot.crt',
    });
    expect((await read('[database]\nsslmode=prefer\n')).database).not.toHaveProperty('connectionString');
  });

  test('what stands in [DEFAULT] counts for the sections that are there and have such a key', async () => {
    const { database } = await read('[DEFAULT]\nport = 6432\nhost = db\n[database]\nport = 1\n');
    expect(database).toMatchObject({ port: 1, host: 'db' });
    expect((await read('[DEFAULT]\nhost = db\n')).database).toMatchObject({ host: 'localhost' });
    expect(await errorsOf('[DEFAULT]\nhots = db\n[database]\n')).toEqual([
      'line 2: there is no section with a key hots',
    ]);
  });

  test('settings of libpq that can’t be taken are refused by name, with what to do', async () => {
    const refused = read('[database]\nhostaddr = 10.0.0.1\ntarget_session_attrs = standby\n');
    await expect(refused).rejects.toThrow(
      /hostaddr is a setting of libpq.*set host\n?.*target_session_attrs takes any or read-write or primary; it got "standby"/s,
    );
  });

  test('several hosts are those to choose from, each with its port, or all with one', async () => {
    const { database } = await read('[database]\nhost = one, two\ntarget_session_attrs = read-write\n');
    expect(database).toMatchObject({
      host: 'one',
      among: {
        servers: [
          { host: 'one', port: 5432 },
          { host: 'two', port: 5432 },
        ],
        sessionAttributes: 'read-write',
      },
    });
    const tls = (await read('[database]\nhost = one,two\nport = 1,2\nsslmode = require\n')).database;
    expect(tls).toMatchObject({
      connectionString: expect.stringContaining('@one:1/') as string,
      among: { servers: [{ port: 1 }, { host: 'two', port: 2 }], sessionAttributes: 'any' },
    });
    expect((await read('[database]\nhost = one\n')).database).not.toHaveProperty('among');
    await expect(read('[database]\nhost = one\nport = 1,2\n')).rejects.toThrow(
      '[database] host has 1 and port 2: one port is for all hosts, else each has its own',
    );
    await expect(read('[database]\nhost = one,two\nport = 1,http\n')).rejects.toThrow('port takes a port from 1');
  });

  test('its retired keys are warned about, without their values, and ignored', async () => {
    const warnings: string[] = [];
    await read(daemons, {}, warnings);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/\[s3\] access is no longer used.*caa_access/);
    expect(warnings.join()).not.toContain('old');
    await read('[s3]\naccess=\nsecret=\n', {}, warnings);
    expect(warnings).toHaveLength(2);
  });

  test('is read with a byte order mark and with the line ends of Windows', async () => {
    expect((await read(`\uFEFF${daemons.replaceAll('\n', '\r\n')}`)).database).toMatchObject({ port: 6432 });
  });
});

describe('the environment', () => {
  test('overrides the file, by the name made of section and key', async () => {
    const env = {
      AUDIT_PER_HOUR: '10.5',
      S3_CAA_ACCESS: 'key',
      EVENTS_ENABLED: 'no',
      DATABASE_URL: 'postgres://u:p@db/mb',
    };
    const config = await read('[audit]\nper_hour=1\n[database]\nhost=elsewhere\n', env);
    expect(config.audit.perHour).toBe(10.5);
    expect(config.s3.caaAccess).toBe('key');
    expect(config.events.enabled).toBe(false);
    expect(config.database).toEqual({ connectionString: 'postgres://u:p@db/mb' });
  });

  test('an empty variable is none, and spaces around a value are no part of it', async () => {
    expect((await read('[audit]\nper_hour=7\n', { AUDIT_PER_HOUR: ' ' })).audit.perHour).toBe(7);
    expect((await read('', { ARCHIVE_CONTACT: ' me@example.org\n' })).archive.contact).toBe('me@example.org');
  });

  test('overrides a policy of the file, and an empty one does not', async () => {
    const file = '[policy]\nfiles.thumbnail = ignore\nfiles.index_json =\n';
    expect((await read(file, { POLICY_FILES_THUMBNAIL: 'review' })).policy).toEqual({ 'files.thumbnail': 'review' });
    expect((await read(file, { POLICY_FILES_THUMBNAIL: ' review ' })).policy).toEqual({ 'files.thumbnail': 'review' });
    expect((await read(file, { POLICY_FILES_THUMBNAIL: ' ' })).policy).toEqual({ 'files.thumbnail': 'ignore' });
  });

  test('may leave the file’s parts of an address beside a whole one of its own', async () => {
    const { database } = await read('[database]\nhost=db\nuser=me\n', { DATABASE_URL: 'postgresql://other/mb' });
    expect(database).toEqual({ connectionString: 'postgresql://other/mb' });
    expect((await read('', { DATABASE_HOST: 'other' })).database).toMatchObject({ host: 'other' });
  });

  test('a part of the address can’t override a whole one of the file', async () => {
    const errors = await errorsOf('[database]\nurl=postgres://db/mb\n', { DATABASE_HOST: 'other' });
    expect(errors).toEqual([expect.stringMatching(/DATABASE_HOST would have no effect/)]);
    // Where the dispatcher listens is no part of it.
    expect(await errorsOf('[database]\nurl=postgres://db/mb\n', { DATABASE_LISTEN_URL: 'postgres://x/mb' })).toEqual(
      [],
    );
  });
});

describe('a wrong value', () => {
  test.each([
    [
      '[audit]\nper_hour=many',
      '[audit] per_hour takes a number of audits an hour above 0, 1,000,000 at most; it got "many"',
    ],
    ['[audit]\nper_hour=0', '[audit] per_hour takes a number of audits an hour above 0'],
    ['[audit]\nper_hour=-1', 'it got "-1"'],
    ['[audit]\nsettle_minutes=1e3', '[audit] settle_minutes takes a number of minutes from 0'],
    ['[audit]\nmode=fix', '[audit] mode takes report or repair; it got "fix"'],
    ['[audit]\nbreaker_share=1.5', '[audit] breaker_share takes a number above 0, 1 at most; it got "1.5"'],
    ['[audit]\nmax_returns=2.5', '[audit] max_returns takes a whole number from 1'],
    ['[events]\nenabled=maybe', '[events] enabled takes true or false; it got "maybe"'],
    ['[events]\nquick_retries=-1', '[events] quick_retries takes a whole number from 0'],
    [
      '[database]\nport=70000',
      '[database] port takes a port from 1 to 65535, or one for each host with commas between them; it got "70000"',
    ],
    [
      '[s3]\nurl=https://s3.example/{file}',
      '[s3] url takes an address that starts with http:// or https:// and has {bucket}, {file} in it',
    ],
    ['[archive]\nurl=archive.org', '[archive] url takes an address that starts with http:// or https://'],
    ['[archive]\ncontact=\u00e9', '[archive] contact takes a text of letters, digits and signs of ASCII'],
    ['[audit]\ntick_seconds=0.5', '[audit] tick_seconds takes a number of seconds from 1 to 1,000,000'],
    ['[dashboard]\nlisten=8080', '[dashboard] listen takes host:port; it got "8080"'],
  ])('%j: says key, value and what it takes', async (text, message) => {
    expect(await errorsOf(text)).toEqual([expect.stringContaining(message)]);
  });

  test('of the environment is named with its variable', async () => {
    const errors = await errorsOf('', { AUDIT_TICK_SECONDS: 'soon' });
    expect(errors).toEqual([expect.stringContaining('it got "soon" from AUDIT_TICK_SECONDS')]);
  });

  test('that is a secret is never shown', async () => {
    const database = '[database]\nurl=mysql://root:sesame@db/x\nlisten_url=mysql://root:sesame@db/x\n';
    const errors = await errorsOf(`[s3]\ncaa_secret=sesame\u00fc\ncaa_access=sesame\u00fc\n${database}`);
    expect(errors).toHaveLength(4);
    expect(errors.join()).toContain('[s3] caa_secret takes');
    expect(errors.join()).not.toContain('sesame');
  });
});

describe('policies of checks', () => {
  test('are set by the check’s name, in the environment with _ for its dot; only what was set is given', async () => {
    const config = await read('[policy]\nfiles.thumbnail = ignore\n', { POLICY_FILES_INDEX_JSON: 'review' });
    expect(config.policy).toEqual({ 'files.thumbnail': 'ignore', 'files.index_json': 'review' });
  });

  test('an unknown check, a policy that a check doesn’t take, an unknown check that the breaker is to leave out', async () => {
    const errors = await errorsOf(
      '[policy]\nfiles.tumbnail = ignore\nfiles.image = deindex\n[audit]\nbreaker_except = index.url, index.nothing',
    );
    expect(errors).toHaveLength(3);
    expect(errors.join()).toMatch(/line 2: \[policy\] .*unknown check "files.tumbnail"/);
    expect(errors.join()).toMatch(/line 3: \[policy\] .*files.image is "deindex": expected one of/);
    expect(errors.join()).toMatch(
      /\[audit\] breaker_except takes names of checks, and there is no check index.nothing/,
    );
  });
});

describe('what doesn’t exist is an error', () => {
  test('an unknown section', async () => {
    expect(await errorsOf('[audits]\nper_hour=1')).toEqual([
      expect.stringMatching(/line 2: there is no section \[audits\]; there are .*audit/),
    ]);
  });

  test('an unknown key', async () => {
    const errors = await errorsOf('[audit]\n\nper_minute=1');
    expect(errors).toEqual([
      expect.stringMatching(/line 3: there is no key \[audit\] per_minute; there are .*per_hour/),
    ]);
  });

  test('a key in the spelling of the code', async () => {
    expect(await errorsOf('[audit]\nperHour=1')).toHaveLength(1);
  });
});

test('the pace an hour and the pace a day together are an error, one alone is the pace', async () => {
  expect(await errorsOf('[audit]\nper_hour=60\n', { AUDIT_PER_DAY: '100' })).toEqual([
    expect.stringContaining('both set'),
  ]);
  expect((await read('[audit]\nper_day=100\n')).audit).toMatchObject({ perHour: null, perDay: 100 });
});

test('a file may be indented section by section, and a key may have another section’s name', async () => {
  const text =
    '  [archive]\n  url=http://a.example///\n  contact: a=b:c\n[musicbrainz]\n   URL = http://b.example\n# x=1\n; y=2\n';
  const { archive, musicbrainz } = await read(text);
  expect(archive).toMatchObject({ url: 'http://a.example', contact: 'a=b:c' });
  expect(musicbrainz.url).toBe('http://b.example');
});

describe('a file that can’t be understood', () => {
  test.each([
    ['[audit]\nper_hour', 'line 2 is neither'],
    ['per_hour=1', 'line 1 sets a key before any [section]'],
    ['[audit]\nper_hour=1\nper_hour=2', 'line 3 sets [audit] per_hour again, after line 2'],
    ['[s3]\ncaa_access=a\n  caa_secret=b', 'line 3 is indented'],
    ['[s3]\n  caa_access=a\n    caa_secret=b', 'line 3 is indented'],
  ])('%j: names the line', async (text, message) => {
    expect(await errorsOf(text)).toEqual([expect.stringContaining(message)]);
  });
});

test('several mistakes are listed together, in one line that names the file', async () => {
  const error = await read('[audit]\nmode=x\nwhat=1\nper_hour=y\n[nothing]\na=b\n').catch((thrown: Error) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).errors).toHaveLength(4);
  expect((error as Error).message).toMatch(/^Wrong configuration \(.*config\.ini\): /);
  expect((error as Error).message).not.toContain('\n');
});
