import type { Config } from '../config/config.ts';
import { claimEvent } from '../database/attempts/claim-event.ts';
import { failAttempt } from '../database/attempts/end-attempt.ts';
import type { Database } from '../database/connection.ts';
import { countHours } from '../database/figures/activity.ts';
import { readExpectedState } from '../database/musicbrainz/expected-state.ts';
import { itemName, originalFileName } from '../domain/documents/file-names.ts';
import type { EntityType } from '../domain/entity.ts';
import { answerInWords, readS3Error, requestInWords } from '../domain/queue/failure-reason.ts';
import type { EventOrder } from '../domain/queue/indexer-event.ts';
import type { DriftCase } from '../simulator/drift/drift-kind.ts';
import { createRandom, type Random } from '../simulator/random.ts';

/** What a demo has behind it when it begins, as a deployment on its second day. */
export interface Past {
  /** The newest event of it; later ones are the demo's own. 0 where there is none. */
  readonly lastEvent: number;
}

interface PastOptions {
  readonly seed: number;
  readonly cases: readonly DriftCase[];
  readonly config: Config;
}

/**
 * Writes the day before: events that failed for good in three ways, and what was done hour by hour. To be called before a
 * worker runs, which would carry the events out.
 */
export async function writePast(db: Database, { seed, cases, config }: PastOptions): Promise<Past> {
  const random = createRandom(seed).fork('past');
  await writeHours(db, random, cases.length);
  const failed = await planFailures(db, random, cases);
  let lastEvent = 0;
  // One after the other: several are about the same item.
  for (const failure of failed) lastEvent = await writeFailure(db, failure, random, config);
  // As housekeeping does; else the day would be seen only after its first rounds.
  while ((await countHours(db)) > 0);
  return { lastEvent };
}

interface Failure {
  readonly entityType: EntityType;
  readonly order: EventOrder;
  readonly status: number;
  /** What the archive's S3 answered. */
  readonly code: string;
  readonly message: string;
  /** The request that was answered so. */
  readonly request: string;
}

/** Of each way, where there are entities enough. */
const failuresOfAKind = 10;

/**
 * In step with MusicBrainz now, so that the events are what is left to clear up: the owner of an item was settled with the
 * archive, the night in which it was overloaded is over, and the copies were made by hand.
 */
async function planFailures(db: Database, random: Random, cases: readonly DriftCase[]): Promise<Failure[]> {
  const inStep = random.shuffle(cases.filter(({ outcome }) => outcome === 'clean'));
  const indexes = inStep.slice(0, 2 * failuresOfAKind).map(({ entityType, gid }, n): Failure => {
    const isRefused = n % 2 === 0;
    return {
      entityType,
      order: { action: 'index', message: { gid } },
      request: `PUT ${itemName(gid)}/index.json`,
      ...(isRefused
        ? { status: 403, code: 'AccessDenied', message: 'Access Denied You are not the owner of this bucket.' }
        : { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' }),
    };
  });
  // From items of which nothing is left.
  const emptied = random.shuffle(cases.filter(({ outcome }) => outcome === 'legacy'));
  const copies: Failure[] = [];
  for (const [n, { entityType, gid }] of inStep.entries()) {
    const oldGid = emptied.filter((each) => each.entityType === entityType)[n % 2]?.gid;
    if (copies.length >= failuresOfAKind) break;
    if (oldGid === undefined) continue;
    const { images } = await readExpectedState(db, { entityType, gid });
    for (const { id, suffix } of images) {
      copies.push({
        entityType,
        order: { action: 'copy_image', message: { artwork_id: id, old_gid: oldGid, new_gid: gid, suffix } },
        request: `PUT ${itemName(gid)}/${originalFileName(gid, id, suffix)}`,
        status: 404,
        code: 'NoSuchKey',
        message: 'The specified key does not exist. The copy source is not there.',
      });
    }
  }
  return random.shuffle([...indexes, ...copies.slice(0, failuresOfAKind)]);
}

/** Attempts before the event fails for good, with hours from the first one on: an attempt waits as many as were made. */
const earlierAttempts = [0, 1, 3, 6] as const;
const hoursToTheLast = 10;

/** Queues an event as of yesterday, with all its attempts but one, and has that one fail as a worker's does. */
async function writeFailure(db: Database, failure: Failure, random: Random, config: Config): Promise<number> {
  const { entityType, order, status, code, message, request } = failure;
  const [requestId, runId] = [random.uuid(), random.uuid()];
  const body =
    `<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>${code}</Code><Message>${message}</Message>` +
    `<Resource>/${request.split(' ')[1]}</Resource><RequestId>${requestId}</RequestId></Error>`;
  const reason = requestInWords(answerInWords(status, body), request, readS3Error(body)?.requestId);
  const hoursAgo = random.integer(hoursToTheLast + 1, 23) + random.next();
  const { rows } = await db.query<{ id: number }>(
    `insert into artwork_indexer.event_queue (entity_type, action, message, attempts, created, last_updated)
     values ($1, $2, $3, $4, $5, $5) returning id`,
    [entityType, order.action, order.message, earlierAttempts.length, ago(hoursAgo)],
  );
  const eventId = rows[0]?.id ?? 0;
  await db.query(
    `with attempt as materialized (
       select n, run_id, at from unnest($3::int[], $4::text[], $5::timestamptz[]) attempt (n, run_id, at)
     ),
     told as (
       insert into artwork_indexer.event_failure_reason (event, failure_reason, created) select $1, $2, at from attempt
     )
     insert into artwork_reconciler.event_attempt
       (event, run_id, attempt, started_at, ended_at, outcome, reason, status, body_excerpt, request_id)
     select $1, run_id, n, at, at, 'queued', $2, $6, $7, $8 from attempt`,
    [
      eventId,
      reason,
      earlierAttempts.map((_hours, n) => n + 1),
      earlierAttempts.map((_hours, n) => `${runId}-${n}`),
      earlierAttempts.map((hours) => ago(hoursAgo - hours)),
      status,
      body,
      requestId,
    ],
  );
  const claim = await claimEvent(db, { eventId, workflowId: `event-${eventId}`, runId }, config);
  if (claim.kind === 'not_claimed') throw new Error(`event ${eventId} of the demo's past: ${claim.reason}`);
  const answer = { status, bodyExcerpt: body, requestId };
  await failAttempt(db, { eventId, runId, reason, permanent: false, answer }, config);
  const ended = ago(hoursAgo - hoursToTheLast);
  await db.query(
    `with reason as (
       update artwork_indexer.event_failure_reason set created = $2 where event = $1 and created > $2
     ),
     attempt as (
       update artwork_reconciler.event_attempt set started_at = $2, ended_at = $2 where event = $1 and run_id = $3
     )
     update artwork_indexer.event_queue set last_updated = $2 where id = $1`,
    [eventId, ended, runId],
  );
  return eventId;
}

function ago(hours: number): Date {
  return new Date(Date.now() - hours * 3_600_000);
}

/**
 * What was done in each hour of the day before, as housekeeping counts it: audits of a share of the entities, more of them
 * to repair in the beginning, and what they asked.
 */
async function writeHours(db: Database, random: Random, entities: number): Promise<void> {
  const rows: [hoursAgo: number, what: string, key: string, count: number][] = [];
  for (let hoursAgo = 24; hoursAgo >= 1; hoursAgo -= 1) {
    const audits = Math.round(entities * (0.4 + 0.4 * random.next()));
    const share = (most: number): number => Math.round(audits * most * random.next());
    const counts = {
      repair_queue: share(hoursAgo / 40),
      manual_review: share(0.1),
      legacy: share(0.15),
      not_now: share(0.15),
    };
    const { not_now: settling, ...decided } = counts;
    const clean = Math.max(0, audits - settling - Object.values(decided).reduce((sum, count) => sum + count, 0));
    for (const [key, count] of Object.entries({ clean, ...counts })) rows.push([hoursAgo, 'audit', key, count]);
    rows.push([hoursAgo, 'not_now', 'settling', settling]);
    rows.push([hoursAgo, 'request', 'metadata', audits + settling]);
    rows.push([hoursAgo, 'request', 'ws', audits]);
    rows.push([hoursAgo, 'request', 'download', 2 * counts.repair_queue]);
    rows.push([hoursAgo, 'attempt', 'completed', counts.repair_queue + share(0.1)]);
  }
  const [hours, whats, keys, counts] = [0, 1, 2, 3].map((column) => rows.map((row) => row[column]));
  await db.query(
    `insert into artwork_reconciler.activity_hour (hour, what, key, count)
     select date_trunc('hour', now()) - hours * interval '1 hour', what, key, count
     from unnest($1::int[], $2::text[], $3::text[], $4::int[]) hour (hours, what, key, count) where count > 0`,
    [hours, whats, keys, counts],
  );
}
