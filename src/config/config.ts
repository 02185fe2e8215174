import { existsSync, readFileSync } from 'node:fs';
import type { ClientConfig } from 'pg';
import type { Policy } from '../domain/checks/finding.ts';
import { ConfigError } from './config-error.ts';
import { collectInput, type ConfigInput } from './input.ts';
import { parseIni } from './ini.ts';
import { inFile, isSecret, schema, type Settings } from './schema.ts';
import { printLines } from '../terminal/terminal.ts';

export { ConfigError } from './config-error.ts';

/** All settings, checked. Durations are in the unit that the key's name ends with, fractions allowed. */
export type Config = Readonly<Omit<Settings, 'database'>> & {
  /** For `pg`; never printed, it may hold a password. */
  readonly database: ClientConfig;
  /** Only what was set; the other checks have the catalogue's policy. */
  readonly policy: Readonly<Record<string, Policy>>;
};

export interface ConfigSource {
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

function databaseOf(database: Settings['database']): ClientConfig {
  const { url, host, port, user, password, dbname, ...tls } = database;
  if (url !== null) return { connectionString: url };
  const server = { host, port, user, database: dbname, ...(password && { password }) };
  // `allow` and `prefer` don't insist, and `pg` can't fall back.
  if (tls.sslmode === null || tls.sslmode === 'allow' || tls.sslmode === 'prefer') return server;
  // Only from an address does `pg` read certificates, and take the mode as libpq means it.
  const at = host.includes(':') ? `[${host}]` : host;
  const login = [user, ...(password ? [password] : [])].map(encodeURIComponent).join(':');
  const given = Object.entries({ uselibpqcompat: 'true', ...tls }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return {
    connectionString: `postgres://${login}@${at}:${port}/${encodeURIComponent(dbname)}?${new URLSearchParams(given).toString()}`,
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
