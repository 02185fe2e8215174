import { expect, test } from 'vitest';
import { nextStep } from '../../src/wording/statuses.ts';

const now = new Date('2026-03-01T12:00:00Z');
const settings = { recheckDays: 365, settleMinutes: 60 };
const entity = { status: 'unchecked', dueAt: null, dueCause: null, lastAuditAt: null } as const;
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const daysAgo = (days: number) => inSeconds(-days * 86_400);

test.each([
  [{ ...entity }, 'It is due now, and is audited when its turn comes.'],
  [
    { ...entity, dueAt: inSeconds(7200), dueCause: 'settling' },
    'It is due in 2 h: its item changed lately, or the archive has tasks outstanding for it.',
  ],
  [{ ...entity, dueAt: inSeconds(0), dueCause: 'keys_refused' }, /^It is due now: the archive refused/],
  [{ ...entity, dueAt: inSeconds(60), dueCause: null }, 'It is due in 1 min: no cause is recorded.'],
  // Of an operator's SQL.
  [{ ...entity, dueAt: inSeconds(60), dueCause: 'toString' }, 'It is due in 1 min: toString.'],
  [{ ...entity, dueAt: inSeconds(3600), dueCause: 'excluded' }, /^It is excluded: .*`entities include` undoes that\.$/],
  [{ ...entity, status: 'audit_in_progress' as const }, /^The audit decides/],
  [{ ...entity, status: 'repair_queue' as const }, /audited again, after 1 h; where one fails/],
  [{ ...entity, status: 'manual_review' as const }, /when a person closes the review/],
  [{ ...entity, status: 'clean' as const }, 'It was never audited, and is soon.'],
  [{ ...entity, status: 'clean' as const, lastAuditAt: daysAgo(360) }, /^It is audited again in 5 days,/],
  [{ ...entity, status: 'legacy' as const, lastAuditAt: daysAgo(366) }, /^It is audited again now,/],
])('what happens next to %j', (standing, words) => {
  expect(nextStep(standing, settings, now)).toEqual(
    words instanceof RegExp ? (expect.stringMatching(words) as string) : words,
  );
});
