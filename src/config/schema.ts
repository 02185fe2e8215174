import { isIP } from 'node:net';
import { z } from 'zod';
import {
  amount,
  baseUrl,
  checkNames,
  count,
  databaseHosts,
  databaseUrl,
  flag,
  httpUrl,
  interval,
  isHttpUrl,
  list,
  listenAddress,
  oneOf,
  optionalBaseUrl,
  optionalHeaderText,
  optionalHttpUrl,
  optionalListenAddress,
  optionalOneOf,
  optionalPositiveAmount,
  optionalSentryDsn,
  optionalText,
  portNumbers,
  positiveAmount,
  share,
  text,
  urlTemplate,
} from './value-types.ts';

// The kinds of values that say who may use the dashboard; see value-types.ts for how they are written.

/** A site as browsers tell sites apart: scheme, host and port. */
function optionalOrigin() {
  const takes = 'an address like https://reconciler.example.org, without a path';
  return z
    .string()
    .refine((text) => isHttpUrl(text) && /^[^/]+\/\/[^/?#@]+\/?$/.test(text), takes)
    .transform((text) => new URL(text).origin)
    .nullable()
    .default(null);
}

/** What is used to sign, and must not be guessed. */
function optionalSecret() {
  const takes = 'at least 32 characters, as `openssl rand -base64 32` makes them';
  return z
    .string()
    .refine((text) => text.length >= 32, takes)
    .nullable()
    .default(null);
}

/** As Temporal names a deployment and its builds: a dot or a colon would stand between the two. */
function optionalVersionName() {
  return z
    .string()
    .regex(/^[\w][\w.-]{0,127}$/, 'a name of letters, digits, `.`, `_` and `-`')
    .nullable()
    .default(null);
}

function headerName(initial: string) {
  return header().prefault(initial);
}

function optionalHeaderName() {
  return header().nullable().default(null);
}

/** Names of accounts, with commas between them; `*` for all of them only where `any` may be meant. */
function accountNames(who: 'any' | 'one') {
  const names = list();
  return (
    who === 'any'
      ? names
      : names.refine((all) => !all.includes('*'), 'names of accounts with commas between them; here * is none')
  ).prefault('');
}

/** Names of hosts as requests have them, in lower case, with commas between them. */
function hostNames() {
  return list()
    .refine(
      (names) => names.every((name) => /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name)),
      'names of hosts, without ports',
    )
    .transform((names): readonly string[] => names.map((name) => name.toLowerCase()))
    .prefault('');
}

/** Addresses and networks (CIDR) of IPv4 and IPv6, with commas between them. */
function addressRanges() {
  const takes = `addresses and networks of at least ${fewestBits} bits, like 10.0.0.1, 10.0.0.0/8, fd00::/8`;
  return list()
    .refine((ranges) => ranges.every(isAddressRange), takes)
    .prefault('');
}

/** The largest private network has 8. Whoever trusts more trusts everybody. */
const fewestBits = 8;

function header() {
  return z.string().regex(/^[A-Za-z0-9-]+$/, 'the name of a header: letters, digits and hyphens');
}

function isAddressRange(range: string): boolean {
  const [address = '', bits, ...more] = range.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (more.length > 0 || most < 0 || isMapped(address)) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= fewestBits && Number(bits) <= most);
}

/** IPv4 written as IPv6 (::ffff:0:0/96): its networks would have 96 bits more than they say. */
function isMapped(address: string): boolean {
  return isIP(address) === 6 && new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.startsWith('[::ffff:');
}

/**
 * Every key with its default, in the order of config.default.ini, which explains them. A name in camel case here is one
 * with `_` in the file. The first three sections and `[sentry]` are artwork-indexer's.
 */
export const schema = z.strictObject({
  database: z.strictObject({
    url: databaseUrl(),
    listenUrl: databaseUrl('same'),
    host: databaseHosts('localhost'),
    port: portNumbers('5432'),
    user: text('musicbrainz'),
    password: optionalText(),
    dbname: text('musicbrainz_db'),
    targetSessionAttrs: oneOf(['any', 'read-write', 'primary'], 'any'),
    sslmode: optionalOneOf(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']),
    sslrootcert: optionalText(),
    sslcert: optionalText(),
    sslkey: optionalText(),
  }),
  musicbrainz: z.strictObject({
    url: baseUrl('https://musicbrainz.org'),
    database: optionalHeaderText(),
    requestsPerSecond: positiveAmount('1', 'requests a second'),
  }),
  s3: z.strictObject({
    url: urlTemplate('https://{bucket}.s3.us.archive.org/{file}', ['{bucket}', '{file}']),
    limitUrl: httpUrl('https://s3.us.archive.org/'),
    caaAccess: optionalHeaderText(),
    caaSecret: optionalHeaderText(),
    eaaAccess: optionalHeaderText(),
    eaaSecret: optionalHeaderText(),
  }),
  archive: z.strictObject({
    url: baseUrl('https://archive.org'),
    nodeUrl: urlTemplate('https://{node}{dir}/{file}', ['{dir}', '{file}']),
    caaUrl: baseUrl('https://coverartarchive.org'),
    eaaUrl: baseUrl('https://eventartarchive.org'),
    contact: optionalHeaderText(),
    requestsPerSecond: positiveAmount('4', 'requests a second'),
    concurrency: count('8', 1),
    coolDownSeconds: positiveAmount('60', 'seconds'),
  }),
  events: z.strictObject({
    enabled: flag('true'),
    concurrency: count('4', 1),
    pollSeconds: positiveAmount('1', 'seconds'),
    attemptDelaySeconds: amount('3600', 'seconds'),
    quickRetries: count('2', 0),
    quickRetrySeconds: positiveAmount('5', 'seconds'),
    foreignRunningMinutes: amount('15', 'minutes'),
  }),
  audit: z.strictObject({
    enabled: flag('true'),
    mode: oneOf(['report', 'repair'], 'report'),
    perHour: positiveAmount('600', 'audits an hour').nullable(),
    perDay: optionalPositiveAmount('audits a day'),
    tickSeconds: interval('60'),
    maxInProgress: count('200', 1),
    maxWaitingRepairs: count('500', 1),
    settleMinutes: amount('60', 'minutes'),
    recheckDays: positiveAmount('365', 'days'),
    handedOverDays: positiveAmount('90', 'days'),
    recentDays: amount('30', 'days'),
    quickRetries: count('6', 0),
    quickRetrySeconds: positiveAmount('5', 'seconds'),
    maxWaitHours: positiveAmount('24', 'hours'),
    discardDelayMinutes: amount('60', 'minutes'),
    maxReturns: count('5', 1),
    probeMinutes: optionalPositiveAmount('minutes'),
    breakerShare: share('0.5'),
    breakerWindow: count('200', 1),
    breakerExcept: checkNames(
      'index.url_scheme, index.entity_url, index.image_shape, index.value_type, files.mb_metadata',
    ),
  }),
  housekeeping: z.strictObject({
    seconds: interval('150'),
    youngClaimSeconds: amount('120', 'seconds'),
    keepCompletedDays: amount('90', 'days'),
    keepAuditDays: amount('730', 'days'),
  }),
  bulk: z.strictObject({
    rows: count('500', 1),
    unconfirmedHours: positiveAmount('24', 'hours'),
  }),
  worker: z.strictObject({
    pidFile: optionalText(),
    deployment: optionalVersionName(),
    buildId: optionalVersionName(),
    runningWorkflows: oneOf(['upgrade', 'pin'], 'upgrade'),
  }),
  monitoring: z.strictObject({
    listen: optionalListenAddress(),
    hosts: hostNames(),
    keepSeconds: amount('15', 'seconds'),
    timeoutSeconds: positiveAmount('5', 'seconds'),
  }),
  log: z.strictObject({
    format: oneOf(['json', 'text'], 'json'),
    level: oneOf(['debug', 'info', 'warn', 'error'], 'info'),
  }),
  dashboard: z.strictObject({
    listen: listenAddress('127.0.0.1:8080'),
    pidFile: optionalText(),
    auth: oneOf(['none', 'oauth', 'proxy'], 'none'),
    rows: count('50', 1),
    liveSeconds: positiveAmount('5', 'seconds'),
    statementSeconds: positiveAmount('5', 'seconds'),
    temporalUi: optionalBaseUrl(),
    publicUrl: optionalOrigin(),
    secret: optionalSecret(),
    sessionHours: positiveAmount('12', 'hours'),
    operators: accountNames('one'),
    readers: accountNames('any'),
    loginsPerMinute: count('10', 1),
    loginsPerMinuteOverall: count('100', 1),
    oauthAuthorizationUrl: optionalHttpUrl(),
    oauthTokenUrl: optionalHttpUrl(),
    oauthUserinfoUrl: optionalHttpUrl(),
    oauthIntrospectionUrl: optionalHttpUrl(),
    oauthIssuer: optionalText(),
    oauthClientId: optionalHeaderText(),
    oauthClientSecret: optionalHeaderText(),
    oauthClientAuth: oneOf(['post', 'basic'], 'post'),
    oauthScopes: text('profile'),
    oauthNameClaim: text('sub'),
    oauthTimeoutSeconds: positiveAmount('10', 'seconds'),
    proxyAddresses: addressRanges(),
    proxyUserHeader: headerName('X-Remote-User'),
    proxyRoleHeader: optionalHeaderName(),
    scanRows: count('10000', 1),
    reasonSeconds: positiveAmount('60', 'seconds'),
    treeEvents: count('200', 1),
    bulkFirstSeconds: positiveAmount('1', 'seconds'),
  }),
  sentry: z.strictObject({
    dsn: optionalSentryDsn(),
  }),
});

export type Settings = z.output<typeof schema>;
export type SectionName = keyof Settings;

export const sectionNames = Object.keys(schema.shape) as SectionName[];

/** The keys of a section as the file writes them. */
export function keyNames(section: SectionName): string[] {
  return Object.keys(schema.shape[section].shape).map(inFile);
}

/** A key's default as the file would write it; empty where there is none. */
export function defaultText(section: SectionName, key: string): string {
  return defaultOf((schema.shape[section].shape as Record<string, z.core.$ZodType>)[inCode(key)]!);
}

/** Not shown in errors, logs or the record of changes. */
export function isSecret(section: string, key: string): boolean {
  return /(password|secret|access|dsn)$/.test(key) || (section === 'database' && /^(listen_)?url$/.test(key));
}

/** What overrides the key of the file. */
export function environmentVariable(section: string, key: string): string {
  return `${section}_${key}`.toUpperCase();
}

export function inCode(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

export function inFile(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function defaultOf(type: z.core.$ZodType): string {
  const { defaultValue, innerType } = type._zod.def as { defaultValue?: string | null; innerType?: z.core.$ZodType };
  if (defaultValue !== undefined) return defaultValue ?? '';
  return innerType === undefined ? '' : defaultOf(innerType);
}
