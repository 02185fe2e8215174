import { randomUUID } from 'node:crypto';
import { decideOn, disagreement } from '../audit/decide.ts';
import { judgeEntity, type Round } from '../audit/judge-entity.ts';
import type { AuditPast, AuditPort, Evidence, AuditRelease, Judgement } from '../audit/steps.ts';
import { CoolDownError, KeyRefusedError, RefusedError, RequestError, UnreadableError } from '../clients/errors.ts';
import type { Operator } from '../database/operators/recorded.ts';
import { type PastAudit, readAuditHistory } from '../database/audits/entity-history.ts';
import { readAuditPast } from '../database/audits/past-audits.ts';
import { beginAudit } from '../database/entities/begin-audit.ts';
import { renewShellClaim, shellClaimMinutes } from '../database/entities/claims.ts';
import { readDecisionBasisTogether } from '../database/audits/decision-basis.ts';
import { readExpectedState } from '../database/musicbrainz/expected-state.ts';
import { recordAction } from '../database/queue/bulk-events.ts';
import { type Decision, restsOnSettledItem } from '../domain/decision/decision.ts';
import { unlistImages } from '../domain/decision/image-lists.ts';
import type { EntityKey, Identity } from '../domain/entity.ts';
import { addCounts, type RequestCounts } from '../domain/queue/request-count.ts';
import { createAuditObservations } from './audit-observations.ts';
import { createAuditSteps } from './audit-steps.ts';
import type { Dependencies } from './dependencies.ts';
import { createWebServiceQuestions } from './document-comparisons.ts';

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
  const archive = createAuditObservations(dependencies, { remembers: false });
  /** What has been seen so far: to be reported where it is not judged. */
  let seen: Pick<Evidence, 'findings' | 'requests'> = { findings: [], requests: {} };
  const port: AuditPort<AuditHere> = {
    archive: {
      ...archive,
      async askTasks(asked) {
        const answer = await archive.askTasks(asked);
        seen = { ...seen, requests: addCounts(seen.requests, answer.requests) };
        return answer;
      },
    },
    musicbrainz: createWebServiceQuestions(dependencies),
    async decide(evidence) {
      seen = evidence;
      return decideHere(dependencies, key, evidence);
    },
  };
  const round = await judgeEntity(port, key, null);
  if (round.kind === 'ended') return round.result;
  if (round.kind === 'give_back' && round.back.entityType !== undefined) {
    return audit(dependencies, { entityType: round.back.entityType, gid: key.gid });
  }
  const { identity } = await readExpectedState(dependencies.db, key);
  return notNow(key, identity, reasonOf(round), seen);
}

function reasonOf(round: Exclude<Round<AuditHere>, { kind: 'ended' }>): string {
  if (round.kind === 'stale') return 'MusicBrainz changed while the archive was read';
  return round.kind === 'wait' ? round.reason : round.back.reason;
}

async function decideHere(
  { db, policies }: Dependencies,
  key: EntityKey,
  evidence: Evidence,
): Promise<Judgement<AuditHere>> {
  const { identity, images } = evidence.observed;
  const disagrees = disagreement(key, evidence);
  if (disagrees !== null) return { kind: 'decided', result: notNow(key, identity, disagrees, evidence) };
  const extraArtworkIds = unlistImages(key.gid, images).extra.map(({ artworkId }) => artworkId);
  const basis = await readDecisionBasisTogether(db, { key, extraArtworkIds });
  if (basis.fingerprint !== evidence.observed.fingerprint) return { kind: 'stale' };
  const decide = (past: AuditPast): Decision => decideOn(basis, evidence, past, policies());
  const atFirst = decide({ repairedChecks: {}, wontFixEvidence: [] });
  // The past is about findings.
  const decision = atFirst.findings.length === 0 ? atFirst : decide(await readAuditPast(db, key));
  if (evidence.tasks === 'not_asked' && restsOnSettledItem(decision)) return { kind: 'ask_tasks' };
  return { kind: 'decided', result: { ...decision, key, identity, requests: evidence.requests, readable: true } };
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

/** What an audit from a shell has recorded. */
export interface AppliedAudit {
  readonly key: EntityKey;
  readonly audit: PastAudit;
  /** False where the archive or the web service could not be read, so that nothing could be told. */
  readonly readable: boolean;
}

type ApplyAnswer = AppliedAudit | { readonly refused: string };

/**
 * Audits an entity in this process and makes the decision come true, with the very steps of the workflow. The claim is
 * this shell's, renewed while it works (life-cycles page, "A claim by the shell"). A shell waits for nothing and tries
 * nothing again: what can't be judged now is released, with the reason.
 *
 * @param how.evenInReportMode has its repairs queued whatever the mode; that is in the record, as is what has a note
 * @param how.stopped aborts once somebody stops the shell: what it has in progress is released at once.
 * @throws what is no fault of a service's, after the entity was released.
 */
export async function auditAndApply(
  given: Dependencies,
  key: EntityKey,
  how: Operator & { readonly evenInReportMode?: boolean; readonly stopped: AbortSignal },
): Promise<ApplyAnswer> {
  const runId = randomUUID();
  const dependencies = { ...given, run: () => ({ workflowId: null, runId }) };
  const { db } = dependencies;
  const startedAt = new Date().toISOString();
  const begin = () => beginAudit(db, { key, workflowId: null, runId, how: 'operator', askedBy: how.actor });
  const first = await begin();
  if (first.kind === 'refused') return { refused: first.reason };
  const { entityId } = first;
  if (how.evenInReportMode || how.note) {
    const after = { run: runId, ...(how.evenInReportMode && { even_in_report_mode: true }) };
    const target = `${key.entityType} ${key.gid}`;
    await db.transaction((tx) => recordAction(tx, how, { action: 'audit entity', target, after }));
  }

  const database = createAuditSteps(dependencies);
  const archive = createAuditObservations(dependencies);
  const musicbrainz = createWebServiceQuestions(dependencies);
  const look = ({ repairedChecks, wontFixEvidence }: AuditPast): Promise<Round> => {
    const begun = { entityId, past: { repairedChecks, wontFixEvidence }, startedAt };
    const decide: AuditPort['decide'] = (evidence) => database.decideAudit(key, begun, evidence, how.evenInReportMode);
    return judgeEntity({ archive, musicbrainz, decide }, key, entityId);
  };
  // Where the claim is gone all the same, the fence keeps this run from deciding.
  const renew = (): void => void renewShellClaim(db, { entityId, runId }).catch(() => undefined);
  const timer = setInterval(renew, (shellClaimMinutes / 10) * 60_000);
  let readable = true;
  let back: AuditRelease | null = null;
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

function returnFor(error: unknown, stopped: AbortSignal): AuditRelease {
  const reason = error instanceof Error ? error.message : String(error);
  if (stopped.aborted) return { cause: 'stopped', reason: 'the shell that audited it was stopped' };
  if (error instanceof CoolDownError) return { cause: 'cool_down', reason, waitSeconds: error.waitSeconds };
  if (error instanceof KeyRefusedError) return { cause: 'keys_refused', reason, project: error.project };
  return error instanceof RequestError ? { cause: 'unreadable', reason } : { cause: 'stopped', reason };
}
