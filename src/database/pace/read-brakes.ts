import type { Config } from '../../config/config.ts';
import type { EntityKey } from '../../domain/entity.ts';
import { type Brake, inUtc, windowBrake } from '../../domain/brake.ts';
import { onlyWarns } from '../brakes/breaker.ts';
import { readCoolDowns } from '../brakes/budget.ts';
import { readStoredBrakes, setBrake, type StoredBrake } from '../brakes/stored-brakes.ts';
import { type PauseWindow, readWindows, readWindowsOn } from '../brakes/windows.ts';
import { type CanarySummary, readCanarySummary } from './canary.ts';
import type { Database, Queryable } from '../connection.ts';
import { type ModeInForce, readMode } from './mode.ts';
import { countWaitingRepairs } from '../queue/counts.ts';
import { isEventDue } from '../queue/due-events.ts';
import { type FullPass, type OwnPace, type Pace, readFullPass, readOwnPaces, readPace } from './rate.ts';

type BrakeSettings = Pick<Config, 'audit' | 'events'>;

/**
 * Every brake that is on now, stored ones first. The breaker is shown as it was last judged; since when one is on that
 * follows from other rows, as far as a tick of the pace has seen it.
 */
export async function readBrakes(q: Queryable, config: BrakeSettings): Promise<readonly Brake[]> {
  const { rows } = await q.query<{ seen: Readonly<Record<string, string>> }>(
    'select brakes as seen from artwork_reconciler.pace',
  );
  const computed = (await readComputedBrakes(q, config)).map((brake) => {
    const seen = rows[0]?.seen[brake.name];
    return brake.since !== null || seen === undefined ? brake : { ...brake, since: new Date(seen) };
  });
  const { mode } = await readMode(q, config.audit);
  const stored = (await readStoredBrakes(q)).map((brake) =>
    onlyWarns(brake, mode) ? { ...brake, stops: 'nothing' as const } : brake,
  );
  return [...stored, ...computed];
}

/** Audits in progress, counted no further than `limit`. */
export async function countInProgress(q: Queryable, limit: number): Promise<number> {
  const { rows } = await q.query<{ count: number }>(
    `select count(*)::int as count
     from (select from artwork_reconciler.audit_entity where status = 'audit_in_progress' limit $1) in_progress`,
    [limit],
  );
  return rows[0]?.count ?? 0;
}

async function readComputedBrakes(q: Queryable, config: BrakeSettings): Promise<readonly Brake[]> {
  const { enabled, maxInProgress, maxWaitingRepairs } = config.audit;
  const brakes: Brake[] = [];
  if (!enabled) brakes.push(auditBrake('audits_disabled', '[audit] enabled is false in the configuration'));
  if (await isEventDue(q, config)) {
    brakes.push(auditBrake('events_due', 'indexer events are due, and go before audits'));
  }
  if ((await countInProgress(q, maxInProgress)) >= maxInProgress) {
    brakes.push(auditBrake('too_many_in_progress', `${maxInProgress} audits are in progress: [audit] max_in_progress`));
  }
  if ((await countWaitingRepairs(q, maxWaitingRepairs)) >= maxWaitingRepairs) {
    const reason = `${maxWaitingRepairs} repairs wait in the queue: [audit] max_waiting_repairs`;
    brakes.push(auditBrake('too_many_repairs_waiting', reason));
  }
  for (const { service, since, until, reason } of await readCoolDowns(q)) {
    brakes.push({
      name: `cool_down_${service}`,
      reason: `nothing is asked of ${service} until ${inUtc(until)}: ${reason}`,
      since,
      until,
      stops: 'audits_and_events',
    });
  }
  for (const { id, what, entityType, reason, since, until } of await readWindowsOn(q)) {
    brakes.push({ name: windowBrake(what, entityType), reason: `window ${id}: ${reason}`, since, until, stops: what });
  }
  return brakes;
}

function auditBrake(name: Brake['name'], reason: string): Brake {
  return { name, reason, since: null, stops: 'audits' };
}

/** In a row. Fewer may be merges that the web service's cache or a replica doesn't show yet. */
const disagreementsToBrake = 3;

/**
 * Notes what the web service says about an orphan of the database. The third consecutive disagreement stops auditing: the
 * database is behind, or the wrong one, and would make orphans of everything. An agreement ends the row; the brake
 * stays until an operator releases it.
 *
 * Noting the same run again counts nothing twice.
 *
 * @returns the brake where this answer put it on, else null
 */
export async function noteWebServiceAnswer(
  db: Database,
  answer: { readonly key: EntityKey; readonly runId: string; readonly agrees: boolean },
): Promise<StoredBrake | null> {
  if (answer.agrees) {
    await db.query('delete from artwork_reconciler.web_service_disagreement');
    return null;
  }
  return db.transaction(async (tx) => {
    // The row of the pace is what all of these wait for: two third disagreements at once don't overlook each other.
    await tx.query('select from artwork_reconciler.pace for update');
    const { rowCount } = await tx.query(
      `insert into artwork_reconciler.web_service_disagreement (run_id, entity_type, gid)
       values ($1, $2::artwork_indexer.indexable_entity_type, $3::uuid) on conflict (run_id) do nothing`,
      [answer.runId, answer.key.entityType, answer.key.gid],
    );
    if (rowCount === 0) return null;
    const { rows } = await tx.query<{ named: string }>(
      `select entity_type || ' ' || gid as named from artwork_reconciler.web_service_disagreement
       order by noticed_at desc, run_id limit $1`,
      [disagreementsToBrake],
    );
    if (rows.length < disagreementsToBrake) return null;
    return setBrake(tx, {
      name: 'database_and_ws_disagree',
      reason:
        `the database says merged, deleted or unknown where the web service still gives the entity, ` +
        `${rows.length} consecutive times (${rows.map(({ named }) => named).join(', ')}): the database is behind, or the wrong one`,
    });
  });
}

/** What decides how fast audits are started, what is done with what they find, and what stops them. */
export interface Pacing {
  readonly pace: Pace;
  /** Of entity types that have one of their own. */
  readonly ownPaces: readonly OwnPace[];
  readonly mode: ModeInForce;
  /** What has come of the newest one; null where there was none. */
  readonly canary: CanarySummary | null;
  /** At that pace. */
  readonly fullPass: FullPass;
  /** Those that are on, stored ones first. */
  readonly brakes: readonly Brake[];
  /** Windows that are on or to come. */
  readonly windows: readonly PauseWindow[];
}

/** Reads what the schedule's page and `schedule show` show alike. */
export async function readPacing(q: Queryable, config: Pick<Config, 'audit' | 'events'>): Promise<Pacing> {
  const pace = await readPace(q, config);
  const ownPaces = await readOwnPaces(q);
  return {
    pace,
    ownPaces,
    mode: await readMode(q, config.audit),
    canary: await readCanarySummary(q),
    fullPass: await readFullPass(q, pace.perHour, ownPaces),
    brakes: await readBrakes(q, config),
    windows: await readWindows(q),
  };
}
