import type { Config } from './config.ts';
import { ConfigError } from './ini.ts';
import { isLoopbackHost } from './value-types.ts';

type AccessSettings = Pick<Config, 'dashboard'>;

/**
 * Refuses a `[dashboard]` by which nobody could come in, or everybody, or by which a password would travel in the open. To be called by
 * whatever is about to serve it, at the start and at a reload: the other commands need none of these keys.
 *
 * @throws {ConfigError} that lists everything that is missing or wrong
 */
export function requireAccess({ dashboard }: AccessSettings): void {
  const problems = { none: problemsOfNone, oauth: problemsOfOAuth, proxy: problemsOfProxy }[dashboard.auth](dashboard);
  if (problems.length > 0) throw new ConfigError(null, problems);
}

function problemsOfNone({ publicUrl }: Config['dashboard']): string[] {
  if (publicUrl === null || isLoopbackHost(new URL(publicUrl).hostname)) return [];
  return [
    `[dashboard] public_url is ${publicUrl}, which others can reach, and auth is none: set auth to oauth or proxy, or ` +
      'leave public_url empty',
  ];
}

function problemsOfOAuth(dashboard: Config['dashboard']): string[] {
  const { oauthAuthorizationUrl, oauthTokenUrl, oauthUserinfoUrl, oauthIntrospectionUrl, publicUrl } = dashboard;
  const endpoints = {
    oauth_authorization_url: oauthAuthorizationUrl,
    oauth_token_url: oauthTokenUrl,
    oauth_userinfo_url: oauthUserinfoUrl,
    oauth_introspection_url: oauthIntrospectionUrl,
  };
  const inTheOpen = Object.entries({ ...endpoints, public_url: publicUrl }).filter(
    ([, url]) => url !== null && !isPrivate(new URL(url)),
  );
  return [
    ...missing('oauth', {
      public_url: publicUrl,
      oauth_authorization_url: oauthAuthorizationUrl,
      oauth_token_url: oauthTokenUrl,
      oauth_client_id: dashboard.oauthClientId,
      'oauth_userinfo_url or oauth_introspection_url': oauthUserinfoUrl ?? oauthIntrospectionUrl,
      'operators or readers': listed(dashboard),
    }),
    ...inTheOpen.map(([key]) => `[dashboard] ${key} takes an address with https://, or one of this machine`),
    ...(dashboard.oauthScopes.split(' ').includes('openid') && dashboard.oauthIssuer === null
      ? ['[dashboard] oauth_issuer is missing: an ID token (oauth_scopes has openid) is compared with it']
      : []),
  ];
}

function problemsOfProxy(dashboard: Config['dashboard']): string[] {
  return missing('proxy', {
    proxy_addresses: dashboard.proxyAddresses.length > 0 ? true : null,
    'proxy_role_header, operators or readers': dashboard.proxyRoleHeader ?? listed(dashboard),
  });
}

function missing(auth: string, keys: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(keys)
    .filter(([, value]) => value === null)
    .map(([key]) => `[dashboard] ${key} is missing: auth = ${auth} needs it`);
}

function listed({ operators, readers }: Config['dashboard']): true | null {
  return operators.length + readers.length > 0 ? true : null;
}

/** Whether nobody on the way can read along. */
function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopbackHost(hostname);
}
