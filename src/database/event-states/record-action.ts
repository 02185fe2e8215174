import type { Operator } from '../brakes/stored-brakes.ts';
import type { Transaction } from '../connection.ts';

/** Records what a person did to events, in its transaction. A bulk action is one record with its rows. */
export async function recordAction(
  tx: Transaction,
  { actor, note }: Operator,
  done: { readonly action: string; readonly target: string; readonly before?: unknown; readonly after: unknown },
): Promise<void> {
  await tx.query(
    `insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
     values ($1, $2, $3, $4::jsonb, $5::jsonb, $6)`,
    [
      actor,
      done.action,
      done.target,
      done.before === undefined ? null : JSON.stringify(done.before),
      JSON.stringify(done.after),
      note ?? null,
    ],
  );
}
