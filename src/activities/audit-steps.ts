import { anyAuditDecidedLately } from '../database/audit-queries/index.ts';
import { keysBrake, setBrake } from '../database/brakes/index.ts';
import { beginAudit, giveBackEntity } from '../database/entity-states/index.ts';
import type { AuditInput, AuditPace, AuditResult, BegunStep, GiveBackAudit } from './audit-results.ts';
import { createDecision } from './audit-decision.ts';
import type { Dependencies } from './dependencies.ts';

export type AuditSteps = ReturnType<typeof createAuditSteps>;

/** The short database steps of an audit. All are fenced by the run, and safe to repeat. */
export function createAuditSteps(dependencies: Dependencies) {
  const { db, config, run, searchAttributes } = dependencies;
  return {
    ...createDecision(dependencies, giveBackAudit),

    /** Takes the entity into this run's hand. */
    async beginAudit({ how, entityType, gid }: AuditInput): Promise<BegunStep> {
      const begun = await beginAudit(db, { key: { entityType, gid }, how, ...run() });
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
  async function giveBackAudit(entityId: number, back: GiveBackAudit): Promise<AuditResult> {
    const cause = back.cause === 'unreadable' ? await whoseFault() : back.cause;
    if (back.project !== undefined) await setBrake(db, { name: keysBrake(back.project), reason: back.reason });
    const answer = await giveBackEntity(db, { ...back, cause, entityId, runId: run().runId }, config().audit);
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
      searchAttributes,
    };
  }
}
