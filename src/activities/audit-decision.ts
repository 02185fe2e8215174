import type { AuditPast } from '../database/audit-queries/index.ts';
import { noteWebServiceAnswer } from '../database/brakes/index.ts';
import type { Queryable } from '../database/connection.ts';
import { decideAudit } from '../database/entity-states/index.ts';
import { type DecisionBasis, readDecisionBasis } from '../database/musicbrainz/decision-basis.ts';
import type { PolicyTable } from '../domain/checks/index.ts';
import { decide, type Decision, restsOnSettledItem } from '../domain/decision/decision.ts';
import { inParts } from '../domain/checks/finding.ts';
import type { EntityKey } from '../domain/entity.ts';
import { unlistCopies, unlistImages } from '../domain/decision/image-lists.ts';
import type { AuditResult, BegunStep, Evidence, GiveBackAudit, Judgement } from './audit-results.ts';
import type { Dependencies } from './dependencies.ts';

/** Discards in a row after which the entity is given back (life-cycles page, `audit_in_progress`). */
const longestDiscardRow = 3;

type GiveBack = (entityId: number, back: GiveBackAudit) => Promise<AuditResult>;

export function createDecision({ db, config, policies, run }: Dependencies, giveBack: GiveBack) {
  return {
    /**
     * Decides about an entity on what was gathered, and makes it come true in one transaction; or says what has to be
     * known first, or that what it rests on has changed.
     */
    async decideAudit(
      key: EntityKey,
      begun: Pick<Begun, 'entityId' | 'past' | 'startedAt'>,
      evidence: Evidence,
    ): Promise<Judgement> {
      const { entityId, past, startedAt } = begun;
      const { identity, images, fingerprint } = evidence.observed;
      const disagrees = disagreement(key, evidence);
      if (identity !== 'live') await noteWebServiceAnswer(db, { key, runId: run().runId, agrees: disagrees === null });
      if (disagrees !== null) return ended(await giveBack(entityId, { cause: 'ws_disagrees', reason: disagrees }));

      const extraArtworkIds = unlistImages(key.gid, images).extra.map(({ artworkId }) => artworkId);
      const judge = async (q: Queryable) => {
        const basis = await readDecisionBasis(q, { key, extraArtworkIds });
        return { fingerprint: basis.fingerprint, decision: decideOn(basis, evidence, past, policies()) };
      };
      const made: { decision?: Decision } = {};
      const answer = await decideAudit(
        db,
        {
          entityId,
          runId: run().runId,
          identity,
          fingerprint,
          judge: async (tx) => {
            const judged = await judge(tx);
            made.decision = judged.decision;
            return isFinal(judged.decision, evidence) ? judged : { ...judged, decision: null };
          },
          wontFixEvidence: past.wontFixEvidence,
          startedAt: new Date(startedAt),
          requests: evidence.requests,
          mode: config().audit.mode,
        },
        config().audit,
      );
      // A step that is repeated finds its decision made.
      const decision = made.decision ?? (await judge(db)).decision;
      if (answer.kind === 'decided') return ended(describe(decision));
      if (answer.kind === 'undecided') {
        if (decision.decision !== 'not_now') return { kind: 'ask_tasks' };
        return ended(await giveBack(entityId, { cause: 'unreadable', reason: decision.reason ?? 'not now' }));
      }
      if (answer.kind === 'not_ours')
        return ended({ outcome: 'not_ours', reason: 'another run has the entity in hand' });
      if (answer.discards < longestDiscardRow) return { kind: 'stale' };
      const reason = `what the decision rests on changed ${answer.discards} times while it was made`;
      return ended(await giveBack(entityId, { cause: 'discarded', reason }));
    },
  };
}

/** Whether nothing has to be known first, and something can be decided at all. */
function isFinal(decision: Decision, { tasks }: Evidence): boolean {
  return decision.decision !== 'not_now' && (tasks !== 'not_asked' || !restsOnSettledItem(decision));
}

/** The decision on what was gathered, with owners and images as MusicBrainz has them now. */
export function decideOn(
  { expected, owners }: DecisionBasis,
  evidence: Evidence,
  past: AuditPast,
  policies: PolicyTable,
): Decision {
  const copies = evidence.copies.flatMap(({ question, seen }) => unlistCopies(question, seen));
  return decide({
    expected,
    findings: evidence.findings.map(inParts),
    images: { ...unlistImages(expected.key.gid, evidence.observed.images), owners, copies },
    policies,
    wontFixEvidence: past.wontFixEvidence,
    repairedBefore: past.repairedChecks,
  });
}

/** Who the database says the gid is, and what the web service says, in words where they differ; else null. */
export function disagreement(key: EntityKey, { observed, webService }: Evidence): string | null {
  if (webService === 'not_asked') return null;
  const { identity } = observed;
  if (identity === 'live') {
    return webService === 'this_entity'
      ? null
      : `the web service has no ${key.entityType} of this MBID, the database has`;
  }
  const agrees = webService !== 'this_entity';
  return agrees ? null : `the database says ${identity}, and the web service still gives the ${key.entityType}`;
}

type Begun = Extract<BegunStep, { kind: 'begun' }>;

function ended(result: AuditResult): Judgement {
  return { kind: 'decided', result };
}

/** A decision as the Temporal UI shows it: every finding by name, without its examples. */
function describe({ decision, reason, findings, repairs, reviewReasons }: Decision): AuditResult {
  return {
    outcome: decision,
    reason,
    findings: findings.map(({ check, count, policy }) => ({ check, count, policy })),
    repairs: repairs.slice(0, mostShown).map(({ action, message }) => `${action} ${JSON.stringify(message)}`),
    reviewReasons: reviewReasons.slice(0, mostShown).map((each) => each.reason),
  };
}

/** Of a thousand repairs the first few tell what is going on; all are in the database. */
const mostShown = 20;
