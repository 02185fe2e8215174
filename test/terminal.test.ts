import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditInWords } from '../src/commands/audit.ts';
import { asText } from '../src/logging/log.ts';
import { openProgressLine, printLines, visible } from '../src/terminal/terminal.ts';

async function printed(write: (to: PassThrough) => void): Promise<string> {
  const to = new PassThrough();
  write(to);
  to.end();
  return text(to);
}

describe('what is printed for people', () => {
  test.each([
    ['clears the screen', '\u001b[2J', '\\u001b[2J'],
    ['the same in one character', '\u009b2J', '\\u009b2J'],
    ['rings and goes back', 'a\u0007\bb', 'a\\u0007\\u0008b'],
    ['forges a line', 'x.jpg\nreview 7: resolved', 'x.jpg\\nreview 7: resolved'],
    ['overwrites the line', 'bad\rgood', 'bad\\rgood'],
    ['is written from right to left', 'gpj.\u202eexe', 'gpj.\\u202eexe'],
    ['ends a line in another way', 'a\u2028b\u0085c', 'a\\u2028b\\u0085c'],
    ['deletes', 'a\u007f', 'a\\u007f'],
  ])('shows a text that %s', (_what, hostile, shown) => {
    expect(visible(hostile)).toBe(shown);
  });

  test.each(['Zoë', '日本語', '👩‍👩‍👧', 'C:\\new', 'שלום', 'a\u00a0b'])('leaves what only looks foreign: %s', (name) => {
    expect(visible(name)).toBe(name);
  });

  test('is as many lines as were meant, whatever is in them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' })), async (lines) => {
        const output = await printed((to) => printLines(lines, to));
        expect(output.split('\n')).toHaveLength(lines.length + 1);
        expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2028\u2029]/u);
      }),
    );
  });

  test('shows an audit whose file names and reasons are hostile', async () => {
    const hostile = 'mbid-x\u001b[31m\nrelease y (live): clean.jpg';
    const audit = auditInWords({
      key: { entityType: 'release', gid: 'g' },
      identity: 'live',
      decision: 'manual_review',
      reason: hostile,
      findings: [
        {
          check: 'files.index_json',
          policy: 'review',
          count: 1,
          examples: [{ subject: hostile, expected: '', found: hostile }],
        },
      ],
      repairs: [],
      requests: {},
    } as never);
    const output = await printed((to) => printLines(audit, to));
    expect(output.split('\n').filter((line) => line.startsWith('release'))).toHaveLength(1);
    expect(output).not.toContain('\u001b');
  });

  test('progress and log lines too', async () => {
    const shown = await printed((to) => {
      const progress = openProgressLine(to as never);
      progress.show('a\u001b[2J\nb');
      progress.say('c\u001b[2J\nd');
    });
    expect(shown).toBe('a\\u001b[2J\\nb\nc\\u001b[2J\\nd\n');
    const line = JSON.stringify({ level: 30, time: 't', msg: 'a\u001b[2J\nb', note: 'c\u009bd' });
    expect(asText(line)).toBe('t INFO  a\\u001b[2J\\nb note=c\\u009bd\n');
  });
});
