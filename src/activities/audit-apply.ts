import { randomUUID } from 'node:crypto';
import { CoolDownError, KeyRefusedError, RequestError } from '../clients/errors.ts';
import { type AuditPast, type PastAudit, readAuditHistory } from '../database/audit-queries/index.ts';
import { beginAudit, renewShellClaim, shellClaimMinutes } from '../database/entity-states/index.ts';
import type { EntityKey } from '../domain/entity.ts';
import { judgeEntity, type Round } from '../workflows/judge-entity.ts';
import { createAuditObservations } from './audit-observations.ts';
import type { GiveBackAudit } from './audit-results.ts';
import { createAuditSteps } from './audit-steps.ts';
import type { Dependencies } from './dependencies.ts';
import { createWebServiceQuestions } from './web-service-questions.ts';

/** What an audit from a shell has recorded. */
export interface AppliedAudit {
  readonly key: EntityKey;
  readonly audit: PastAudit;
  /** False where the archive or the web service could not be read, so that nothing could be told. */
  readonly readable: boolean;
}

export type ApplyAnswer = AppliedAudit | { readonly refused: string };

/**
 * Audits an entity in this process and makes the decision come true, with the very steps of the workflow. The claim is
 * this shell's, renewed while it works (life-cycles page, "A claim by the shell"). A shell waits for nothing and tries
 * nothing again: what can't be judged now is given back, with the reason.
 *
 * @param how.stopped aborts once somebody stops the shell: what it has in hand is given back at once.
 * @throws what is no fault of a service's, after the entity was given back.
 */
export async function auditAndApply(
  given: Dependencies,
  key: EntityKey,
  how: { readonly actor: string; readonly stopped: AbortSignal },
): Promise<ApplyAnswer> {
  const runId = randomUUID();
  const dependencies = { ...given, run: () => ({ workflowId: null, runId }) };
  const { db } = dependencies;
  const startedAt = new Date().toISOString();
  const begin = () => beginAudit(db, { key, workflowId: null, runId, how: 'operator', askedBy: how.actor });
  const first = await begin();
  if (first.kind === 'refused') return { refused: first.reason };
  const { entityId } = first;

  const database = createAuditSteps(dependencies);
  const steps = {
    archive: createAuditObservations(dependencies),
    musicbrainz: createWebServiceQuestions(dependencies),
    decideAudit: database.decideAudit.bind(database),
  };
  const look = ({ repairedChecks, wontFixEvidence }: AuditPast): Promise<Round> =>
    judgeEntity(steps, key, { entityId, past: { repairedChecks, wontFixEvidence }, startedAt });
  // Where the claim is gone all the same, the fence keeps this run from deciding.
  const renew = (): void => void renewShellClaim(db, { entityId, runId }).catch(() => undefined);
  const timer = setInterval(renew, (shellClaimMinutes / 10) * 60_000);
  let readable = true;
  let back: GiveBackAudit | null = null;
  try {
    let round = await look(first);
    while (round.kind === 'stale') {
      // What a person said meanwhile is part of what a decision rests on: it is read again, as the workflow does.
      const again = await begin();
      if (again.kind === 'refused') return { refused: again.reason };
      round = await look(again);
    }
    if (round.kind === 'wait') back = { cause: 'settling', reason: round.reason };
    if (round.kind === 'give_back') back = round.back;
    if (back !== null) await database.giveBackAudit(entityId, back);
  } catch (error) {
    await database.giveBackAudit(entityId, returnFor(error, how.stopped));
    if (how.stopped.aborted || !(error instanceof RequestError)) throw error;
    readable = false;
  } finally {
    clearInterval(timer);
  }
  // Its row is corrected; what it is, is audited.
  if (back?.entityType !== undefined) return auditAndApply(given, { entityType: back.entityType, gid: key.gid }, how);
  const [audit] = await readAuditHistory(db, entityId, { limit: 1 });
  if (audit?.runId !== runId) return { refused: 'its claim was lost while it was audited: nothing was changed' };
  return { key, audit, readable };
}

function returnFor(error: unknown, stopped: AbortSignal): GiveBackAudit {
  const reason = error instanceof Error ? error.message : String(error);
  if (stopped.aborted) return { cause: 'stopped', reason: 'the shell that audited it was stopped' };
  if (error instanceof CoolDownError) return { cause: 'cool_down', reason, waitSeconds: error.waitSeconds };
  if (error instanceof KeyRefusedError) return { cause: 'keys_refused', reason, project: error.project };
  return error instanceof RequestError ? { cause: 'unreadable', reason } : { cause: 'stopped', reason };
}
