import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Database, Queryable } from '../database/connection.ts';
import { addEntities } from '../database/entities/add-entities.ts';
import { resolveReview, wontFixReview } from '../database/entities/close-review.ts';
import { countByStatus } from '../database/entities/count-by-status.ts';
import { priorities } from '../domain/priorities.ts';
import type { DriftCase } from '../simulator/drift/drift-kind.ts';
import { startBackfill } from '../starters/start.ts';
import { openTemporal, resultOf } from '../temporal/connection.ts';
import { backfillSources } from '../temporal/messages.ts';
import type { ProgressLine } from '../terminal/terminal.ts';
import type { Demo } from './demo.ts';
import { readUnsettled } from './outcome.ts';

/** Whose word it is; in the record as anybody's. */
const actor = 'demo';

/** The drift whose findings a person may let stand, the most telling first: each is the entity's only one. */
const letStand: readonly string[] = [
  'original_under_other_name',
  'image_of_nobody',
  'image_under_two_suffixes',
  'noindex_missing',
];

/**
 * Does what people do, once all is settled: calls one review resolved though nothing was done about it, so that it comes
 * back marked regressed, and lets the finding of another one stand. Where there are fewer reviews, less.
 *
 * @returns the entities, each with what should become of it now
 */
export async function answerReviews(db: Database, cases: readonly DriftCase[]): Promise<readonly DriftCase[]> {
  const { rows } = await db.query<{ id: number; gid: string }>(
    `select review.id, entity.gid::text from artwork_reconciler.needs_manual_review review
     join artwork_reconciler.audit_entity entity on entity.id = review.audit_entity_id
     where review.status = 'open' order by review.id`,
  );
  const reviews = new Map(rows.map(({ id, gid }) => [gid, id]));
  const open = cases.filter(({ gid }) => reviews.has(gid));
  const standing = letStand.flatMap((kind) => open.find((each) => each.kind === kind) ?? [])[0];
  const regressing = open.find((each) => each !== standing);
  if (regressing !== undefined) {
    const note = 'The uploader was asked to upload it again.';
    await resolveReview(db, { reviewId: reviews.get(regressing.gid) ?? 0, actor, note });
  }
  if (standing === undefined) return cases;
  const note = 'Asked in the forum: it is there on purpose.';
  await wontFixReview(db, { reviewId: reviews.get(standing.gid) ?? 0, actor, note });
  return cases.map((each) => (each === standing ? { ...each, outcome: 'clean' as const } : each));
}

/** Interval at which the rows are read. Milliseconds: a queued event lives for about that long. */
const checkInterval = 50;

/** A demo in which nothing has changed for this long will not settle any more. Seconds. */
const patience = 180;

/** How a demo ended. */
interface Settled {
  /** What is not settled, a line each. */
  readonly unsettled: readonly string[];
  /** Its entities, each with what should have become of it. */
  readonly cases: readonly DriftCase[];
}

/** Watches until all is settled, does what people do then, and watches until that is settled, too. */
export async function settle(demo: Demo, progress: ProgressLine, signal: AbortSignal): Promise<Settled> {
  const unsettled = await watchUntilSettled(demo, progress, signal);
  if (unsettled.length > 0) return { unsettled, cases: demo.cases };
  const cases = await answerReviews(demo.db, demo.cases);
  return { unsettled: await watchUntilSettled(demo, progress, signal), cases };
}

/**
 * Watches until every entity has a final status and nothing is queued, or until nothing moves any more.
 *
 * @returns what is not settled, a line each.
 */
async function watchUntilSettled(demo: Demo, progress: ProgressLine, signal: AbortSignal): Promise<readonly string[]> {
  let changedAt = Date.now();
  let line = '';
  for (;;) {
    signal.throwIfAborted();
    const meddled = await demo.mishaps?.meddle(demo.db);
    if (meddled) progress.say(meddled);
    const now = await progressLine(demo.db, demo.past.lastEvent);
    if (now !== line) changedAt = Date.now();
    line = now;
    progress.show(line);
    const unsettled = await readUnsettled(demo.db);
    if (unsettled.length === 0 || Date.now() - changedAt > patience * 1000) return unsettled;
    // What it is stopped for is said by the signal, not by the wait.
    await wait(checkInterval, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/**
 * Feeds the demo's entities to the product as an operator would: both backfills from MusicBrainz, and, for items of which
 * MusicBrainz knows nothing, a list as the archive's staff hands out.
 *
 * @returns a line about each.
 * @throws the signal's reason: without a worker a backfill would be waited for without end.
 */
export async function feed(
  db: Database,
  address: string,
  cases: readonly DriftCase[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const temporal = await openTemporal({ connectionOptions: { address }, namespace: 'default' });
  try {
    const lines: string[] = [];
    for (const source of backfillSources) {
      const handle = await startBackfill(temporal, { source, dryRun: false });
      const { seen, added } = await untilAborted(temporal, signal, () => resultOf(handle));
      lines.push(`backfill ${source}: ${seen} entities seen, ${added} new`);
    }
    const { added } = await addEntities(
      db,
      cases.map((entity) => ({ ...entity, priority: priorities.usual })),
    );
    return [...lines, `list of items: ${cases.length} entities, ${added} new`];
  } finally {
    await temporal.connection.close();
  }
}

/**
 * Ends what is asked of Temporal with the signal: a call that is open while the connection is closed would be tried again
 * by the client, in a timer, where its error ends the process.
 */
async function untilAborted<Answer>(
  temporal: Client,
  signal: AbortSignal,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await temporal.withAbortSignal(signal, ask);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/**
 * Where all entities and events are now, in a line.
 *
 * @param afterEvent events up to this one are left out
 */
export async function progressLine(db: Queryable, afterEvent = 0): Promise<string> {
  const status = await countByStatus(db);
  const { rows } = await db.query<{ state: string; count: number }>(
    `select state::text, count(*) from artwork_indexer.event_queue where id > $1 group by state`,
    [afterEvent],
  );
  const events = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  const final = status.clean + status.manual_review + status.legacy;
  const total = final + status.unchecked + status.audit_in_progress + status.repair_queue;
  return (
    `${final}/${total} settled: ${status.clean} clean, ${status.manual_review} in review, ${status.legacy} legacy; ` +
    `${status.audit_in_progress} in progress, ${status.repair_queue} under repair, ${status.unchecked} waiting; ` +
    `events: ${(events['queued'] ?? 0) + (events['running'] ?? 0)} open, ${events['completed'] ?? 0} completed, ${events['failed'] ?? 0} failed`
  );
}
