import type { Queryable } from '../connection.ts';

/** The evidence of an entity's findings that a person said shall stay, sorted by JavaScript's order of strings. */
export async function readWontFixEvidence(q: Queryable, entityId: number): Promise<string[]> {
  const { rows } = await q.query<{ evidence: string }>(
    `select evidence from artwork_reconciler.wont_fix_evidence where audit_entity_id = $1`,
    [entityId],
  );
  return rows.map(({ evidence }) => evidence).sort();
}
