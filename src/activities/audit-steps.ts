import { decideOn, disagreement, isFinal } from '../audit/decide.ts';
import { evidenceAtOnce } from '../audit/judge-entity.ts';
import type {
  ArchiveSteps,
  AuditBeginning,
  AuditInput,
  AuditPace,
  AuditResult,
  BegunStep,
  Evidence,
  AuditRelease,
  Judgement,
} from '../audit/steps.ts';
import { anyAuditDecidedLately } from '../database/audits/past-audits.ts';
import { keysBrake } from '../domain/brake.ts';
import { setBrake } from '../database/brakes/stored-brakes.ts';
import type { Queryable } from '../database/connection.ts';
import { beginAudit } from '../database/entities/begin-audit.ts';
import { decideAudit } from '../database/audits/decide-audit.ts';
import { releaseEntity } from '../database/entities/release-entity.ts';
import { readBasisAndReview } from '../database/audits/decision-basis.ts';
import { noteWebServiceAnswer } from '../database/pace/read-brakes.ts';
import type { Decision } from '../domain/decision/decision.ts';
import { unlistImages } from '../domain/decision/image-lists.ts';
import type { EntityKey } from '../domain/entity.ts';
import { attributesAtEnd } from '../temporal/search-attributes.ts';
import type { Dependencies } from './dependencies.ts';

/** Consecutive discards after which the entity is released (life-cycles page, `audit_in_progress`). */
const longestDiscardRow = 3;

type Release = (entityId: number, back: AuditRelease) => Promise<AuditResult>;

function createDecision({ db, config, policies, run }: Dependencies, release: Release) {
  return {
    /**
     * Decides about an entity on what was gathered, and makes it come true in one transaction; or says what has to be
     * known first, or that what it rests on has changed.
     *
     * @param evenInReportMode an operator says so, for this entity alone
     */
    async decideAudit(
      key: EntityKey,
      begun: AuditBeginning,
      evidence: Evidence,
      evenInReportMode = begun.evenInReportMode === true,
    ): Promise<Judgement> {
      const { entityId, past, startedAt } = begun;
      const { identity, images, fingerprint } = evidence.observed;
      const disagrees = disagreement(key, evidence);
      if (identity !== 'live') await noteWebServiceAnswer(db, { key, runId: run().runId, agrees: disagrees === null });
      if (disagrees !== null) return ended(await release(entityId, { cause: 'ws_disagrees', reason: disagrees }));

      const extraArtworkIds = unlistImages(key.gid, images).extra.map(({ artworkId }) => artworkId);
      const judge = async (q: Queryable) => {
        const { review, ...basis } = await readBasisAndReview(q, { key, extraArtworkIds }, entityId);
        return { fingerprint: basis.fingerprint, review, decision: decideOn(basis, evidence, past, policies()) };
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
          evenInReportMode,
        },
        config().audit,
      );
      // A step that is repeated finds its decision made.
      const decision = made.decision ?? (await judge(db)).decision;
      if (answer.kind === 'decided') return ended(describe(decision));
      if (answer.kind === 'undecided') {
        if (decision.decision !== 'not_now') return { kind: 'ask_tasks' };
        return ended(await release(entityId, { cause: 'unreadable', reason: decision.reason ?? 'not now' }));
      }
      if (answer.kind === 'not_ours')
        return ended({ outcome: 'not_ours', reason: 'another run has claimed the entity' });
      if (answer.discards < longestDiscardRow) return { kind: 'stale' };
      const reason = `what the decision rests on changed ${answer.discards} times while it was made`;
      return ended(await release(entityId, { cause: 'discarded', reason }));
    },
  };
}

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

export type AuditSteps = ReturnType<typeof createAuditSteps>;

/** The short database steps of an audit. All are fenced by the run, and safe to repeat. */
export function createAuditSteps(dependencies: Dependencies) {
  const { db, config, run, searchAttributes } = dependencies;
  return {
    ...createDecision(dependencies, giveBackAudit),

    /** Claims the entity for this run. */
    async beginAudit({ how, entityType, gid, served }: AuditInput): Promise<BegunStep> {
      const begun = await beginAudit(db, { key: { entityType, gid }, how, served, ...run() });
      if (begun.kind === 'refused') return begun;
      const { entityId, repairedChecks, wontFixEvidence } = begun;
      return {
        kind: 'begun',
        entityId,
        past: { repairedChecks, wontFixEvidence },
        pace: pace(),
        startedAt: new Date().toISOString(),
      };
    },

    giveBackAudit,
  };

  /** Ends the audit without a decision; after too many such returns a person looks. */
  async function giveBackAudit(entityId: number, back: AuditRelease): Promise<AuditResult> {
    const cause = back.cause === 'unreadable' ? await whoseFault() : back.cause;
    if (back.project !== undefined) await setBrake(db, { name: keysBrake(back.project), reason: back.reason });
    const answer = await releaseEntity(db, { ...back, cause, entityId, runId: run().runId }, config().audit);
    if (answer.kind === 'not_ours') return { outcome: 'not_ours', reason: back.reason };
    return { outcome: answer.status === 'manual_review' ? 'manual_review' : 'given_back', reason: back.reason };
  }

  /** What can't be read while other items can is this item's own trouble, and counts as such. */
  async function whoseFault(): Promise<'item_unreadable' | 'unreadable'> {
    return (await anyAuditDecidedLately(db, config().audit.settleMinutes)) ? 'item_unreadable' : 'unreadable';
  }

  function pace(): AuditPace {
    const { audit } = config();
    return {
      retries: audit.quickRetries,
      firstRetrySeconds: audit.quickRetrySeconds,
      longestWaitSeconds: audit.maxWaitHours * 3600,
      searchAttributes: attributesAtEnd(searchAttributes),
    };
  }
}

/**
 * The same steps, of which the one that observes the item also decides, where nothing is left to ask: a step less for almost
 * every audit. What it has observed is not lost where it can't decide: then that is a step of its own, which is tried again
 * without another request.
 */
export function decidingAtOnce(steps: ArchiveSteps, decision: Pick<AuditSteps, 'decideAudit'>): ArchiveSteps {
  return {
    ...steps,
    async observeItem(key, begun) {
      const observed = await steps.observeItem(key);
      // Workflows of an older version don't say of what the audit began.
      if (begun === undefined || observed.kind !== 'observed') return observed;
      const evidence = evidenceAtOnce(observed);
      const judgement = evidence === null ? null : await decision.decideAudit(key, begun, evidence).catch(() => null);
      return judgement?.kind === 'decided' ? { ...observed, decided: judgement.result } : observed;
    },
  };
}
