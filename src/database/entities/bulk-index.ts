import type { EntityKey } from '../../domain/entity.ts';
import type { RowOutcome, BulkKind } from '../bulk-actions/bulk-kind.ts';
import { entityTargets, readStandIns } from '../bulk-actions/by-list.ts';
import type { Queryable } from '../connection.ts';
import { queueIndex, readQueuedIndexes } from '../queue/queue-event.ts';
import { chooseEntities } from './bulk-entities.ts';

/** Queues an `index` of entities, audit entities or not, where none is queued. */
export const indexInBulk: BulkKind = {
  choose: chooseEntities,
  rowsOf: entityTargets,
  async carryOut(tx, { rows, actionId, dryRun }) {
    const targets = rows.map(({ target }) => target);
    const keys = new Map([...(await readStandIns(tx, actionId, targets)), ...(await readKeys(tx, targets))]);
    const queued = await readQueuedIndexes(tx, [...keys.values()]);
    const outcomes: RowOutcome[] = [];
    // In the order of their messages, as whoever writes the queue does.
    const order = (target: number): string => keys.get(target)?.gid ?? '';
    for (const target of targets.toSorted((one, other) => (order(one) < order(other) ? -1 : 1))) {
      outcomes.push(await indexOne(target, keys.get(target)));
    }
    return outcomes;

    async function indexOne(target: number, key: EntityKey | undefined): Promise<RowOutcome> {
      if (key === undefined) return { target, outcome: 'refused', reason: `there is no entity ${target}` };
      const known = queued.get(key.gid);
      if (known !== undefined) return { target, outcome: 'skipped', reason: `event ${known} is queued already` };
      if (dryRun) return { target, outcome: 'done' };
      const { id, isNew } = await queueIndex(tx, key);
      if (!isNew) return { target, outcome: 'skipped', reason: `event ${id} is queued already` };
      return { target, outcome: 'done', reason: `event ${id}`, before: { event: id } };
    }
  },
};

async function readKeys(q: Queryable, targets: readonly number[]): Promise<ReadonlyMap<number, EntityKey>> {
  const { rows } = await q.query<EntityKey & { readonly id: number }>(
    `select id, entity_type::text as "entityType", gid::text from artwork_reconciler.audit_entity
     where id = any ($1::bigint[])`,
    [targets],
  );
  return new Map(rows.map(({ id, entityType, gid }) => [id, { entityType, gid }]));
}
