import type { Queryable } from './connection.ts';

/**
 * Keeps who logged in. Sessions that are over are forgotten along with it.
 *
 * @param hours how long a session lasts
 */
export async function keepSession(
  q: Queryable,
  { id, account, hours }: { readonly id: string; readonly account: string; readonly hours: number },
): Promise<void> {
  await q.query(
    `with forgotten as (
       delete from artwork_reconciler.dashboard_session
       where began_at <= clock_timestamp() - $3::float8 * interval '1 hour'
     )
     insert into artwork_reconciler.dashboard_session (id, account) values ($1, $2)`,
    [id, account, hours],
  );
}

/** Whose session it is; null where there is none of that id, it was ended, or it is over. */
export async function accountOfSession(q: Queryable, id: string, hours: number): Promise<string | null> {
  const { rows } = await q.query<{ account: string }>(
    `select account from artwork_reconciler.dashboard_session
     where id = $1 and began_at > clock_timestamp() - $2::float8 * interval '1 hour'`,
    [id, hours],
  );
  return rows[0]?.account ?? null;
}

/** Ends a session wherever its cookie is. */
export async function forgetSession(q: Queryable, id: string): Promise<void> {
  await q.query('delete from artwork_reconciler.dashboard_session where id = $1', [id]);
}
