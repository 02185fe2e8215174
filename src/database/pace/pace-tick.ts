import type { Config } from '../../config/config.ts';
import { type EntityType, entityTypes } from '../../domain/entity.ts';
import { auditableTypes, type Brake, brakedType, stopsAudits } from '../../domain/brake.ts';
import { updateBreaker } from '../brakes/breaker.ts';
import { readStoredBrakes } from '../brakes/stored-brakes.ts';
import type { Database, Transaction } from '../connection.ts';
import { type ClaimShare, claimPacedBatch } from '../entities/claims.ts';
import { wakeDueEntities } from '../entities/make-due.ts';
import { readMode } from './mode.ts';
import { readOwnPaces, readPace } from './rate.ts';
import { countInProgress, readBrakes } from './read-brakes.ts';

/** What the pace has come to: how much of an audit is owed, and when that was reckoned last. */
export interface Account {
  /** Null before the first tick. */
  readonly lastTickAt: Date | null;
  readonly owed: number;
}

interface Rate {
  readonly perHour: number;
  readonly tickSeconds: number;
}

/** So that six sixths are one: sums of fractions fall short of it. Far below what any rate adds in a day. */
const tolerance = 1e-6;

/** Just below one: what is left over starts one audit at the next chance, never a tick's share on top of another. */
const mostLeftOver = 0.999;

/**
 * What is owed at `now`: what was owed, and the time since at the given rate.
 *
 * A run that is late, or one that was lost, counts in full; after a longer pause only one tick does, so nothing is
 * caught up. Where the clock went back nothing is added.
 */
export function reckon(account: Account, now: Date, rate: Rate): Account {
  const { lastTickAt } = account;
  const tick = rate.tickSeconds;
  if (lastTickAt === null) return { lastTickAt: now, owed: account.owed + share(tick, rate) };
  const passed = (now.getTime() - lastTickAt.getTime()) / 1000;
  // A step back of a tick or two is a repeated or late run; a longer one is a clock that was set, and counts from there.
  if (passed <= 0) return { lastTickAt: passed < -2 * tick ? now : lastTickAt, owed: account.owed };
  // The half tick is for runs that are late by a little, each of them.
  return { lastTickAt: now, owed: account.owed + share(passed <= 2.5 * tick ? passed : tick, rate) };
}

/** Whole audits that may be started. */
export function startable(owed: number): number {
  return Math.floor(owed + tolerance);
}

/** What is owed after those were started: less than one, whatever kept the others back. */
export function afterStarting(owed: number, started: number): number {
  return Math.min(Math.max(owed - started, 0), mostLeftOver);
}

function share(seconds: number, rate: Rate): number {
  return (seconds / 3600) * rate.perHour;
}

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
    if (pacer.lastBatch === batch) {
      const brakes = await readBrakes(tx, config);
      return { claimed: pacer.lastClaimed, brakes, changes: await noteBrakes(tx, brakes) };
    }

    const breaker = (await readStoredBrakes(tx)).find(({ name }) => name === 'breaker') ?? null;
    const { mode } = await readMode(tx, config.audit);
    await updateBreaker(tx, breaker, { ...config.audit, mode });
    const brakes = await readBrakes(tx, config);
    const changes = await noteBrakes(tx, brakes);

    const { tickSeconds, maxInProgress } = config.audit;
    const { lastTickAt } = pacer;
    const account = reckon({ lastTickAt, owed: pacer.owed }, tick.now, {
      ...(await readPace(tx, config)),
      tickSeconds,
    });
    const own = (await readOwnPaces(tx)).map((pace) => ({
      ...pace,
      owed: reckon({ lastTickAt, owed: pace.owed }, tick.now, { ...pace, tickSeconds }).owed,
    }));
    const probing = probe(brakes, pacer, tick.now, config.audit.probeMinutes);
    const room = maxInProgress - (await countInProgress(tx, maxInProgress));
    const shares = sharesOf({ brakes, owed: account.owed, own, room, isProbing: probing.due });
    const claimed = (await claimPacedBatch(tx, { shares, batch })).map(toPacedAudit);
    const ownClaims = (entityType: EntityType): number =>
      claimed.filter((audit) => audit.entityType === entityType).length;
    for (const { entityType, owed } of own) {
      await noteOwed(tx, entityType, afterStarting(owed, ownClaims(entityType)));
    }
    const ofAll = claimed.filter(({ entityType }) => !own.some((pace) => pace.entityType === entityType)).length;

    await tx.query(
      `update artwork_reconciler.pace
       set last_tick_at = $1, owed = $2, last_batch = $3, last_claimed = $4::jsonb, started = started + $5, last_probe_at = $6`,
      [
        account.lastTickAt,
        afterStarting(account.owed, ofAll),
        batch,
        JSON.stringify(claimed),
        claimed.length,
        probing.lastProbeAt,
      ],
    );
    return { claimed, brakes, changes };
  });
}

/**
 * How many audits may be started: of all entity types together, and of each that has a pace of its own. What is in
 * progress is the limit of both; the small paces, which somebody set with a purpose, go first.
 */
function sharesOf(tick: {
  readonly brakes: readonly Brake[];
  readonly owed: number;
  readonly own: readonly { readonly entityType: EntityType; readonly owed: number }[];
  /** For how many more in progress there is room. */
  readonly room: number;
  /** Whether one audit is let through to see what the breaker would say. */
  readonly isProbing: boolean;
}): readonly ClaimShare[] {
  const { brakes, owed, own, isProbing } = tick;
  let room = Math.max(tick.room, 0);
  if (isProbing) {
    const others = brakes.filter(({ name }) => name !== 'breaker');
    return [{ count: Math.min(room, 1), entityTypes: narrowed(auditableTypes(others)) }];
  }
  const share = (wanted: number, types: readonly EntityType[] | null): ClaimShare => {
    const count = Math.min(startable(wanted), room);
    room -= count;
    return { count, entityTypes: types };
  };
  const startableTypes = auditableTypes(brakes);
  const ofOwn = own.filter(({ entityType }) => startableTypes.includes(entityType));
  const others = startableTypes.filter((entityType) => !own.some((pace) => pace.entityType === entityType));
  return [...ofOwn.map((pace) => share(pace.owed, [pace.entityType])), share(owed, narrowed(others))];
}

/** With a condition on the type where none is left out, the claim would read another index. */
function narrowed(types: readonly EntityType[]): ClaimShare['entityTypes'] {
  return types.length === entityTypes.length ? null : types;
}

async function noteOwed(tx: Transaction, entityType: EntityType, owed: number): Promise<void> {
  await tx.query('update artwork_reconciler.own_pace set owed = $2 where entity_type::text = $1', [entityType, owed]);
}

interface PacerRow {
  readonly lastTickAt: Date | null;
  readonly lastBatch: string | null;
  readonly lastClaimed: readonly PacedAudit[];
  readonly owed: number;
  readonly lastProbeAt: Date | null;
}

async function lockPacer(tx: Transaction): Promise<PacerRow> {
  const { rows } = await tx.query<PacerRow>(
    `select last_tick_at as "lastTickAt", last_batch as "lastBatch", last_claimed as "lastClaimed", owed,
            last_probe_at as "lastProbeAt"
     from artwork_reconciler.pace for update`,
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
  const stopping = brakes.filter((brake) => stopsAudits(brake) && brakedType(brake.name) === null);
  if (!stopping.some(({ name }) => name === 'breaker')) return { due: false, lastProbeAt: null };
  const last = pacer.lastProbeAt;
  // Without a last one, or with one in the future (the clock was set back), the wait begins now.
  if (probeMinutes === null || last === null || last > now) return { due: false, lastProbeAt: now };
  const due = stopping.length === 1 && now.getTime() - last.getTime() >= probeMinutes * 60_000;
  return { due, lastProbeAt: due ? now : last };
}

function toPacedAudit({ entityType, gid, workflowId }: PacedAudit): PacedAudit {
  return { entityType, gid, workflowId };
}

/** What has changed since brakes were last read. */
export interface BrakeChanges {
  readonly on: readonly Brake[];
  readonly off: readonly { readonly name: string; readonly since: Date }[];
}

/**
 * Writes which brakes are on, each with the moment since when, and says what that changes. The moment of a brake that
 * follows from other rows is the one at which it was first seen here.
 *
 * Under the lock of the pace's row: of several processes that read them at once, one says of each change that it was one.
 */
export async function noteBrakes(tx: Transaction, brakes: readonly Brake[]): Promise<BrakeChanges> {
  const { rows } = await tx.query<{ seen: Readonly<Record<string, string>>; now: Date }>(
    'select brakes as seen, now() as now from artwork_reconciler.pace for update',
  );
  const { seen, now } = rows[0] ?? { seen: {}, now: new Date(NaN) };
  const sinceOf = ({ name, since }: Brake): string => since?.toISOString() ?? seen[name] ?? now.toISOString();
  const noted = Object.fromEntries(brakes.map((brake) => [brake.name, sinceOf(brake)]));
  const on = brakes.filter(({ name }) => seen[name] === undefined);
  const off = Object.entries(seen)
    .filter(([name]) => noted[name] === undefined)
    .map(([name, since]) => ({ name, since: new Date(since) }))
    .sort((one, other) => one.since.getTime() - other.since.getTime());
  if (on.length > 0 || off.length > 0 || brakes.some(({ name }) => seen[name] !== noted[name])) {
    await tx.query('update artwork_reconciler.pace set brakes = $1', [JSON.stringify(noted)]);
  }
  return { on, off };
}
