import { expect, test } from 'vitest';
import { asText } from '../src/logging/log.ts';

test('a line for reading has time, level, words and the fields in their order', () => {
  const line = JSON.stringify({
    level: 40,
    time: '2026-11-26T22:00:00.000Z',
    event: 12,
    gids: ['a', 'b'],
    outcome: 'failed',
    reason: 'HTTP 503: slow = down',
    msg: 'event failed for good',
  });
  expect(asText(`${line}\n`)).toBe(
    '2026-11-26T22:00:00.000Z WARN  event failed for good event=12 gids=["a","b"] outcome=failed reason="HTTP 503: slow = down"\n',
  );
});

test('what breaks a line is quoted, so that a line stays one', () => {
  const text = asText(JSON.stringify({ level: 30, time: 't', reason: 'one\ntwo', msg: 'said' }));
  expect(text).toBe('t INFO  said reason="one\\ntwo"\n');
});

test('what is no line of the log is left as it is', () => {
  expect(asText('Segmentation fault\n')).toBe('Segmentation fault\n');
});
