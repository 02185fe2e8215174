import { beforeEach, expect, test } from 'vitest';
import { setBrake } from '../../src/database/brakes/stored-brakes.ts';
import { addWindow } from '../../src/database/pace/change-windows.ts';
import { resolveReview } from '../../src/database/entities/close-review.ts';
import { dashboardParts, type Visitor, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';
import { dark, openReview } from './open-review.ts';

/* What is sent eight times at once, as by impatient clicks and by proxies that try again, is done and recorded once. */

const database = await createTestDatabase();
const { db } = database;
let visitor: Visitor;
beforeEach(async () => {
  await db.query('truncate artwork_reconciler.brake, artwork_reconciler.pause_window');
  await db.query('truncate artwork_reconciler.audit_entity, artwork_reconciler.operator_action cascade');
  visitor = visitorOf(dashboardParts({ db }));
  // With connections that are there already, so that all eight are carried out at once.
  await Promise.all(Array.from({ length: 10 }, () => db.transaction((tx) => tx.query('select 1'))));
});

const nothing = (): Promise<object> => Promise.resolve({});
const paused = (what: string) => async () => {
  await visitor.call(`/api/schedule/pause-${what}`, {});
  return {};
};
const reviewed = async () => ({ review: (await openReview(db, [dark])).reviewId });

/** By the action's path: what is there before, and the body. */
const cases: Readonly<Record<string, (() => Promise<object>) | undefined>> = {
  'schedule/pause-audits': nothing,
  'schedule/pause-events': nothing,
  'schedule/pause-repairs': nothing,
  'schedule/resume-audits': paused('audits'),
  'schedule/resume-events': paused('events'),
  'schedule/resume-repairs': paused('repairs'),
  'schedule/release': async () => {
    await setBrake(db, { name: 'breaker', reason: 'they all say so' });
    return { brake: 'breaker' };
  },
  'schedule/window': () => Promise.resolve({ until: '23:59+12:00' }),
  'schedule/end-window': async () => {
    const order = { kind: 'moments', begins: null, ends: new Date(Date.now() + 3_600_000), daily: false } as const;
    return { id: (await addWindow(db, { order, stops: 'all', reason: 'x', by: { actor: 'ida' } })).id };
  },
  'schedule/mode': async () => {
    await visitor.call('/api/schedule/mode', { mode: 'report' });
    return { mode: 'repair' };
  },
  'schedule/pace': async () => {
    await visitor.call('/api/schedule/pace', { unit: 'default' });
    return { number: 7, unit: 'hour' };
  },
  'reviews/resolve': reviewed,
  'reviews/wont-fix': reviewed,
  'reviews/reopen': async () => {
    const { review } = await reviewed();
    await resolveReview(db, { reviewId: review, actor: 'ida', note: 'seen to' });
    return { review };
  },
  'entities/index': () => Promise.resolve({ entity: crypto.randomUUID() }),
};

test.each(Object.keys(cases))('%s', async (path) => {
  const body = { ...(await cases[path]!()), note: 'why not' };
  await db.query('truncate artwork_reconciler.operator_action cascade');
  const answers = await Promise.all(Array.from({ length: 8 }, () => visitor.call(`/api/${path}`, body)));
  expect(answers.map(({ status }) => status).filter((status) => status !== 409)).toContain(200);
  const { rows } = await db.query<{ action: string; note: string }>(
    'select action, note from artwork_reconciler.operator_action',
  );
  expect(rows).toEqual([{ action: expect.any(String) as string, note: 'why not' }]);
  for (const { status } of answers) expect([200, 409]).toContain(status);
});
