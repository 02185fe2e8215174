import sql, { raw, type Sql } from 'sql-template-tag';
import type { Config } from '../../config/config.ts';
import type { EntityKey, EntityType } from '../../domain/entity.ts';
import { priorities } from '../../domain/priorities.ts';
import { gidsNamed } from '../../domain/queue/indexer-event.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { resolveNamed } from '../musicbrainz/entity-kinds.ts';
import { addEntities } from './add-entities.ts';
import { clear } from './claims.ts';

/** Events a page, and entities a statement. */
const pageSize = 1_000;

/**
 * Makes due what the queue says has changed since a moment: every entity that an event names which was queued, tried or
 * ended then. For a database that was restored from a dump of that moment: what its audits found since is lost, and what
 * it says of those entities may be no longer so. One in progress, in repair or before a person is left to its own rules.
 *
 * Each page of events is read by the primary key, the whole queue once: this is done once in a deployment's life.
 *
 * @returns how many entities that were in order, or not known, are due now
 */
export async function makeDueSince(tx: Transaction, since: Date): Promise<number> {
  const seen = new Set<string>();
  let madeDue = 0;
  for (let after: number | null = 0; after !== null;) {
    const { rows }: { rows: ChangedEvent[] } = await tx.query<ChangedEvent>(
      `select id, entity_type::text as "entityType", action::text, message, greatest(created, last_updated) >= $2 as changed
       from artwork_indexer.event_queue where id > $1 order by id limit ${pageSize}`,
      [after, since],
    );
    const named = rows.filter(({ changed }) => changed).flatMap(namedBy);
    const fresh = named.filter(({ gid }) => !seen.has(gid));
    for (const { gid } of fresh) seen.add(gid);
    madeDue += await makeDue(tx, fresh);
    after = rows.at(-1)?.id ?? null;
  }
  return madeDue;
}

interface ChangedEvent {
  readonly id: number;
  readonly entityType: EntityKey['entityType'];
  readonly action: string;
  readonly message: unknown;
  readonly changed: boolean;
}

function namedBy({ entityType, action, message }: ChangedEvent): EntityKey[] {
  return gidsNamed(action, message).map((gid) => ({ entityType, gid }));
}

async function makeDue(q: Queryable, named: readonly EntityKey[]): Promise<number> {
  if (named.length === 0) return 0;
  const keys: EntityKey[] = [];
  // Anybody may have queued an event, with the wrong kind.
  for (const each of named) keys.push(await resolveNamed(q, each));
  const { added } = await addEntities(
    q,
    keys.map((key) => ({ ...key, priority: priorities.usual })),
  );
  return added + (await makeOrderlyDue(q, keys));
}

/**
 * Makes entities that were in order due, where their items were written since they were audited last. One in progress, in
 * repair or before a person is left to its own rules. Repeated, it makes none due that was audited meanwhile.
 *
 * @param written a page of the archive's items
 * @returns how many
 */
export async function makeWrittenDue(
  q: Queryable,
  written: readonly (EntityKey & { readonly writtenAt: Date })[],
): Promise<number> {
  return written.length === 0 ? 0 : makeOrderlyDue(q, written);
}

/** @param named without `writtenAt`: due however lately it was audited */
async function makeOrderlyDue(
  q: Queryable,
  named: readonly (EntityKey & { readonly writtenAt?: Date })[],
): Promise<number> {
  const { rowCount } = await q.query(
    `update artwork_reconciler.audit_entity entity
     set status = 'unchecked', ${clear('due')}, priority = $4
     from unnest($1::text[], $2::uuid[], $3::timestamptz[]) named (entity_type, gid, written_at)
     where entity.entity_type = named.entity_type::artwork_indexer.indexable_entity_type and entity.gid = named.gid
       and entity.status in ('clean', 'legacy')
       and coalesce(entity.last_audit_at < named.written_at, true)`,
    [
      named.map(({ entityType }) => entityType),
      named.map(({ gid }) => gid),
      named.map(({ writtenAt }) => writtenAt ?? null),
      priorities.usual,
    ],
  );
  return rowCount ?? 0;
}

/** Rows a statement, so that a switch after a full pass in report mode doesn't lock a million rows at once. */
const rowsAtOnce = 10_000;

/**
 * What was found in report mode to need repairs is due now: it is audited again and then repaired. Nothing old is
 * queued. Called by whoever starts in repair mode; where nothing waits it changes nothing.
 *
 * @param most a canary makes no more due than it repairs
 * @returns how many entities became due
 */
export async function switchToRepairMode(q: Queryable, most = Infinity): Promise<number> {
  return endWaits(q, { cause: 'report_mode', most });
}

/** Makes due now what waits because of this. @returns how many entities became due */
export async function endWaits(
  q: Queryable,
  { cause, entityType, most = Infinity }: { cause: DueCause; entityType?: EntityType; most?: number },
): Promise<number> {
  let total = 0;
  for (;;) {
    const limit = Math.min(rowsAtOnce, most - total);
    const { rowCount } = await q.query(
      `update artwork_reconciler.audit_entity entity
       set ${clear('due')}
       from (select id from artwork_reconciler.audit_entity
             where status = 'unchecked' and due_at is not null and due_cause = $2
               and ($3::text is null or entity_type::text = $3)
             limit $1
             for update skip locked) waiting
       where entity.id = waiting.id`,
      [limit, cause, entityType ?? null],
    );
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < limit || total >= most) return total;
  }
}

/** Why an `unchecked` entity waits; what clears waits of one kind finds them by it. */
export const dueCauses = [
  'cool_down',
  'discarded',
  'event_ended',
  'excluded',
  'keys_refused',
  'kind_disputed',
  'pending_events',
  'report_mode',
  'settling',
  'unreadable',
  'verification',
  'waited_too_long',
  'window',
  'ws_disagrees',
] as const;
export type DueCause = (typeof dueCauses)[number];

/**
 * Makes an entity `unchecked`, whatever it was, and takes it out of every hand: claim, discards and the repairs it
 * waited for are cleared. The streaks (repairs, returns) stay, they end with a decision.
 *
 * @param wait.waitSeconds seconds from now until it is due; null is due now, and so are 0 and less
 * @param wait.priority left as it is where not given
 *
 * The caller holds the row's lock, or doesn't mind what the row was.
 */
export async function makeUnchecked(
  q: Queryable,
  entityId: number,
  wait: { readonly waitSeconds: number | null; readonly cause: DueCause | null; readonly priority?: number },
): Promise<void> {
  const waits = wait.waitSeconds !== null && wait.waitSeconds > 0;
  await q.query(
    `update artwork_reconciler.audit_entity
     set status = 'unchecked',
         due_at = now() + make_interval(secs => $2),
         due_cause = $3,
         priority = coalesce($4, priority),
         ${clear('claim', 'waiting', 'discards')}
     where id = $1`,
    [entityId, waits ? wait.waitSeconds : null, waits ? wait.cause : null, wait.priority ?? null],
  );
}

/**
 * Makes `clean` and `legacy` entities `unchecked` whose last audit is `recheck_days` ago, oldest first. New ones are
 * not starved: at the same priority the claim prefers what was never audited. An entity that was set to `clean` by hand
 * without an audit is as old as can be.
 *
 * @param what.limit rows at once; oldest first, so the rest follows at the next call
 * @returns how many
 */
export async function recheckEntities(
  q: Queryable,
  settings: Pick<Config['audit'], 'recheckDays'>,
  what: { readonly limit?: number } = {},
): Promise<number> {
  const limit = what.limit ?? 1_000;
  const recheck = (isOld: Sql, most: number): Sql => sql`
    update artwork_reconciler.audit_entity entity
    set status = 'unchecked', ${raw(clear('due', 'waiting'))}
    from (select id from artwork_reconciler.audit_entity
          where status in ('clean', 'legacy') and ${isOld}
          order by last_audit_at, id
          limit ${most}
          for update skip locked) due
    where entity.id = due.id`;
  // Two statements: with an `or` the index would not be entered at the oldest.
  const never = await q.query(recheck(sql`last_audit_at is null`, limit));
  const left = limit - (never.rowCount ?? 0);
  if (left <= 0) return limit;
  const old = await q.query(
    recheck(sql`last_audit_at <= now() - make_interval(secs => ${settings.recheckDays * 86_400})`, left),
  );
  return (never.rowCount ?? 0) + (old.rowCount ?? 0);
}

/**
 * Makes entities whose due time has come claimable. The pacer calls it before every claim.
 *
 * Why a step of its own: the claim's index holds only rows without a due time; with waiting rows in it, 200,000 of them
 * made a claim take 39 ms.
 *
 * @param what.limit rows at once, so that a million that become due together don't make one transaction; the rest
 * follows at the next call
 * @returns how many
 */
export async function wakeDueEntities(q: Queryable, what: { readonly limit?: number } = {}): Promise<number> {
  const { rowCount } = await q.query(
    `update artwork_reconciler.audit_entity entity
     set ${clear('due')}
     from (select id from artwork_reconciler.audit_entity
           where status = 'unchecked' and due_at is not null and due_at <= now()
           order by due_at
           limit $1
           for update skip locked) due
     where entity.id = due.id`,
    [what.limit ?? 10_000],
  );
  return rowCount ?? 0;
}
