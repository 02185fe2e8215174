import type { EntityKey } from '../../domain/entity.ts';
import { gidsNamed } from '../../domain/queue/indexer-event.ts';
import { priorities } from '../../domain/priorities.ts';
import type { Queryable, Transaction } from '../connection.ts';
import { resolveNamed } from '../musicbrainz/entity-kinds.ts';
import { addEntities } from '../entities/add-entities.ts';

/** Events a page, and entities a statement. */
const pageSize = 1_000;

/**
 * Makes due what the queue says has changed since a moment: every entity that an event names which was queued, tried or
 * ended then. For a database that was restored from a dump of that moment: what its audits found since is lost, and what
 * it says of those entities may be no longer so. One in hand, in repair or before a person is left to its own rules.
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
      `select id, entity_type::text, action::text, message, greatest(created, last_updated) >= $2 as changed
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
  readonly entity_type: EntityKey['entityType'];
  readonly action: string;
  readonly message: unknown;
  readonly changed: boolean;
}

function namedBy({ entity_type: entityType, action, message }: ChangedEvent): EntityKey[] {
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
  const { rowCount } = await q.query(
    `update artwork_reconciler.audit_entity entity
     set status = 'unchecked', due_at = null, due_cause = null, priority = $3
     from unnest($1::text[], $2::uuid[]) named (entity_type, gid)
     where entity.entity_type = named.entity_type::artwork_indexer.indexable_entity_type and entity.gid = named.gid
       and entity.status in ('clean', 'legacy')`,
    [keys.map(({ entityType }) => entityType), keys.map(({ gid }) => gid), priorities.usual],
  );
  return added + (rowCount ?? 0);
}
