import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pageToReturnTo } from '../../../src/dashboard/access/login-attempt.ts';

describe('where a login returns to', () => {
  test.each(['/', '/entities?status=clean&after=x', '/reviews/7', '/a//b', `/${'a'.repeat(1999)}`])(
    'is the page that was asked for: %s',
    (page) => {
      expect(pageToReturnTo(page)).toBe(page);
    },
  );

  test.each([
    undefined,
    '',
    'entities',
    '//evil.example/x',
    '/\\evil.example/x',
    '/\t/evil.example/x',
    '\\\\evil.example/x',
    '/.//evil.example/x',
    'https://evil.example/x',
    'javascript:alert(1)',
    '/login',
    '/login/return?code=x',
    '/x/../login/start',
    `/${'a'.repeat(2000)}`,
  ])('is the first page instead of %s', (text) => {
    expect(pageToReturnTo(text)).toBe('/');
  });

  test('is of this origin, whatever the address says', () => {
    const part = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '//',
      'http:',
      'evil.example',
      '@',
      ':',
      '?',
      '#',
      '\t',
      '%2f',
      'x',
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const page = pageToReturnTo(`/${parts.join('')}`);
        expect(new URL(page, 'https://ours.example/login/return').origin).toBe('https://ours.example');
      }),
    );
  });
});
