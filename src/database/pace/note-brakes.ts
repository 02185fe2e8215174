import type { Brake } from '../brakes/index.ts';
import type { Transaction } from '../connection.ts';

/** What has changed since brakes were last looked at. */
export interface BrakeChanges {
  readonly on: readonly Brake[];
  readonly off: readonly { readonly name: string; readonly since: Date }[];
}

/**
 * Writes which brakes are on, each with the moment since when, and says what that changes. The moment of a brake that
 * follows from other rows is the one at which it was first seen here.
 *
 * Under the lock of the pace's row: of several processes that look at once, one says of each change that it was one.
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
