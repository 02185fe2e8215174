import { type Audience, audienceNames } from '../../domain/checks/check.ts';
import type { Operator } from '../operators/recorded.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { clear } from './claims.ts';

/** Who can act outside of this program. */
export const handedOverTo = ['archive_staff', 'musicbrainz_editors'] as const satisfies readonly Audience[];

/** How something is handed over. */
export interface HandOverOptions {
  readonly to: (typeof handedOverTo)[number];
  /** Where it was reported, e.g. the number of a ticket. */
  readonly ticket?: string;
  /** After that many it is asked for again: `[audit] handed_over_days`. */
  readonly days: number;
}

/** What was handed over of an entity. */
export interface HandOver {
  readonly to: HandOverOptions['to'];
  readonly at: Date;
  readonly by: string;
  readonly until: Date;
  readonly ticket: string | null;
  readonly note: string | null;
}

/** What is handed over of entities, by their ids. */
export async function readHandOvers(
  q: Queryable,
  entityIds: readonly number[],
): Promise<ReadonlyMap<number, HandOver>> {
  const { rows } = await q.query<HandOver & { readonly entityId: number }>(
    `select audit_entity_id as "entityId", handed_over_to as "to", handed_over_at as at, handed_over_by as by,
       handed_over_until as until, ticket, note
     from artwork_reconciler.hand_over where audit_entity_id = any ($1::bigint[])`,
    [entityIds],
  );
  return new Map(rows.map(({ entityId, ...handOver }) => [entityId, handOver]));
}

/** To whom, since when, as whose ticket. */
export function handOverInWords({ to, at, by, ticket }: HandOver): string {
  const day = at.toISOString().slice(0, 10);
  return `handed over to ${audienceNames[to]} on ${day} by ${by}${ticket === null ? '' : ` (${ticket})`}`;
}

/**
 * Hands over what was found of entities. One that was handed over before is so again, to whom and for how long it says now.
 *
 * @param found of each entity the checks of its findings
 */
export async function handOver(
  q: Queryable,
  found: readonly { readonly entityId: number; readonly checks: readonly string[] }[],
  { to, ticket, days }: HandOverOptions,
  { actor, note }: Operator,
): Promise<void> {
  await q.query(
    `insert into artwork_reconciler.hand_over
       (audit_entity_id, checks, handed_over_to, ticket, handed_over_by, note, handed_over_until)
     select entity, array(select jsonb_array_elements_text(checks)), $2, $3, $4, $5, now() + make_interval(secs => $6)
     from jsonb_to_recordset($1::jsonb) as found (entity bigint, checks jsonb)
     order by entity
     on conflict (audit_entity_id) do update set
       checks = excluded.checks, handed_over_to = excluded.handed_over_to, ticket = excluded.ticket,
       handed_over_by = excluded.handed_over_by, note = excluded.note, handed_over_at = now(),
       handed_over_until = excluded.handed_over_until`,
    [
      JSON.stringify(found.map(({ entityId, checks }) => ({ entity: entityId, checks }))),
      to,
      ticket ?? null,
      actor,
      note ?? null,
      days * 86_400,
    ],
  );
}

/** Hands over what was handed over once, as it was then. */
export async function putHandOversBack(
  q: Queryable,
  former: readonly (HandOver & { readonly entityId: number; readonly checks: readonly string[] })[],
): Promise<void> {
  await q.query(
    `insert into artwork_reconciler.hand_over
       (audit_entity_id, checks, handed_over_to, ticket, handed_over_by, note, handed_over_at, handed_over_until)
     select "entityId", array(select jsonb_array_elements_text(checks)), "to", ticket, by, note, at, until
     from jsonb_to_recordset($1::jsonb) as former
       ("entityId" bigint, checks jsonb, "to" text, ticket text, by text, note text, at timestamptz, until timestamptz)
     order by "entityId"`,
    [JSON.stringify(former)],
  );
}

/** The entities whose findings a list handed over, and which nothing has handed over or taken back since. */
export async function entitiesOfList(
  q: Queryable,
  { actor, handedOverAt, after, limit }: { actor: string; handedOverAt: string; after: number; limit: number },
): Promise<readonly number[]> {
  const { rows } = await q.query<{ id: number }>(
    `select audit_entity_id as id from artwork_reconciler.hand_over
     where handed_over_by = $1 and handed_over_at = $2::timestamptz and audit_entity_id > $3
     order by audit_entity_id limit $4`,
    [actor, handedOverAt, after, limit],
  );
  return rows.map(({ id }) => id);
}

/** Records that a list was handed over: what was in it then has this moment and this person in `hand_over`. */
export async function recordHandOver(
  q: Queryable,
  { list, entities, to, ticket, days }: HandOverOptions & { readonly list: string; readonly entities: number },
  { actor, note }: Operator,
): Promise<void> {
  await q.query(
    `insert into artwork_reconciler.operator_action (actor, action, target, after, note)
     values ($1, 'hand over list', $2, jsonb_build_object('list', $2::text, 'entities', $3::int, 'to', $4::text,
       'ticket', $5::text, 'days', $6::float8, 'handed_over_at', now()), $7)`,
    [actor, list, entities, to, ticket ?? null, days, note ?? null],
  );
}

/** Takes hand-overs back: what was found is in the lists again. */
export async function takeBack(q: Queryable, entityIds: readonly number[]): Promise<void> {
  await q.query(`delete from artwork_reconciler.hand_over where audit_entity_id = any ($1::bigint[])`, [entityIds]);
}

/** Where something else is found than what was handed over, a person has to decide. The caller holds the entity's lock. */
export async function takeBackForNews(tx: Transaction, entityId: number, checks: readonly string[]): Promise<void> {
  await tx.query(`delete from artwork_reconciler.hand_over where audit_entity_id = $1 and not checks @> $2::text[]`, [
    entityId,
    checks,
  ]);
}

/** Hand-overs at once. */
const atOnce = 1_000;

/**
 * Ends those whose time is up: they are in the lists again, and who waits for a person is audited again, so that what was
 * done meanwhile is seen.
 *
 * @returns how many
 */
export async function endHandOvers(q: Queryable): Promise<number> {
  const { rowCount } = await q.query(
    `with ended as (
       delete from artwork_reconciler.hand_over
       where audit_entity_id in (
         select audit_entity_id from artwork_reconciler.hand_over where handed_over_until <= now()
         order by handed_over_until limit $1 for update skip locked)
       returning audit_entity_id
     ),
     due as (
       update artwork_reconciler.audit_entity set status = 'unchecked', ${clear('due')}
       where id in (select audit_entity_id from ended) and status = 'manual_review'
     )
     select from ended`,
    [atOnce],
  );
  return rowCount ?? 0;
}
