import { randomUUID } from 'node:crypto';
import { auditHere } from '../src/activities/audit-here.ts';
import { openDependencies } from '../src/activities/dependencies.ts';
import { readConfig } from '../src/config/config.ts';
import type { Queryable } from '../src/database/connection.ts';
import { readBrokenPromises } from '../src/demo/outcome.ts';
import { itemName } from '../src/domain/documents/file-names.ts';
import type { EntityKey } from '../src/domain/entity.ts';
import { noFaults } from '../src/simulator/archive/faults.ts';
import { asksAboutFailedRepairs, type Failure, isExcused, lineOf, readFailures } from './failures.ts';
import type { Stage } from './stage.ts';
import type { Aimed } from './troubles.ts';

export interface Verdict {
  /** What must not be, a line each; empty where all is well. */
  readonly broken: readonly string[];
  /** How much there was of what, for people. */
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * What must hold in the end: everything settled, nothing lost, nobody's rules broken; every event carried out, or failed
 * for a reason that stands; and every entity's status true, as an audit sees that meets no faults.
 */
export async function readVerdict(stage: Stage, aimed: Aimed, unsettled: readonly string[]): Promise<Verdict> {
  const { db, simulator } = stage;
  Object.assign(simulator.faults, noFaults());
  simulator.archive.settle();
  for (const artworkId of await readMovedTo(db, aimed.stuck)) simulator.archive.permitRemoval(artworkId);
  const failed = await readFailures(db);
  const entities = await readStatuses(db);
  const untrue = unsettled.length > 0 ? [] : await findUntrue(stage, aimed, entities, failed);
  const claims = await db.query(`select from artwork_reconciler.event_claim`);
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from artwork_indexer.event_queue where state = 'completed'`,
  );
  return {
    broken: [
      ...unsettled.map((line) => `not settled: ${line}`),
      ...(await readBrokenPromises(db, simulator)),
      ...(claims.rows.length > 0 && unsettled.length === 0 ? [`${claims.rows.length} claims of events are left`] : []),
      ...failed.filter((failure) => !isExcused(failure, aimed, simulator.archive)).map(lineOf),
      ...untrue,
    ],
    figures: {
      entities: entities.length,
      ...countBy(entities.map(({ status }) => status)),
      events_completed: rows[0]?.count ?? 0,
      events_failed: failed.length,
    },
  };
}

/**
 * The images that MusicBrainz' own triggers moved to an item. The deletion at the end of a move is MusicBrainz' word and
 * isn't held back until the copy is seen (life-cycles page): to the item that never applies a write, their bytes are in
 * a task that the archive accepted. What an audit or a person deletes has no such excuse.
 */
async function readMovedTo(db: Queryable, identifier: string | null): Promise<readonly number[]> {
  const { rows } = await db.query<{ artwork_id: number }>(
    `select distinct (message->>'artwork_id')::bigint as artwork_id from artwork_indexer.event_queue event
     where action = 'copy_image' and 'mbid-' || (message->>'new_gid') = $1
       and not exists (select from artwork_reconciler.event_origin origin where origin.event = event.id)`,
    [identifier],
  );
  return rows.map(({ artwork_id: artworkId }) => artworkId);
}

interface Status extends EntityKey {
  readonly status: string;
  readonly review: string | null;
  /**
   * Whether its review also rests on another entity, the owner of an image say, that has changed since: what completes there is
   * no event of its own, so it stays before a person (life-cycles page, the ways out of `manual_review`).
   */
  readonly restsOnChanged: boolean;
}

export async function readStatuses(db: Queryable): Promise<readonly Status[]> {
  const { rows } = await db.query<Status>(
    `select entity_type::text as "entityType", gid::text, entity.status::text, review.review_reason as review,
            exists (
              select from artwork_indexer.event_queue event,
                unnest(array[message->>'gid', message->>'old_gid', message->>'new_gid']) as named
              where event.created > review.updated_at and named <> entity.gid::text
                and strpos(review.review_reason || review.reasons::text, named) > 0
            ) as "restsOnChanged"
     from artwork_reconciler.audit_entity entity
     left join artwork_reconciler.needs_manual_review review
       on review.audit_entity_id = entity.id and review.status = 'open'
     order by entity.id`,
  );
  return rows;
}

/** Entities whose status is not what an undisturbed audit comes to, a line each. */
async function findUntrue(
  { db, configFile }: Stage,
  { refused, stuck, slowed }: Aimed,
  entities: readonly Status[],
  failed: readonly Failure[],
): Promise<readonly string[]> {
  const env = {
    ARCHIVE_REQUESTS_PER_SECOND: '10000',
    MUSICBRAINZ_REQUESTS_PER_SECOND: '10000',
    AUDIT_SETTLE_MINUTES: '0',
  };
  const config = readConfig({ file: configFile, env });
  const run = { workflowId: null, runId: randomUUID() };
  const dependencies = openDependencies({ db, config: () => config, run: () => run });
  const outOfOrder = [refused, stuck, slowed];
  const untrue: string[] = [];
  for (const { entityType, gid, status, review, restsOnChanged } of entities) {
    const { decision, findings, reason } = await auditHere(dependencies, { entityType, gid });
    if (decision === status) continue;
    const named = failed.some(({ message }) => Object.values(message).includes(gid));
    // A person is asked about what could not be repaired, whatever the reason.
    const isAsked = named || restsOnChanged || outOfOrder.includes(itemName(gid)) || asksAboutFailedRepairs(review);
    if (status === 'manual_review' && isAsked) continue;
    const what = findings.map(({ check }) => check).join(', ') || (reason ?? 'nothing');
    untrue.push(`${entityType} ${gid} is ${status} (${review ?? 'no review'}), but an audit says ${decision}: ${what}`);
  }
  return untrue;
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
