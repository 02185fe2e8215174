import type { Config } from '../../config/config.ts';
import type { EntityType } from '../../domain/entity.ts';
import {
  type Brake,
  countInProgress,
  readBrakes,
  readStoredBrakes,
  stopsAudits,
  updateBreaker,
} from '../brakes/index.ts';
import type { Database, Transaction } from '../connection.ts';
import { claimPacedBatch } from '../entity-states/claim-paced-batch.ts';
import { wakeDueEntities } from '../entity-states/wake-due-entities.ts';
import { readMode } from '../mode.ts';
import { type BrakeChanges, noteBrakes } from './note-brakes.ts';
import { afterStarting, reckon, startable } from './owed.ts';
import { readPace } from './rate.ts';

/** An entity whose audit is to be started under this workflow id. */
export interface PacedAudit {
  readonly entityType: EntityType;
  readonly gid: string;
  readonly workflowId: string;
}

export interface PaceTick {
  readonly claimed: readonly PacedAudit[];
  /** All that are on, those that don't stop audits too. */
  readonly brakes: readonly Brake[];
  /** Since the last tick. */
  readonly changes: BrakeChanges;
}

/**
 * One tick of the pace: claims as many entities as the budget allows by now and the brakes let through.
 *
 * What was started is counted in the database, under the lock of one row: restarts, lost runs and several pacers at once
 * don't change the pace. A tick that is repeated under the same name gives what it claimed the first time.
 *
 * @param tick.now The time for pacing only; claims, cool-downs and due times go by the database's clock.
 * @param tick.batch Names the tick; its time does where it is not given.
 */
export async function paceTick(
  db: Database,
  tick: { readonly now: Date; readonly batch?: string },
  config: Pick<Config, 'audit' | 'events'>,
): Promise<PaceTick> {
  const batch = tick.batch ?? tick.now.toISOString();
  await wakeDueEntities(db);
  return db.transaction(async (tx) => {
    const pacer = await lockPacer(tx);
    if (pacer.last_batch === batch) {
      const brakes = await readBrakes(tx, config);
      return { claimed: pacer.last_claimed, brakes, changes: await noteBrakes(tx, brakes) };
    }

    const breaker = (await readStoredBrakes(tx)).find(({ name }) => name === 'breaker') ?? null;
    const { mode } = await readMode(tx, config.audit);
    await updateBreaker(tx, breaker, { ...config.audit, mode });
    const brakes = await readBrakes(tx, config);
    const changes = await noteBrakes(tx, brakes);

    const { perHour } = await readPace(tx, config);
    const account = reckon({ lastTickAt: pacer.last_tick_at, owed: pacer.owed }, tick.now, {
      perHour,
      tickSeconds: config.audit.tickSeconds,
    });
    const probing = probe(brakes, pacer, tick.now, config.audit.probeMinutes);
    const allowed = brakes.some(stopsAudits) ? (probing.due ? 1 : 0) : startable(account.owed);
    const room = config.audit.maxInProgress - (await countInProgress(tx, config.audit.maxInProgress));
    const count = Math.min(allowed, Math.max(room, 0));
    const claimed = count > 0 ? (await claimPacedBatch(tx, { count, batch })).map(toPacedAudit) : [];

    await tx.query(
      `update artwork_reconciler.pace
       set last_tick_at = $1, owed = $2, last_batch = $3, last_claimed = $4::jsonb, started = started + $5, last_probe_at = $6`,
      [
        account.lastTickAt,
        afterStarting(account.owed, claimed.length),
        batch,
        JSON.stringify(claimed),
        claimed.length,
        probing.lastProbeAt,
      ],
    );
    return { claimed, brakes, changes };
  });
}

interface PacerRow {
  readonly last_tick_at: Date | null;
  readonly last_batch: string | null;
  readonly last_claimed: readonly PacedAudit[];
  readonly owed: number;
  readonly last_probe_at: Date | null;
}

async function lockPacer(tx: Transaction): Promise<PacerRow> {
  const { rows } = await tx.query<PacerRow>(
    `select last_tick_at, last_batch, last_claimed, owed, last_probe_at from artwork_reconciler.pace for update`,
  );
  const row = rows[0];
  if (row === undefined) {
    throw new Error(
      'artwork_reconciler.pace is empty: its one row is made by the migration; nothing is started without it',
    );
  }
  return row;
}

/**
 * Whether the breaker, being the only thing that stops audits, lets one through now to see whether it still shows what
 * tripped the breaker. The first one comes `probe_minutes` after the first tick that found it on.
 */
function probe(
  brakes: readonly Brake[],
  pacer: PacerRow,
  now: Date,
  probeMinutes: number | null,
): { readonly due: boolean; readonly lastProbeAt: Date | null } {
  const stopping = brakes.filter(stopsAudits);
  if (!stopping.some(({ name }) => name === 'breaker')) return { due: false, lastProbeAt: null };
  const last = pacer.last_probe_at;
  // Without a last one, or with one in the future (the clock was set back), the wait begins now.
  if (probeMinutes === null || last === null || last > now) return { due: false, lastProbeAt: now };
  const due = stopping.length === 1 && now.getTime() - last.getTime() >= probeMinutes * 60_000;
  return { due, lastProbeAt: due ? now : last };
}

function toPacedAudit({ entityType, gid, workflowId }: PacedAudit): PacedAudit {
  return { entityType, gid, workflowId };
}
