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

test.each(['https://reconciler.example.org', 'http://10.0.0.1:8080', 'http://localhost.example.org'])(
  'an address that others use needs a login: %s',
  (address) => {
    expect(problemsOf({ DASHBOARD_PUBLIC_URL: address })).toContain('[dashboard] public_url is');
    expect(problemsOf({ DASHBOARD_PUBLIC_URL: address })).toContain('set auth to oauth or proxy');
  },
);

test.each(['http://localhost:8080', 'http://127.0.0.1', 'http://[::1]:8080', 'https://localhost'])(
  'one of this machine needs none: %s',
  (address) => {
    expect(problemsOf({ DASHBOARD_PUBLIC_URL: address })).toBe('');
  },
);

test('what a login needs is named at once', () => {
  const problems = problemsOf({ DASHBOARD_AUTH: 'oauth' });
  for (const key of ['public_url', 'oauth_authorization_url', 'oauth_token_url', 'oauth_client_id', 'operators']) {
    expect(problems).toContain(key);
  }
  expect(problems).toContain('oauth_userinfo_url or oauth_introspection_url');
  expect(problemsOf(oauth)).toBe('');
});

test.each(['authorization_url', 'token_url', 'userinfo_url', 'introspection_url'])(
  'nothing of a login travels in the open, but on this machine it may: oauth_%s',
  (key) => {
    const variable = `DASHBOARD_OAUTH_${key.toUpperCase()}`;
    expect(problemsOf({ ...oauth, [variable]: 'http://login.example/x' })).toContain(
      `[dashboard] oauth_${key} takes an address with https://`,
    );
    expect(problemsOf({ ...oauth, [variable]: 'http://127.0.0.1:9000/x' })).toBe('');
  },
);

test.each([
  ['http://login.example', false],
  ['https://login.example', true],
  ['http://localhost:9000', true],
  ['http://127.1.2.3:9000', true],
  ['http://[::1]:9000', true],
  ['http://127.0.0.1.evil.example', false],
  ['http://127.evil.example', false],
  ['http://localhost.evil.example', false],
])('%s as the public address is private enough: %s', (address, isPrivate) => {
  const problems = problemsOf({ ...oauth, DASHBOARD_PUBLIC_URL: address });
  expect(problems).toEqual(isPrivate ? '' : expect.stringContaining('public_url takes an address with https://'));
});

test('an ID token is compared with an issuer', () => {
  const openid = { ...oauth, DASHBOARD_OAUTH_SCOPES: 'openid profile' };
  expect(problemsOf(openid)).toContain('oauth_issuer is missing');
  expect(problemsOf({ ...openid, DASHBOARD_OAUTH_ISSUER: 'https://login.example' })).toBe('');
  expect(problemsOf({ ...oauth, DASHBOARD_OAUTH_SCOPES: 'openids' })).toBe('');
});

test('introspection is as good as userinfo, and readers are as good as operators', () => {
  const { DASHBOARD_OAUTH_USERINFO_URL: url, DASHBOARD_OPERATORS: names, ...others } = oauth;
  expect(problemsOf({ ...others, DASHBOARD_OAUTH_INTROSPECTION_URL: url, DASHBOARD_READERS: names })).toBe('');
});

test('a proxy has to be named, and who may come', () => {
  const problems = problemsOf({ DASHBOARD_AUTH: 'proxy' });
  expect(problems).toContain('proxy_addresses is missing');
  expect(problems).toContain('proxy_role_header, operators or readers is missing');
  const proxy = { DASHBOARD_AUTH: 'proxy', DASHBOARD_PROXY_ADDRESSES: '10.0.0.1', DASHBOARD_READERS: '*' };
  expect(problemsOf(proxy)).toBe('');
  const byRole = { ...proxy, DASHBOARD_READERS: '', DASHBOARD_PROXY_ROLE_HEADER: 'X-Role' };
  expect(problemsOf(byRole)).toBe('');
});

test.each([
  ['DASHBOARD_SECRET', 'x'.repeat(31), 'at least 32 characters'],
  ['DASHBOARD_PROXY_ADDRESSES', 'fd00::/129', 'addresses and networks'],
  ['DASHBOARD_PROXY_ADDRESSES', '10.0.0.0/8/8', 'addresses and networks'],
  ['DASHBOARD_PUBLIC_URL', 'https://x.example/path', 'without a path'],
  ['DASHBOARD_PUBLIC_URL', 'https://user@x.example', 'without a path'],
  ['DASHBOARD_OPERATORS', 'alice, *', 'here * is none'],
  ['DASHBOARD_PROXY_ADDRESSES', '10.0.0.0/33', 'addresses and networks'],
  ['DASHBOARD_PROXY_ADDRESSES', '0.0.0.0/0', 'addresses and networks'],
  ['DASHBOARD_PROXY_ADDRESSES', '0.0.0.0/1, 128.0.0.0/1', 'of at least 8 bits'],
  ['DASHBOARD_PROXY_ADDRESSES', '::/0', 'addresses and networks'],
  ['DASHBOARD_PROXY_ADDRESSES', '::ffff:0:0/96', 'addresses and networks'],
  ['DASHBOARD_PROXY_ADDRESSES', '0:0:0:0:0:ffff::/96', 'addresses and networks'],
  ['DASHBOARD_PROXY_ADDRESSES', 'proxy.example', 'addresses and networks'],
  ['DASHBOARD_PROXY_ADDRESSES', '10.0.0.1/', 'addresses and networks'],
  ['DASHBOARD_PROXY_USER_HEADER', 'X Remote', 'the name of a header'],
])('%s = %s is refused', (key, value, message) => {
  expect(() => readConfig({ file: '/dev/null', env: { [key]: value } })).toThrow(message);
});

test('what is at its bound is taken, and the public address without a slash', () => {
  const env = {
    DASHBOARD_SECRET: 'x'.repeat(32),
    DASHBOARD_PUBLIC_URL: 'https://Reconciler.example:443/',
    DASHBOARD_PROXY_ADDRESSES: '10.0.0.1/32, fd00::/128, , 127.0.0.1',
  };
  expect(readConfig({ file: '/dev/null', env }).dashboard).toMatchObject({
    secret: 'x'.repeat(32),
    publicUrl: 'https://reconciler.example',
    proxyAddresses: ['10.0.0.1/32', 'fd00::/128', '127.0.0.1'],
  });
});

test('a secret is not shown where it is refused', () => {
  const env = { DASHBOARD_SECRET: 'sesame' };
  expect(() => readConfig({ file: '/dev/null', env })).toThrow(/not shown/);
  expect(() => readConfig({ file: '/dev/null', env })).not.toThrow(/sesame/);
});
