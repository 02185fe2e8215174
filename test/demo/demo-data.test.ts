import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { findBrokenLifeCycles } from '../../src/database/audits/broken-life-cycles.ts';
import { readActivity } from '../../src/database/figures/activity.ts';
import { countReasonKinds } from '../../src/database/queue/counts.ts';
import { writePast } from '../../src/demo/past.ts';
import { answerReviews } from '../../src/demo/settle.ts';
import type { DriftCase } from '../../src/simulator/drift/drift-kind.ts';
import { seedDemo } from '../../src/simulator/drift/seed-demo.ts';
import { openReview, reviewNow } from '../dashboard/open-review.ts';
import { finding } from '../database/entities/support.ts';
import { newArchive } from '../simulator/drift/new-archive.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

const config = readConfig({ file: '/dev/null', env: {} });

describe('what a demo has behind it when it begins', () => {
  test('is a day of audits, and 30 events that failed for good in three ways', async () => {
    const { db } = database;
    const cases = await seedDemo(db, newArchive(), { seed: 1, entities: 60 });
    const { lastEvent } = await writePast(db, { seed: 1, cases, config });

    const { kinds } = await countReasonKinds(db, { before: null, limit: 1000 });
    const counts = kinds.map(({ action, kind, count }) => [action, kind.split(':')[0], count]);
    expect(counts.sort()).toEqual([
      ['copy_image', 'HTTP 404 NoSuchKey', 10],
      ['index', 'HTTP 403 AccessDenied', 10],
      ['index', 'HTTP 503 SlowDown', 10],
    ]);
    const { rows } = await db.query(
      `select count(*), max(id), min(attempts), min(now() - created) > interval '10 hours' as old,
              max(now() - last_updated) < interval '1 day' as lately,
              (select count(*) from artwork_reconciler.event_attempt) as tried,
              (select count(*) from artwork_reconciler.brake) as brakes
       from artwork_indexer.event_queue where state = 'failed'`,
    );
    expect(rows).toEqual([{ count: 30, max: lastEvent, min: 5, old: true, lately: true, tried: 150, brakes: 0 }]);
    expect(await findBrokenLifeCycles(db)).toEqual([]);

    const { hours } = await readActivity(db, 24);
    const audited = hours.map(({ audit }) => Object.values(audit).reduce((sum, count) => sum + count, 0));
    expect(audited.filter((count) => count > 0).length).toBeGreaterThanOrEqual(20);
    const answers = hours.flatMap(({ answer }) => Object.keys(answer));
    expect([...new Set(answers)].sort()).toEqual(['403', '404', '503']);
  });

  test.each([0, 1, 7])('is less where there are only %i entities, and nothing fails for that', async (entities) => {
    const other = await createTestDatabase();
    const cases = await seedDemo(other.db, newArchive(), { seed: 2, entities });
    await writePast(other.db, { seed: 2, cases, config });
    expect(await findBrokenLifeCycles(other.db)).toEqual([]);
  });
});

test('people call one review resolved and let another one stand, with a word on why', async () => {
  const { db } = database;
  const kinds = ['dark_without_flag', 'image_of_nobody', 'image_missing'];
  const opened = await Promise.all(kinds.map((kind) => openReview(db, [finding('files.image', 'review', kind)])));
  const cases = opened.map(({ entityType, gid }, n): DriftCase => ({
    entityType,
    gid,
    kind: kinds[n]!,
    outcome: 'manual_review',
  }));
  const expected = await answerReviews(db, cases);
  expect(expected.map(({ outcome }) => outcome)).toEqual(['manual_review', 'clean', 'manual_review']);
  const now = await Promise.all(opened.map(({ reviewId }) => reviewNow(db, reviewId)));
  expect(now.map(({ status }) => status)).toEqual(['resolved', 'wont_fix', 'open']);
  expect(now[1]!.notes).not.toBe('');
  // Of none nothing is said.
  expect(await answerReviews(db, [])).toEqual([]);
});
