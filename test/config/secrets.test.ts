import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { redactorFor } from '../../src/config/secrets.ts';

const redactorOf = (env: NodeJS.ProcessEnv, others?: string[]) =>
  redactorFor(readConfig({ file: '/dev/null', env }), others);

test('a secret is taken out of a text wherever it stands, also as addresses and JSON write it', () => {
  const redact = redactorOf({ DATABASE_PASSWORD: 'open "sesame"/%', S3_CAA_SECRET: 'caa-secret' });
  const json = JSON.stringify({ reason: 'wrong: open "sesame"/%' });
  expect(redact(json)).toBe('{"reason":"wrong: [secret]"}');
  expect(redact(`postgres://me:${encodeURIComponent('open "sesame"/%')}@db/mb and caa-secret`)).toBe(
    'postgres://me:[secret]@db/mb and [secret]',
  );
});

test('the credentials inside of an address are secret, as they stand there and in plain; the rest of it is not', () => {
  const redact = redactorOf({
    DATABASE_URL: 'postgres://somebody:open%20sesame@db.example/mb',
    SENTRY_DSN: 'https://0123456789abcdef@sentry.example/7',
  });
  expect(redact('open sesame, open%20sesame, 0123456789abcdef')).toBe('[secret], [secret], [secret]');
  expect(redact('somebody at db.example and sentry.example')).toBe('somebody at db.example and sentry.example');
});

test('a password that stands in an open setting, too, is none; nor is one so short that it is part of words', () => {
  const redact = redactorOf({ DATABASE_USER: 'musicbrainz', DATABASE_PASSWORD: 'musicbrainz', S3_CAA_ACCESS: 'caa' });
  const line = 'musicbrainz cools down; keys_refused_caa';
  expect(redact(line)).toBe(line);
});

test('where one secret is part of another, nothing of the longer one is left', () => {
  const redact = redactorOf({ S3_CAA_SECRET: 'sesame', S3_EAA_SECRET: 'open-sesame-now' }, ['a key of Temporal']);
  expect(redact('open-sesame-now, sesame, a key of Temporal')).toBe('[secret], [secret], [secret]');
});
