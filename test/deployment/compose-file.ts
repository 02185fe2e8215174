import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

const repository = resolve(import.meta.dirname, '../..');

export interface Service {
  readonly image: string;
  readonly build?: object;
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly restart?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly configs?: readonly { readonly source: string }[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, unknown>>;
}

const composeText = readFileSync(resolve(repository, 'docker-compose.yml'), 'utf8');

const variable = /\$\$|\$\{(?<name>\w+)(?:(?<operator>:[-?])(?<rest>[^}]*))?\}/g;

/** The names of the variables that docker-compose.yml takes from .env. */
export function variableNames(): string[] {
  return [...new Set([...composeText.matchAll(variable)].flatMap(({ groups }) => groups?.['name'] ?? []))].sort();
}

/** docker-compose.yml with these variables filled in as Compose does it. Throws where one that is needed is missing. */
export function readCompose(variables: Readonly<Record<string, string>>): ComposeFile {
  return fillIn(parse(composeText, { merge: true }), variables) as ComposeFile;
}

/** Value by value and after parsing, so that what is filled in can't change the file's form. */
function fillIn(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((entry: unknown) => fillIn(entry, variables));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]: [string, unknown]) => [key, fillIn(entry, variables)]),
    );
  }
  if (typeof value !== 'string') return value;
  return value.replace(variable, (found, name?: string, operator?: string, rest?: string) => {
    if (name === undefined) return found === '$$' ? '$' : found;
    const set = variables[name] ?? '';
    if (set === '' && operator === ':?') throw new Error(`${name}: ${rest ?? ''}`);
    return set === '' && operator === ':-' ? (rest ?? '') : set;
  });
}

/** The variables of .env.example: those to be filled in, and those that stand there as comments. */
export function readExample(): { required: Record<string, string>; optional: Record<string, string> } {
  const text = readFileSync(resolve(repository, '.env.example'), 'utf8');
  const entries = (pattern: RegExp): Record<string, string> =>
    Object.fromEntries([...text.matchAll(pattern)].map(([, name, set]) => [name!, set!] as const));
  return { required: entries(/^(\w+)=(.*)$/gm), optional: entries(/^#(\w+)=(.*)$/gm) };
}
