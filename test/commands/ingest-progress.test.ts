import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { describeDuration, describePace, openIngestProgress } from '../../src/commands/ingest-progress.ts';

/** A stream as a process has it, which keeps what is written. */
function screen(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  let written = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY, columns: 60 }) as unknown as NodeJS.WriteStream,
    written: () => written,
  };
}

const at = (done: number, share: number | null) => ({ done, share, text: `${done} seen` });

describe('what an ingest has in progress', () => {
  test('on a terminal: one line that changes, with rate and remaining time, cut to its width', () => {
    const { stream, written } = screen(true);
    let now = 0;
    const progress = openIngestProgress(stream, () => now);
    progress.show(at(0, 0));
    now = 10_000;
    progress.show(at(1000, 0.25));
    progress.say('no worker is running');
    progress.end();
    const lines = written().split('\r\u001b[K');
    expect(lines).toEqual([
      '',
      '0 seen (0 %)',
      '1000 seen (100/s, 25 %, 30 s left)',
      'no worker is running\n1000 seen (100/s, 25 %, 30 s left)\n',
    ]);
    progress.show({ ...at(1001, null), text: 'x'.repeat(200) });
    expect(written().split('\r\u001b[K').at(-1)).toBe('x'.repeat(59));
  });

  test('piped: plain lines, and only now and then', () => {
    const { stream, written } = screen(false);
    const progress = openIngestProgress(stream);
    for (let n = 0; n < 1000; n += 1) progress.show(at(n, null));
    progress.say('workflow backfill-musicbrainz');
    progress.end();
    expect(written()).toBe('0 seen\nworkflow backfill-musicbrainz\n');
  });
});

test('the rate is that of what was done since it is watched, not of what was done before', () => {
  expect(describePace(at(5000, 0.5), at(6000, 0.75), 10)).toBe(' (100/s, 75 %, 10 s left)');
  expect(describePace(at(0, null), at(6, null), 0.5)).toBe('');
  expect(describePace(at(0, 0), at(0, 0), 10)).toBe(' (0/s, 0 %)');
});

test.each([
  [0.2, '1 s'],
  [89, '89 s'],
  [100, '2 min'],
  [3600 * 1.5, '1.5 h'],
])('%d seconds are %s', (seconds, words) => expect(describeDuration(seconds)).toBe(words));
