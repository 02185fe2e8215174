import type { Transaction } from '../connection.ts';
import type { BulkKind } from './bulk-kind.ts';
import type { ActionInHand } from './step.ts';

/** Chooses the next rows, or, where there are no more, goes on to say what would become of them. */
export async function chooseRows(tx: Transaction, action: ActionInHand, kind: BulkKind, limit: number): Promise<void> {
  const { rows, next } = await kind.choose(tx, action.filter, { after: action.cursor, limit });
  await tx.query(
    `with written as (
       insert into artwork_reconciler.bulk_action_row as former (bulk_action, target, place, along, version, same_as)
       select $1, * from unnest($2::bigint[], $3::timestamptz[], $4::boolean[], $5::text[], $6::text[])
       -- One that goes along with a row may be asked for itself on a later page.
       on conflict (bulk_action, target) do update set along = false where former.along and not excluded.along
       returning xmax = 0 as is_new, along
     )
     update artwork_reconciler.bulk_action
     set chosen = chosen + (select count(*) from written where is_new),
       along = along + (select count(*) from written where is_new and along)
         - (select count(*) from written where not is_new),
       cursor = $7::jsonb, state = $8
     where id = $1`,
    [
      action.id,
      rows.map(({ target }) => target),
      rows.map(({ place }) => place),
      rows.map(({ along }) => along ?? false),
      rows.map(({ version }) => version ?? null),
      rows.map(({ sameAs }) => sameAs ?? null),
      next === null ? null : JSON.stringify(next),
      next === null ? 'planning' : 'choosing',
    ],
  );
}
