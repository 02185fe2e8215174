import { z } from 'zod';
import { catalogue, findCheck } from '../domain/checks/catalogue.ts';
import type { Policy } from '../domain/checks/finding.ts';
import { InvalidPolicyError, resolvePolicies } from '../domain/checks/policies.ts';
import { ConfigError, type IniEntry } from './ini.ts';

/**
 * The kinds of values that a key can have. All of them come as text; the message of each is what the key takes, and an
 * error says it after what it got. `initial` is the default, as it would stand in the file.
 */
const numeral = /^\d+(\.\d+)?$/;
/** More of any unit is a mistake, and would overflow PostgreSQL's intervals. */
const most = 1_000_000;

/** A time or a rate, fractions allowed, 0 too. */
export function amount(initial: string, unit: string) {
  return number(`a number of ${unit} from 0 to 1,000,000`, (value) => value <= most).prefault(initial);
}

/** The interval of a schedule of Temporal's: it takes nothing below a second. */
export function interval(initial: string) {
  return number('a number of seconds from 1 to 1,000,000', (value) => value >= 1 && value <= most).prefault(initial);
}

/** A time or a rate that can't be 0. */
export function positiveAmount(initial: string, unit: string) {
  return positive(unit).prefault(initial);
}

export function optionalPositiveAmount(unit: string) {
  return positive(unit).nullable().default(null);
}

/** A whole number. */
export function count(initial: string, least: 0 | 1) {
  const takes = `a whole number from ${least} to 1,000,000`;
  return number(takes, (value) => Number.isInteger(value) && value >= least && value <= most).prefault(initial);
}

/** A part of a whole. */
export function share(initial: string) {
  return number('a number above 0, 1 at most', (value) => value > 0 && value <= 1).prefault(initial);
}

export function flag(initial: 'false' | 'true') {
  const error = 'true or false';
  const words = { truthy: ['true', 'yes', 'on', '1'], falsy: ['false', 'no', 'off', '0'], error };
  return z.stringbool(words).prefault(initial);
}

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values, initial: Values[number]) {
  return z.enum(values, { error: values.join(' or ') }).prefault(initial);
}

/** One of these, or nothing. */
export function optionalOneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z
    .enum(values, { error: values.join(' or ') })
    .nullable()
    .default(null);
}

/** An address whose paths are put behind it: no slash at its end, no query. */
export function baseUrl(initial: string) {
  return base().prefault(initial);
}

export function optionalBaseUrl() {
  return base().nullable().default(null);
}

export function httpUrl(initial: string) {
  return z.string().refine(isHttpUrl, 'an address that starts with http:// or https://').prefault(initial);
}

export function optionalHttpUrl() {
  return z.string().refine(isHttpUrl, 'an address that starts with http:// or https://').nullable().default(null);
}

/** An address with places to fill in, which may stand anywhere in it. */
export function urlTemplate(initial: string, places: readonly string[]) {
  const takes = `an address that starts with http:// or https:// and has ${places.join(', ')} in it`;
  return z
    .string()
    .refine((text) => places.every((place) => text.includes(place)) && isHttpUrl(text.replace(/\{\w+\}/g, 'x')), takes)
    .prefault(initial);
}

/** @param word what may stand in place of an address */
export function databaseUrl(word?: string) {
  const takes = `an address like postgres://user:password@host:5432/database${word === undefined ? '' : `, or ${word}`}`;
  return z
    .string()
    .refine((text) => text === word || hasProtocol(text, ['postgres:', 'postgresql:']), takes)
    .nullable()
    .default(null);
}

/** Servers of one database: one, or several with commas between them. */
export function databaseHosts(initial: string) {
  return list()
    .refine((hosts) => hosts.length > 0, 'a host, or several with commas between them')
    .prefault(initial);
}

/** One port, or several with commas between them. */
export function portNumbers(initial: string) {
  const takes = 'a port from 1 to 65535, or one for each host with commas between them';
  const isPort = (text: string): boolean => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
  return list()
    .refine((ports) => ports.length > 0 && ports.every(isPort), takes)
    .transform((ports): readonly number[] => ports.map(Number))
    .prefault(initial);
}

/** Where a server listens: `host:port`, an IPv6 host in brackets. */
export function listenAddress(initial: string) {
  return address().prefault(initial);
}

/** The same, where nothing listens unless it is set. */
export function optionalListenAddress() {
  return address().nullable().default(null);
}

/** Where Sentry takes reports: its client would only write a line about another, and report nothing. */
export function optionalSentryDsn() {
  const takes = 'an address like https://key@host/1';
  const isDsn = (text: string): boolean => {
    const url = isHttpUrl(text) ? new URL(text) : null;
    return url !== null && /^\w+$/.test(url.username) && /\/\d+$/.test(url.pathname);
  };
  return z.string().refine(isDsn, takes).nullable().default(null);
}

export function text(initial: string) {
  return z.string().prefault(initial);
}

export function optionalText() {
  return z.string().nullable().default(null);
}

/** Something that is sent in a header, where letters beyond ASCII and line ends have no place. */
export function optionalHeaderText() {
  const takes = 'a text of letters, digits and signs of ASCII';
  return z
    .string()
    .regex(/^[\x20-\x7e]+$/, takes)
    .nullable()
    .default(null);
}

/** Checks of the catalogue, with commas between them. */
export function checkNames(initial: string) {
  return list()
    .refine((names) => unknownChecks(names).length === 0, {
      error: ({ input }) => `names of checks, and there is no check ${unknownChecks(input as string[]).join(', ')}`,
    })
    .prefault(initial);
}

/** Texts with commas between them. */
export function list() {
  return z
    .string()
    .transform((names) => names.split(',').map((name) => name.trim()))
    .transform((names): readonly string[] => names.filter((name) => name !== ''));
}

function base() {
  const takes = 'an address that starts with http:// or https://, without ? or #';
  return z
    .string()
    .refine((text) => isHttpUrl(text) && !/[?#]/.test(text), takes)
    .transform((text) => text.replace(/\/+$/, ''));
}

function address() {
  const port = (text: string): number => Number(text.slice(text.lastIndexOf(':') + 1));
  return z
    .string()
    .refine((text) => /^(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):\d{1,5}$/.test(text) && port(text) <= 65_535, 'host:port');
}

function positive(unit: string) {
  return number(`a number of ${unit} above 0, 1,000,000 at most`, (value) => value > 0 && value <= most);
}

function number(takes: string, fits: (value: number) => boolean) {
  return z
    .string()
    .refine((digits) => numeral.test(digits) && fits(Number(digits)), takes)
    .transform(Number);
}

export function isHttpUrl(text: string): boolean {
  return hasProtocol(text, ['http:', 'https:']);
}

function hasProtocol(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}

/**
 * Refuses to continue without a contact: the archive's staff must be able to reach whoever sends them that much traffic.
 * To be called by whatever is about to ask the archive; migrating a database needs none.
 *
 * @throws {ConfigError}
 */
export function requireContact(config: { readonly archive: { readonly contact: string | null } }): void {
  if (config.archive.contact !== null) return;
  throw new ConfigError(null, [
    '[archive] contact is missing: set it (or ARCHIVE_CONTACT) to an address at which you can be reached; it goes into the User-Agent',
  ]);
}

/** The parts of `host:port` as the configuration has checked it; an IPv6 host without its brackets. */
export function splitListenAddress(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(listen.slice(colon + 1)) };
}

/** Whether only this machine can reach a host, as a listen address or a URL (with brackets) names it. */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

/**
 * The policies that file and environment set, by the checks' names. In the environment a check's name has `_` for its
 * dot: POLICY_FILES_INDEX_JSON.
 *
 * @param errors takes what is wrong with them
 */
export function collectPolicies(
  entries: readonly IniEntry[],
  env: NodeJS.ProcessEnv,
  errors: string[],
): Record<string, Policy> {
  const set = new Map<string, { value: string; where: string }>();
  for (const { key, value, line } of entries) {
    if (value !== '') set.set(key, { value, where: `line ${line}` });
  }
  for (const { name } of catalogue) {
    const variable = policyVariable(name);
    const value = env[variable]?.trim();
    if (value) set.set(name, { value, where: variable });
  }
  const policies: Record<string, Policy> = {};
  for (const [name, { value, where }] of set) {
    try {
      policies[name] = resolvePolicies({ [name]: value })[name]!;
    } catch (error) {
      if (!(error instanceof InvalidPolicyError)) throw error;
      errors.push(`${where}: [policy] ${error.message}`);
    }
  }
  return policies;
}

/** What overrides a check's policy of the file. */
export function policyVariable(check: string): string {
  return `POLICY_${check}`.replaceAll('.', '_').toUpperCase();
}

/** The names among these that no check has. */
function unknownChecks(names: readonly string[]): string[] {
  return names.filter((name) => findCheck(name) === null);
}
