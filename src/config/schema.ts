import { z } from 'zod';
import {
  accountNames,
  addressRanges,
  headerName,
  hostNames,
  optionalHeaderName,
  optionalOrigin,
  optionalSecret,
} from './access-value-types.ts';
import {
  amount,
  baseUrl,
  checkNames,
  count,
  databaseUrl,
  flag,
  httpUrl,
  interval,
  listenAddress,
  oneOf,
  optionalBaseUrl,
  optionalHeaderText,
  optionalHttpUrl,
  optionalListenAddress,
  optionalOneOf,
  optionalPositiveAmount,
  optionalText,
  portNumber,
  positiveAmount,
  share,
  text,
  urlTemplate,
} from './value-types.ts';

/**
 * Every key with its default, in the order of config.default.ini, which explains them. A name in camel case here is one
 * with `_` in the file. The first three sections and `[sentry]` are artwork-indexer's.
 */
export const schema = z.strictObject({
  database: z.strictObject({
    url: databaseUrl(),
    host: text('localhost'),
    port: portNumber('5432'),
    user: text('musicbrainz'),
    password: optionalText(),
    dbname: text('musicbrainz_db'),
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
    bulkRows: count('500', 1),
    bulkFirstSeconds: positiveAmount('1', 'seconds'),
    bulkPollSeconds: positiveAmount('1', 'seconds'),
    bulkLeaseSeconds: positiveAmount('30', 'seconds'),
    bulkUnconfirmedHours: positiveAmount('24', 'hours'),
  }),
  sentry: z.strictObject({
    dsn: optionalText(),
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
  return /(password|secret|access|dsn)$/.test(key) || (section === 'database' && key === 'url');
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
