import sql, { join, raw, type Sql } from 'sql-template-tag';
import { type EntityType, entityTypes, projects } from '../../domain/entity.ts';
import { gidsNamed } from '../../domain/queue/indexer-event.ts';
import type { Operator } from '../operators/recorded.ts';
import { type BulkKind, changed, type RowOutcome } from '../operators/bulk-kind.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { settleWithdrawn } from '../entities/settle-repairs.ts';
import { entityTypeLiterals } from '../entity-types.ts';
import { lockEvents, transactionWithRetry } from '../locks.ts';
import { compareIds } from '../row-id.ts';
import { chooseEvents, type Refusal, recordAction, refuseOthers, rowsOf, targetOf } from '../queue/bulk-events.ts';
import type { EventFilter } from '../queue/event-fields.ts';
import { eventVersion, isOfPausedType, isRepair, item } from '../queue/event-sql.ts';
import { planWithdrawal, type WithdrawalCandidate } from './plan-withdrawal.ts';

/**
 * Takes events that audits queued out of the queue again, batch by batch: each with all that belongs to the same repairs.
 * They become `failed`, with the reason that they were withdrawn, and dismissed: the other daemon takes no such row, and
 * who requeues it has it again as it was.
 */
export const withdrawInBulk: BulkKind = {
  async choose(tx, filter, page) {
    const repairs = {
      ...(filter as EventFilter),
      ...((filter as EventFilter).ids === undefined && { origin: 'audit' as const }),
    };
    const { rows, next } = await chooseEvents(tx, repairs, page, ['queued'], () => true);
    const ids = rows.map(({ target }) => target);
    const along = (await readTree(tx, ids)).filter(({ isOurs, id }) => isOurs && !ids.includes(id));
    const alongRows = await rowsOf(
      tx,
      along.map(({ id }) => id),
      true,
    );
    return { rows: [...rows, ...alongRows], next };
  },

  async together(tx, { actionId, targets, dryRun }) {
    const tree = await readTree(tx, targets);
    const { rows } = await tx.query<{ id: number }>(
      sql`select pending.target as id from artwork_reconciler.bulk_action_row pending
       where pending.bulk_action = ${actionId} and pending.target = any (${tree.map(({ id }) => id)}::bigint[])
         and pending.target <> all (${targets}::bigint[]) and ${raw(dryRun ? 'planned' : 'outcome')} is null`,
    );
    return rows.map(({ id }) => id);
  },

  async carryOut(tx, { rows, dryRun, by }) {
    const versions = new Map(rows.map(({ target, version }) => [target, version]));
    const plan = planWithdrawal(await lockTree(tx, [...versions.keys()], versions), new Set(versions.keys()));
    if (!dryRun) {
      await leaveToMusicBrainz(tx, plan.left);
      await cutLoose(tx, plan.cutLoose);
      await writeWithdrawals(tx, plan.withdrawn, by);
    }
    const outcomes: RowOutcome[] = [
      ...plan.withdrawn.map(({ id }) => ({ target: id, outcome: 'done' as const })),
      ...plan.refused.map(({ id, reason }) => ({ target: id, outcome: 'refused' as const, reason })),
    ].filter(({ target }) => versions.has(target));
    const decided = new Set(outcomes.map(({ target }) => target));
    return [...outcomes, ...(await refuseOthers(tx, rows, decided))];
  },
};

export interface WithdrawResult {
  readonly withdrawn: readonly number[];
  /** Those of them that nobody asked for, but that belong to the same repairs. */
  readonly along: readonly number[];
  readonly refused: readonly Refusal[];
}

/** The same of a few events, in one transaction and with one record. */
export async function withdrawEvents(
  db: Database,
  ids: readonly number[],
  by: Operator,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<WithdrawResult> {
  return transactionWithRetry(db, async (tx) => {
    const { rows } = await withdrawInBulk.choose(tx, { ids }, { after: null, limit: ids.length });
    const batch = rows.map(({ target, version }) => ({ target, version: version ?? null, planned: null }));
    const outcomes = await withdrawInBulk.carryOut(tx, { actionId: '', filter: { ids }, rows: batch, dryRun, by });
    const withdrawn = outcomes.flatMap(({ target, outcome }) => (outcome === 'done' ? [target] : [])).sort(compareIds);
    if (!dryRun && withdrawn.length > 0) {
      await recordAction(tx, by, { action: 'withdraw events', target: targetOf(withdrawn), after: { withdrawn } });
    }
    const refused = outcomes.flatMap(({ target, outcome, reason = '' }) =>
      outcome === 'refused' ? [{ id: target, reason }] : [],
    );
    return { withdrawn, along: withdrawn.filter((id) => !ids.includes(id)), refused };
  });
}

interface TreeNode {
  readonly id: number;
  /** Queued by an audit. */
  readonly isOurs: boolean;
}

/**
 * The open events that depend on each other, directly or not, with these: what audits queued both ways, and of others
 * only what depends on one of theirs. One that runs is named, too.
 */
async function readTree(tx: Transaction, ids: readonly number[]): Promise<readonly TreeNode[]> {
  const { rows } = await tx.query<TreeNode>(
    sql`with recursive node as (
       select e.id, e.depends_on, ${raw(isRepair('e'))} as ours, e.state = 'queued' as queued
       from artwork_indexer.event_queue e
       where e.id = any (${ids}::bigint[]) and e.state in ('queued', 'running') and ${raw(isRepair('e'))}
       union
       select near.id, near.depends_on, near.ours, near.queued
       from node cross join lateral (
         select e.id, e.depends_on, ${raw(isRepair('e'))} as ours, e.state = 'queued' as queued
         from artwork_indexer.event_queue e
         where e.id = any (node.depends_on) and e.state in ('queued', 'running') and ${raw(isRepair('e'))}
         union all
         select e.id, e.depends_on, ${raw(isRepair('e'))}, true
         from artwork_indexer.event_queue e
         where e.depends_on @> array[node.id] and e.state in ('queued', 'failed') and e.state = 'queued'
       ) near
       where node.ours and node.queued
     )
     select id, ours and queued as "isOurs" from node`,
  );
  return rows;
}

/** Walks that find nothing new but for somebody who keeps queueing; then it is tried again as a whole. */
const mostWalks = 5;

/** The trees of these events, their rows locked: what is tied to one meanwhile is found by walking again. */
async function lockTree(
  tx: Transaction,
  ids: readonly number[],
  versions: ReadonlyMap<number, string | null>,
): Promise<WithdrawalCandidate[]> {
  let known = new Set<number>(ids);
  for (let walk = 1; ; walk++) {
    const { rows } = await tx.query<LockedRow>(
      lockEvents(
        sql`select e.id, e.state::text as state, e.action::text as action, e.entity_type::text as "entityType", e.message,
           coalesce(e.depends_on, '{}') as "dependsOn", ${raw(isRepair('e'))} as "isRepair",
           exists (select from artwork_reconciler.event_claim claim where claim.event = e.id) as claimed,
           ${isEdited} as "isEdited", ${raw(eventVersion)} as version
         from artwork_indexer.event_queue e
         where e.id = any (${[...known]}::bigint[]) and e.state in ('queued', 'running')`,
      ),
    );
    const found = new Set([...known, ...(await readTree(tx, ids)).map(({ id }) => id)]);
    if (found.size === known.size || walk === mostWalks) {
      return rows.map(({ version, ...row }) => {
        const seen = versions.get(row.id);
        return { ...row, obstacle: seen !== undefined && seen !== version ? changed : null };
      });
    }
    known = found;
  }
}

interface LockedRow extends Omit<WithdrawalCandidate, 'obstacle'> {
  readonly version: string;
}

/**
 * Whether somebody has edited the entity that an event `e` names since it was queued: MusicBrainz' triggers queue no second
 * `index` beside it, so it is theirs, too.
 */
const isEdited = sql`case when e.action <> 'index' or ${raw(item('e'))} !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then false
    else case e.entity_type ${join(entityTypes.map(editedSince), ' ')} else false end end`;

function editedSince(type: EntityType): Sql {
  const { editLink, entity, entityColumn } = projects[type].tables;
  return raw(`when ${entityTypeLiterals[type]} then exists (
      select from ${entity} named
      join ${editLink} link on link.${entityColumn} = named.id
      join musicbrainz.edit on edit.id = link.edit
      where named.gid = ${item('e')}::uuid and (edit.open_time >= e.created or edit.close_time between e.created and clock_timestamp()))`);
}

/**
 * While repairs are paused: each `index` of an audit that is MusicBrainz' too continues as theirs. Housekeeping does it, and not
 * the search for due events: there each waiting repair would be asked for with every poll.
 *
 * @returns how many
 */
export async function leaveEditedToMusicBrainz(q: Queryable): Promise<number> {
  const { rowCount } = await q.query(
    sql`delete from artwork_reconciler.event_origin origin
     using artwork_indexer.event_queue e
     where e.id = origin.event and origin.origin = 'audit' and e.state = 'queued'
       and ${raw(isOfPausedType('e'))} and ${isEdited}`,
  );
  return rowCount ?? 0;
}

/** An `index` that is MusicBrainz' too stays queued, as theirs. */
async function leaveToMusicBrainz(tx: Transaction, ids: readonly number[]): Promise<void> {
  await tx.query('delete from artwork_reconciler.event_origin where event = any ($1::bigint[])', [ids]);
}

/** Lets what stays queued wait no longer for what is withdrawn. */
async function cutLoose(
  tx: Transaction,
  from: readonly { readonly id: number; readonly parents: readonly number[] }[],
) {
  for (const { id, parents } of from) {
    await tx.query(
      `update artwork_indexer.event_queue
       set depends_on = nullif(array(select parent from unnest(depends_on) parent where parent <> all ($2::bigint[])), '{}')
       where id = $1`,
      [id, parents],
    );
  }
}

/** Of queued events whose rows are locked. */
async function writeWithdrawals(
  tx: Transaction,
  events: readonly Pick<WithdrawalCandidate, 'action' | 'entityType' | 'id' | 'message'>[],
  by: Operator,
): Promise<void> {
  if (events.length === 0) return;
  const note = by.note ? `: ${by.note}` : '';
  await tx.query(
    `with withdrawn as (
       update artwork_indexer.event_queue set state = 'failed', last_updated = now() where id = any ($1::bigint[])
       returning id
     ),
     waited as (delete from artwork_reconciler.event_not_before where event = any ($1::bigint[])),
     told as (
       insert into artwork_indexer.event_failure_reason (event, failure_reason, created)
       select id, $2, clock_timestamp() from withdrawn
     )
     insert into artwork_reconciler.event_dismissal (event, last_updated, actor, note)
     select id, now(), $3, $4 from withdrawn
     on conflict (event) do update
       set last_updated = excluded.last_updated, at = now(), actor = excluded.actor, note = excluded.note`,
    [events.map(({ id }) => id), `withdrawn by ${by.actor}${note}`, by.actor, by.note ?? null],
  );
  await settleWithdrawn(
    tx,
    events.map(({ id, entityType, action, message }) => ({ id, entityType, gids: gidsNamed(action, message) })),
  );
}
