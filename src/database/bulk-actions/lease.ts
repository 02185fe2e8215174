import type { Queryable } from '../connection.ts';

/** Who works on bulk actions: a process, by a name that no other one has. */
export interface LeaseHolder {
  readonly holder: string;
  /** After so long without a batch, another process may take over. */
  readonly leaseSeconds: number;
}

/**
 * Takes a bulk action that there is something to do about and that nobody works on, the oldest first; null where there
 * is none.
 *
 * @param id only this one
 */
export async function takeBulkAction(
  q: Queryable,
  { holder, leaseSeconds }: LeaseHolder,
  id: string | null = null,
): Promise<string | null> {
  const { rows } = await q.query<{ id: string }>(
    `update artwork_reconciler.bulk_action
     set lease_holder = $1, lease_until = clock_timestamp() + $2::float8 * interval '1 second'
     where id = (
       select id from artwork_reconciler.bulk_action
       where state in ('choosing', 'planning', 'running') and ($3::uuid is null or id = $3)
         and (lease_until is null or lease_until < clock_timestamp())
       order by created_at
       limit 1
       -- A batch in hand has the row locked.
       for update skip locked
     )
     returning id`,
    [holder, leaseSeconds, id],
  );
  return rows[0]?.id ?? null;
}

/** Lets others go on with it at once. */
export async function leaveBulkAction(q: Queryable, { holder }: LeaseHolder, id: string): Promise<void> {
  await q.query(
    `update artwork_reconciler.bulk_action set lease_holder = null, lease_until = null
     where id = $1 and lease_holder = $2`,
    [id, holder],
  );
}

/** Writes down why a batch failed; it is tried again once the lease has passed, by whoever is there. */
export async function noteFault(
  q: Queryable,
  { holder, leaseSeconds }: LeaseHolder,
  fault: { readonly id: string; readonly words: string },
): Promise<void> {
  await q.query(
    `update artwork_reconciler.bulk_action
     set fault = $3, lease_until = clock_timestamp() + $4::float8 * interval '1 second'
     where id = $1 and lease_holder = $2`,
    [fault.id, holder, fault.words.replaceAll('\0', '\uFFFD').slice(0, 1000), leaseSeconds],
  );
}
