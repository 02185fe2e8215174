import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { requireAccess } from '../../src/config/dashboard-access.ts';

const problemsOf = (env: NodeJS.ProcessEnv): string => {
  try {
    requireAccess(readConfig({ file: '/dev/null', env }));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

const oauth = {
  DASHBOARD_AUTH: 'oauth',
  DASHBOARD_PUBLIC_URL: 'https://reconciler.example',
  DASHBOARD_OAUTH_AUTHORIZATION_URL: 'https://login.example/authorize',
  DASHBOARD_OAUTH_TOKEN_URL: 'https://login.example/token',
  DASHBOARD_OAUTH_USERINFO_URL: 'https://login.example/userinfo',
  DASHBOARD_OAUTH_CLIENT_ID: 'x',
  DASHBOARD_OPERATORS: 'alice',
};

test('without a login nothing is needed', () => {
  expect(problemsOf({})).toBe('');
});

test('what a login needs is named at once', () => {
  const problems = problemsOf({ DASHBOARD_AUTH: 'oauth' });
  for (const key of ['public_url', 'oauth_authorization_url', 'oauth_token_url', 'oauth_client_id', 'operators']) {
    expect(problems).toContain(key);
  }
  expect(problems).toContain('oauth_userinfo_url or oauth_introspection_url');
  expect(problemsOf(oauth)).toBe('');
});

test('no token travels in the open, but on this machine it may', () => {
  expect(problemsOf({ ...oauth, DASHBOARD_OAUTH_TOKEN_URL: 'http://login.example/token' })).toContain(
    '[dashboard] oauth_token_url takes an address with https://',
  );
  expect(problemsOf({ ...oauth, DASHBOARD_OAUTH_TOKEN_URL: 'http://127.0.0.1:9000/token' })).toBe('');
});

test('an ID token is compared with an issuer', () => {
  expect(problemsOf({ ...oauth, DASHBOARD_OAUTH_SCOPES: 'openid profile' })).toContain('oauth_issuer is missing');
});

test('a proxy has to be named, and who may come', () => {
  const problems = problemsOf({ DASHBOARD_AUTH: 'proxy' });
  expect(problems).toContain('proxy_addresses is missing');
  expect(problems).toContain('proxy_role_header, operators or readers is missing');
  const proxy = { DASHBOARD_AUTH: 'proxy', DASHBOARD_PROXY_ADDRESSES: '10.0.0.1', DASHBOARD_READERS: '*' };
  expect(problemsOf(proxy)).toBe('');
});

test.each([
  ['DASHBOARD_SECRET', 'too short', 'at least 32 characters'],
  ['DASHBOARD_PUBLIC_URL', 'https://x.example/path', 'without a path'],
  ['DASHBOARD_PUBLIC_URL', 'https://user@x.example', 'without a path'],
  ['DASHBOARD_OPERATORS', 'alice, *', 'here * is none'],
  ['DASHBOARD_PROXY_ADDRESSES', '10.0.0.0/33', 'addresses and networks'],
  ['DASHBOARD_PROXY_ADDRESSES', 'proxy.example', 'addresses and networks'],
  ['DASHBOARD_PROXY_ADDRESSES', '10.0.0.1/', 'addresses and networks'],
  ['DASHBOARD_PROXY_USER_HEADER', 'X Remote', 'the name of a header'],
])('%s = %s is refused', (key, value, message) => {
  expect(() => readConfig({ file: '/dev/null', env: { [key]: value } })).toThrow(message);
});

test('a secret is not shown where it is refused', () => {
  const env = { DASHBOARD_SECRET: 'sesame' };
  expect(() => readConfig({ file: '/dev/null', env })).toThrow(/not shown/);
  expect(() => readConfig({ file: '/dev/null', env })).not.toThrow(/sesame/);
});
