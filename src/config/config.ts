import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ClientConfig } from 'pg';
import type { Policy } from '../domain/checks/finding.ts';
import { printLines } from '../terminal/terminal.ts';
import { ConfigError, type IniEntry, parseIni } from './ini.ts';
import {
  environmentVariable,
  inCode,
  inFile,
  isSecret,
  keyNames,
  schema,
  type SectionName,
  sectionNames,
  type Settings,
} from './schema.ts';
import { collectPolicies } from './value-types.ts';

/** What file and environment say, before it is checked against the schema. */
interface ConfigInput {
  /** Texts by the schema's names; what is empty is left out. */
  readonly settings: Readonly<Record<SectionName, Record<string, string>>>;
  readonly policy: Readonly<Record<string, Policy>>;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  isSet(section: SectionName, key: string): boolean;
  /** The text of a key, and the environment variable that it came from, if one. */
  origin(section: string, key: string): { text: string | undefined; variable: string | null };
}

/** `[s3] access` and `secret` were one pair of keys for both projects; the daemon's own file may still have them. */
const retiredKeys = [
  { section: 's3', key: 'access' },
  { section: 's3', key: 'secret' },
];

/** What artwork-indexer's database section may have besides, since it is given to libpq; and what to do instead. */
const ofLibpq: Readonly<Record<string, string>> = {
  load_balance_hosts: 'hosts are tried in their order',
  hostaddr: 'set host',
  options: 'give the user such settings by ALTER ROLE',
  passfile: 'set password, or the environment variable PGPASSFILE',
  service: 'set the keys that it stands for',
  connect_timeout: 'it is 10 seconds',
  application_name: "it is this program's name",
};

/** Lays the environment over the file's entries and finds what no schema of single keys can: names that don't exist. */
function collectInput(entries: readonly IniEntry[], env: NodeJS.ProcessEnv): ConfigInput {
  const errors: string[] = [];
  const warnings: string[] = [];
  const settings = Object.fromEntries(sectionNames.map((name) => [name, {}])) as Record<
    SectionName,
    Record<string, string>
  >;
  const variables = new Map<string, string>();
  for (const { section, key, value, line } of withDefaults(entries, errors)) {
    if (section === 'policy') continue;
    if (retiredKeys.some((retired) => retired.section === section && retired.key === key)) {
      if (value !== '') warnings.push(`[s3] ${key} is no longer used and is ignored: set caa_${key} and eaa_${key}`);
    } else if (!isSection(section)) {
      errors.push(`line ${line}: there is no section [${section}]; there are ${sectionNames.join(', ')}, policy`);
    } else if (section === 'database' && key in ofLibpq) {
      errors.push(`line ${line}: [database] ${key} is a setting of libpq that is not taken here; ${ofLibpq[key]}`);
    } else if (!keyNames(section).includes(key)) {
      errors.push(`line ${line}: there is no key [${section}] ${key}; there are ${keyNames(section).join(', ')}`);
    } else if (value !== '') settings[section][inCode(key)] = value;
  }
  for (const section of sectionNames) {
    for (const key of keyNames(section)) {
      const variable = environmentVariable(section, key);
      const value = env[variable]?.trim();
      if (!value) continue;
      settings[section][inCode(key)] = value;
      variables.set(`${section} ${key}`, variable);
    }
  }
  const input: ConfigInput = {
    settings,
    policy: collectPolicies(
      entries.filter(({ section }) => section === 'policy'),
      env,
      errors,
    ),
    errors,
    warnings,
    isSet: (section, key) => settings[section][inCode(key)] !== undefined,
    origin: (section, key) => ({
      text: (settings as Record<string, Record<string, string>>)[section]?.[inCode(key)],
      variable: variables.get(`${section} ${key}`) ?? null,
    }),
  };
  errors.push(...findContradictions(input));
  return input;
}

/** What stands in [DEFAULT] is meant for every section that has such a key and doesn't set it, as for Python's configparser. */
function withDefaults(entries: readonly IniEntry[], errors: string[]): readonly IniEntry[] {
  const own = entries.filter(({ section }) => section !== 'DEFAULT');
  const meant = entries
    .filter(({ section }) => section === 'DEFAULT')
    .flatMap((entry) => {
      const sections = sectionNames.filter((section) => keyNames(section).includes(entry.key));
      if (sections.length === 0) errors.push(`line ${entry.line}: there is no section with a key ${entry.key}`);
      return sections
        .filter((section) => own.some((other) => other.section === section))
        .filter((section) => !own.some((other) => other.section === section && other.key === entry.key))
        .map((section) => ({ ...entry, section }));
    });
  return [...own, ...meant];
}

function isSection(name: string): name is SectionName {
  return (sectionNames as string[]).includes(name);
}

function findContradictions(input: ConfigInput): string[] {
  const errors: string[] = [];
  if (input.isSet('audit', 'per_hour') && input.isSet('audit', 'per_day')) {
    errors.push('[audit] per_hour and [audit] per_day are both set: only one of them can count');
  }
  const count = (key: string): number =>
    (input.origin('database', key).text ?? '').split(',').filter((part) => part.trim() !== '').length;
  if (count('port') > 1 && count('port') !== count('host')) {
    errors.push(
      `[database] host has ${count('host')} and port ${count('port')}: one port is for all hosts, else each has its own`,
    );
  }
  const url = input.origin('database', 'url');
  for (const name of Object.keys(input.settings.database)) {
    const { variable } = input.origin('database', inFile(name));
    if (name === 'listenUrl') continue;
    // The file's host and user may stay beside a DATABASE_URL; the other way round somebody expects what won't happen.
    if (url.text !== undefined && url.variable === null && variable !== null) {
      errors.push(`${variable} would have no effect, because the file sets [database] url: set DATABASE_URL instead`);
    }
  }
  return errors;
}

/** All settings, checked. Durations are in the unit that the key's name ends with, fractions allowed. */
export type Config = Readonly<Omit<Settings, 'database'>> & {
  /** For `pg`; never printed, it may hold a password. */
  readonly database: DatabaseConfig;
  /** Only what was set; the other checks have the catalogue's policy. */
  readonly policy: Readonly<Record<string, Policy>>;
};

export interface Server {
  readonly host: string;
  readonly port: number;
}

/** Several servers of one database, as libpq takes them: the first that answers, and is what is asked for, is used. */
export interface Servers {
  readonly servers: readonly Server[];
  readonly sessionAttributes: SessionAttributes;
}

export type SessionAttributes = Settings['database']['targetSessionAttrs'];

/** For `pg`; with whatever it doesn't know of. */
export type DatabaseConfig = ClientConfig & {
  readonly among?: Servers;
  /** Where the dispatcher listens; `same`: at this very address. */
  readonly listenUrl?: string;
};

interface ConfigSource {
  /** Must exist where it is given; without it `config.ini` of the working folder is read if there is one. */
  readonly file?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Told what is out of date but does no harm; on standard error otherwise. */
  readonly warn?: (line: string) => void;
}

const defaultFile = 'config.ini';

/**
 * Reads the configuration: the environment over the file over the defaults. Nothing else in the program reads either
 * (Temporal's connection apart, which comes from Temporal's own variables).
 *
 * @throws {ConfigError} that lists everything that is wrong
 */
export function readConfig({ file, env, warn = warnOnStandardError }: ConfigSource): Config {
  const path = file ?? (existsSync(defaultFile) ? defaultFile : null);
  const { entries, errors: unreadable } = parseIni(path === null ? '' : readText(path));
  const input = collectInput(entries, env);
  for (const line of input.warnings) warn(path === null ? line : `${path}: ${line}`);
  const parsed = schema.safeParse(input.settings);
  const errors = [
    ...unreadable,
    ...input.errors,
    ...(parsed.error?.issues ?? []).map((issue) => inWords(issue, input)),
  ];
  if (parsed.data === undefined || errors.length > 0) throw new ConfigError(path, errors);
  return complete(parsed.data, input);
}

function complete({ database, audit, ...others }: Settings, input: ConfigInput): Config {
  return {
    ...others,
    audit: { ...audit, perHour: input.isSet('audit', 'per_day') ? null : audit.perHour },
    database: databaseOf(database),
    policy: input.policy,
  };
}

function databaseOf({ listenUrl, ...database }: Settings['database']): DatabaseConfig {
  return { ...addressOf(database), ...(listenUrl !== null && { listenUrl }) };
}

function addressOf(database: Omit<Settings['database'], 'listenUrl'>): DatabaseConfig {
  const { url, host, port, user, password, dbname, targetSessionAttrs, ...tls } = database;
  if (url !== null) return { connectionString: url };
  // As many ports as hosts, or one for all of them (input.ts).
  const servers = host.map((name, at): Server => ({ host: name, port: port[at] ?? port[0]! }));
  const [first] = servers as [Server];
  const among =
    servers.length > 1 || targetSessionAttrs !== 'any'
      ? { among: { servers, sessionAttributes: targetSessionAttrs } }
      : {};
  // `allow` and `prefer` don't insist, and `pg` can't fall back.
  if (tls.sslmode === null || tls.sslmode === 'allow' || tls.sslmode === 'prefer') {
    return { ...first, user, database: dbname, ...(password && { password }), ...among };
  }
  // Only from an address does `pg` read certificates, and take the mode as libpq means it.
  const at = first.host.includes(':') ? `[${first.host}]` : first.host;
  const login = [user, ...(password ? [password] : [])].map(encodeURIComponent).join(':');
  const given = Object.entries({ uselibpqcompat: 'true', ...tls }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return {
    connectionString: `postgres://${login}@${at}:${first.port}/${encodeURIComponent(dbname)}?${new URLSearchParams(given).toString()}`,
    ...among,
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(path, [`can't be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`]);
  }
}

/** An issue of the schema: which key, what it got, what it takes. */
function inWords(issue: { path: PropertyKey[]; message: string }, input: ConfigInput): string {
  const [section, name] = issue.path.map(String) as [string, string];
  const key = inFile(name);
  const { text, variable } = input.origin(section, key);
  const got = isSecret(section, key) ? 'something else (not shown)' : JSON.stringify(text);
  return `[${section}] ${key} takes ${issue.message}; it got ${got}${variable === null ? '' : ` from ${variable}`}`;
}

function warnOnStandardError(line: string): void {
  printLines([`Warning: ${line}`], process.stderr);
}

/** The name of the user that this process runs as; of a number that no user has, as in a container, what there is. */
export function loginName(env: NodeJS.ProcessEnv = process.env): string {
  try {
    return userInfo().username;
  } catch {
    return env.LOGNAME ?? env.USER ?? `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
