import { isIP } from 'node:net';
import type { Database, Queryable } from './connection.ts';

/** How many logins there may be within a minute. */
interface LoginLimits {
  readonly perAddress: number;
  readonly overall: number;
}

/**
 * Counts a step of a login, by all dashboards together, unless the last minute had too many of them: of one IPv4 address
 * or IPv6 /64 (whoever has one address of it has all of them), of everybody, or more than half of everybody's from one
 * /24 or /48 (what a single customer may be given), so that nobody alone can lock the others out. What is refused does
 * not count.
 *
 * @returns whole seconds to wait, 1 at least; null where it was counted
 */
export async function countLogin(
  db: Database,
  step: 'return' | 'start',
  address: string,
  { perAddress, overall }: LoginLimits,
): Promise<number | null> {
  const half = Math.max(1, Math.floor(overall / 2));
  return db.transaction(async (tx) => {
    // One after the other, and each in a statement that sees the one before: else many at once would all find room.
    await tx.query('lock table artwork_reconciler.login in share row exclusive mode');
    const { rows } = await tx.query<{ wait: number | null }>(
      `with forgotten as (
         delete from artwork_reconciler.login where at <= clock_timestamp() - interval '1 minute'
       ),
       networks as (
         select network(set_masklen($2::inet, case family($2::inet) when 4 then 32 else 64 end)) as own,
           network(set_masklen($2::inet, case family($2::inet) when 4 then 24 else 48 end)) as wide
       ),
       counted as (
         select login.at, login.network = own as is_own, login.network <<= wide as is_wide
         from artwork_reconciler.login, networks
         where step = $1 and login.at > clock_timestamp() - interval '1 minute'
       ),
       -- The login whose minute has to pass before there is room again.
       awaited as (
         (select at from counted where is_own order by at desc offset $3 - 1 limit 1)
         union all
         (select at from counted where is_wide order by at desc offset $4 - 1 limit 1)
         union all
         (select at from counted order by at desc offset $5 - 1 limit 1)
       ),
       added as (
         insert into artwork_reconciler.login (step, network)
         select $1, own from networks where not exists (select from awaited)
       )
       select greatest(1, ceil(extract(epoch from max(at) + interval '1 minute' - clock_timestamp())))::int as wait
       from awaited
       having count(*) > 0`,
      [step, isIP(address) === 0 ? '::' : address, perAddress, half, overall],
    );
    return rows[0]?.wait ?? null;
  });
}

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
       where began_at <= clock_timestamp() - make_interval(secs => $3)
     )
     insert into artwork_reconciler.dashboard_session (id, account) values ($1, $2)`,
    [id, account, hours * 3_600],
  );
}

/** Whose session it is; null where there is none of that id, it was ended, or it is over. */
export async function accountOfSession(q: Queryable, id: string, hours: number): Promise<string | null> {
  const { rows } = await q.query<{ account: string }>(
    `select account from artwork_reconciler.dashboard_session
     where id = $1 and began_at > clock_timestamp() - make_interval(secs => $2)`,
    [id, hours * 3_600],
  );
  return rows[0]?.account ?? null;
}

/** Ends a session wherever its cookie is. */
export async function forgetSession(q: Queryable, id: string): Promise<void> {
  await q.query('delete from artwork_reconciler.dashboard_session where id = $1', [id]);
}
