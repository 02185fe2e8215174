import { describe, expect, test } from 'vitest';
import { archiveHosts, policySource, redirectTarget } from '../../src/clients/hosts.ts';
import { readConfig } from '../../src/config/config.ts';

const { archive, s3 } = readConfig({ file: '/dev/null', env: {} });
const isArchive = archiveHosts([archive.url, archive.nodeUrl, s3.url, s3.limitUrl]);
const isAllowed = (address: string): boolean => isArchive(new URL(address));

describe('with the addresses as they are by default', () => {
  test.each([
    'https://archive.org/x',
    'https://ia800102.us.archive.org/x',
    'https://dn720003.ca.archive.org/x',
    'https://mbid-x.s3.us.archive.org/x',
    'https://s3-lb0.us.archive.org/x',
    'https://ARCHIVE.ORG/x',
  ])('%s is the archive’s', (address) => {
    expect(isAllowed(address)).toBe(true);
  });

  test.each([
    'https://localhost/x',
    'https://intranet/x',
    'http://127.0.0.1/x',
    'http://[::1]/x',
    'https://archive.org.elsewhere.invalid/x',
    'https://elsewherearchive.org/x',
    'https://archive.org@elsewhere.invalid/x',
    'https://archive-org/x',
    'data:text/plain,x',
  ])('%s is not', (address) => {
    expect(isAllowed(address)).toBe(false);
  });
});

test('a placeholder in a configured host stands for one name', () => {
  const isOurs = archiveHosts(['http://{bucket}.s3.test:9000/{file}']);
  expect(isOurs(new URL('http://mbid-1.s3.test:9000/x'))).toBe(true);
  expect(isOurs(new URL('http://mbid-1.s3.test.invalid/x'))).toBe(false);
  expect(isOurs(new URL('http://s3xtest/x'))).toBe(false);
});

test.each([
  ['https://archive.org', 'https://ia800102.us.archive.org/x', true],
  ['http://archive.org.mirror.test/{bucket}', 'http://archive.org.mirror.test/x', true],
  ['http://archive.org.mirror.test/{bucket}', 'http://archive.org/x', false],
  ['http://Mirror.TEST', 'http://mirror.test/x', true],
  ['http://{node}{dir}/{file}', 'http://elsewhere.invalid/x', false],
  ['http://{node}{dir}/{file}', 'http://elsewhere/x', false],
  ['http://{bucket}{node}/{file}', 'http://elsewhere/x', false],
])('with %s configured, %s is the archive’s: %s', (template, address, is) => {
  expect(archiveHosts([template])(new URL(address))).toBe(is);
});

test.each([
  ['https://archive.org/download', 'https://archive.org'],
  ['http://127.0.0.1:8091/node/{node}{dir}/{file}', 'http://127.0.0.1:8091'],
  ['http://{node}.mirror.test:8090{dir}/{file}', 'http://*.mirror.test:8090'],
  ['http://{node}.mirror.test?at={dir}', 'http://*.mirror.test'],
  ['http://mirror.test#{file}', 'http://mirror.test'],
  ['http://mirror.test{dir}.zip?{file}', 'http://mirror.test'],
  ['http://a-{node}-b.c.mirror.test', 'http://*.c.mirror.test'],
  ['http://{node}{dir}/{file}', null],
  ['http://mirror.{node}/{file}', null],
])('a content security policy names the hosts of %s as %s', (template, source) => {
  expect(policySource(template)).toBe(source);
});

test('what begins the path is no part of a configured host', () => {
  const isOurs = archiveHosts(['http://{node}.mirror.test{dir}/{file}']);
  expect(isOurs(new URL('http://ia1.mirror.test/0/items/x'))).toBe(true);
  expect(isOurs(new URL('http://ia1.mirror.tested/0/items/x'))).toBe(false);
});

describe('a redirect', () => {
  const from = 'https://archive.org/download/item/file';

  test('may be relative', () => {
    expect(redirectTarget(from, '../other/file', isArchive)).toBe('https://archive.org/download/other/file');
  });

  test('may go from no encryption to some', () => {
    expect(redirectTarget('http://archive.org/a', 'https://archive.org/b', isArchive)).toBe('https://archive.org/b');
    expect(redirectTarget('http://archive.org/a', ['/b', '/c'], isArchive)).toBe('http://archive.org/b');
  });

  test.each([
    ['to another host', 'https://elsewhere.invalid/file', /not one of the archive's hosts/],
    ['to one that looks alike', '//archive.org.elsewhere.invalid/file', /not one of the archive's hosts/],
    ['without encryption, where there was some', 'http://archive.org/file', /without encryption/],
    ['to no address', 'https://', /expected an address/],
    ['that names none', undefined, /expected an address/],
  ])('%s is not followed', (_what, location, message) => {
    expect(() => redirectTarget(from, location, isArchive)).toThrow(message);
  });
});
