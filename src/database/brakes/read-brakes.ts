import type { Config } from '../../config/config.ts';
import { readCoolDowns } from '../cool-down.ts';
import type { Queryable } from '../connection.ts';
import { isEventDue } from '../event-queries/due-events.ts';
import { countWaitingRepairs } from '../event-queries/waiting-repairs.ts';
import { readMode } from '../mode.ts';
import type { Brake } from './brake.ts';
import { onlyWarns } from './breaker.ts';
import { readStoredBrakes } from './stored-brakes.ts';

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

/** Audits in hand, counted no further than `limit`. */
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
      reason: `nothing is asked of ${service} until ${until.toISOString()}: ${reason}`,
      since,
      stops: 'audits_and_events',
    });
  }
  return brakes;
}

function auditBrake(name: Brake['name'], reason: string): Brake {
  return { name, reason, since: null, stops: 'audits' };
}
