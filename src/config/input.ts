import type { Policy } from '../domain/checks/finding.ts';
import type { IniEntry } from './ini.ts';
import { collectPolicies } from './policy-input.ts';
import { environmentVariable, inCode, inFile, keyNames, type SectionName, sectionNames } from './schema.ts';

/** What file and environment say, before it is checked against the schema. */
export interface ConfigInput {
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
  target_session_attrs: 'name the host that takes writes, or a pgbouncer that knows it',
  hostaddr: 'set host',
  options: 'give the user such settings by ALTER ROLE',
  passfile: 'set password, or the environment variable PGPASSFILE',
  service: 'set the keys that it stands for',
  connect_timeout: 'it is 10 seconds',
  application_name: "it is this program's name",
};

/** Lays the environment over the file's entries and finds what no schema of single keys can: names that don't exist. */
export function collectInput(entries: readonly IniEntry[], env: NodeJS.ProcessEnv): ConfigInput {
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
  const hosts = input.origin('database', 'host').text ?? '';
  if (hosts.includes(',')) {
    errors.push(
      `[database] host takes one host; it got "${hosts}": put a pgbouncer in front, or name the one that takes writes`,
    );
  }
  const url = input.origin('database', 'url');
  for (const name of Object.keys(input.settings.database)) {
    const { variable } = input.origin('database', inFile(name));
    // The file's host and user may stay beside a DATABASE_URL; the other way round somebody expects what won't happen.
    if (url.text !== undefined && url.variable === null && variable !== null) {
      errors.push(`${variable} would have no effect, because the file sets [database] url: set DATABASE_URL instead`);
    }
  }
  return errors;
}
