import type { Difference } from '../../domain/checks/finding.ts';
import type { Queryable } from '../connection.ts';

/** A document of an entity's item, as it was compared. */
export interface JudgedDocument {
  readonly fileName: string;
  /** Of the file at the archive. */
  readonly md5: string;
  /** A hash of all that the comparison rested on: the same gives the same differences. */
  readonly expectation: string;
  readonly differences: readonly Difference[];
}

/** What was judged before of an entity's documents: at most one judgement a file, the latest. */
export async function readJudgedDocuments(q: Queryable, entityId: number): Promise<readonly JudgedDocument[]> {
  const { rows } = await q.query<JudgedDocument>(
    `select file_name as "fileName", md5, expectation, differences
     from artwork_reconciler.judged_document
     where audit_entity_id = $1
     order by file_name`,
    [entityId],
  );
  return rows;
}

/**
 * Remembers a judgement instead of the file's former one, so that the same content under the same expectation need not
 * be downloaded again. Safe to repeat.
 */
export async function rememberJudgedDocument(q: Queryable, entityId: number, judged: JudgedDocument): Promise<void> {
  await q.query(
    `insert into artwork_reconciler.judged_document (audit_entity_id, file_name, md5, expectation, differences)
     values ($1, $2, $3, $4, $5)
     on conflict (audit_entity_id, file_name) do update
     set md5 = excluded.md5, expectation = excluded.expectation, differences = excluded.differences, judged_at = now()`,
    [entityId, judged.fileName, judged.md5, judged.expectation, JSON.stringify(judged.differences)],
  );
}
