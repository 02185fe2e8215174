import { CoolDownError, RefusedError, UnreadableError } from '../clients/errors.ts';
import { type AuditPast, readAuditPast } from '../database/audit-queries/index.ts';
import { readExpectedState } from '../database/musicbrainz/expected-state.ts';
import { readDecisionBasisTogether } from '../database/musicbrainz/decision-basis.ts';
import { type Decision, restsOnSettledItem } from '../domain/decision/decision.ts';
import type { EntityKey, Identity } from '../domain/entity.ts';
import { addCounts, type RequestCounts } from '../domain/queue/request-count.ts';
import { unlistImages } from '../domain/decision/image-lists.ts';
import { gatherEvidence } from '../workflows/gather-evidence.ts';
import { decideOn, disagreement } from './audit-decision.ts';
import { createAuditObservations } from './audit-observations.ts';
import type { Evidence } from './audit-results.ts';
import type { Dependencies } from './dependencies.ts';
import { createWebServiceQuestions } from './web-service-questions.ts';

/** What an audit without Temporal found, and would do. */
export interface AuditHere extends Pick<Decision, 'decision' | 'findings' | 'reason' | 'repairs' | 'reviewReasons'> {
  readonly key: EntityKey;
  readonly identity: Identity;
  readonly requests: RequestCounts;
  /** False where the archive or the web service could not be read, so that nothing could be told. */
  readonly readable: boolean;
}

/**
 * Audits an entity in this process, with the very steps of the workflow, and changes nothing: no claim, no history, no
 * event. Waits for nothing either, and tries nothing again; what can't be judged now is `not_now`, with the reason.
 */
export async function auditHere(dependencies: Dependencies, key: EntityKey): Promise<AuditHere> {
  try {
    return await audit(dependencies, key);
  } catch (error) {
    if (!isOfTheMoment(error)) throw error;
    const { identity } = await readExpectedState(dependencies.db, key);
    return { ...notNow(key, identity, error.message, { findings: [], requests: {} }), readable: false };
  }
}

/** A read is refused where the archive slows this item down. */
function isOfTheMoment(error: unknown): error is Error {
  return error instanceof UnreadableError || error instanceof CoolDownError || error instanceof RefusedError;
}

async function audit(dependencies: Dependencies, key: EntityKey): Promise<AuditHere> {
  const { db } = dependencies;
  const archive = createAuditObservations(dependencies, { remembers: false });
  const musicbrainz = createWebServiceQuestions(dependencies);
  const gathered = await gatherEvidence({ archive, musicbrainz }, key, null);
  if (gathered.kind === 'other_kind' && gathered.entityType !== null) {
    return audit(dependencies, { entityType: gathered.entityType, gid: key.gid });
  }
  if (gathered.kind !== 'gathered') {
    const { identity } = await readExpectedState(db, key);
    return notNow(key, identity, gathered.reason, { findings: [], requests: {} });
  }

  const { evidence } = gathered;
  const { identity, images } = evidence.observed;
  const disagrees = disagreement(key, evidence);
  if (disagrees !== null) return notNow(key, identity, disagrees, evidence);
  const extraArtworkIds = unlistImages(key.gid, images).extra.map(({ artworkId }) => artworkId);
  const basis = await readDecisionBasisTogether(db, { key, extraArtworkIds });
  if (basis.fingerprint !== evidence.observed.fingerprint) {
    return notNow(key, identity, 'MusicBrainz changed while the archive was looked at', evidence);
  }
  const decide = (past: AuditPast): Decision => decideOn(basis, evidence, past, dependencies.policies());
  const atFirst = decide({ repairedChecks: {}, wontFixEvidence: [] });
  // The past is about findings.
  const decision = atFirst.findings.length === 0 ? atFirst : decide(await readAuditPast(db, key));
  if (!restsOnSettledItem(decision)) return { ...decision, key, identity, requests: evidence.requests, readable: true };
  const { tasks, requests } = await archive.askTasks(key);
  const all = addCounts(evidence.requests, requests);
  if (tasks !== null && tasks > 0) {
    const reason = `the archive has ${tasks} tasks outstanding for the item`;
    return notNow(key, identity, reason, { ...evidence, requests: all });
  }
  return { ...decision, key, identity, requests: all, readable: true };
}

function notNow(
  key: EntityKey,
  identity: Identity,
  reason: string,
  { findings, requests }: Pick<Evidence, 'findings' | 'requests'>,
): AuditHere {
  const nothing = { decision: 'not_now', repairs: [], reviewReasons: [] } as const;
  return { ...nothing, key, identity, reason, findings, requests, readable: true };
}
