import { type EndedAudit, readEndedAudit } from '../database/audits/past-audits.ts';
import { storedBrakeNames } from '../domain/brake.ts';
import type { BrakeChanges } from '../database/pace/pace-tick.ts';
import { type EndedAttempt, readEndedAttempt } from '../database/queue/show-event.ts';
import type { OutcomeLog } from '../logging/log.ts';
import type { AuditSteps } from './audit-steps.ts';
import type { Dependencies } from './dependencies.ts';
import type { EventSteps } from './event-steps.ts';

/** Told how every attempt at an event and every audit has ended. */
export interface OutcomeMeter {
  attemptEnded(attempt: EndedAttempt): void;
  auditEnded(audit: EndedAudit): void;
}

export interface OutcomeListeners {
  readonly log?: OutcomeLog | undefined;
  readonly outcomes?: OutcomeMeter | undefined;
}

type Listening = Pick<Dependencies, 'db' | 'run'> & OutcomeListeners;

/**
 * The same steps, with a line for every attempt at an event that has ended. What is logged is read from the rows, so it
 * is what was committed; where that can't be read, a line is missing and nothing else. A step that is repeated after its
 * worker died logs again.
 */
export function withEventLog(steps: EventSteps, { db, run, log, outcomes }: Listening): EventSteps {
  if (log === undefined && outcomes === undefined) return steps;
  const ended = async <Result>(eventId: number, result: Result): Promise<Result> => {
    const { workflowId, runId } = run();
    const attempt = await readEndedAttempt(db, { eventId, runId }).catch(() => null);
    if (attempt === null) return result;
    outcomes?.attemptEnded(attempt);
    const { outcome } = attempt;
    const fields = {
      event: eventId,
      action: attempt.action,
      entity_type: attempt.entityType,
      gids: attempt.gids,
      attempt: attempt.attempt,
      outcome,
      ...(attempt.reason !== null && { reason: attempt.reason }),
      duration_ms: attempt.milliseconds,
      workflow_id: workflowId,
      run_id: runId,
    };
    const isFailure = outcome === 'queued' || outcome === 'failed';
    log?.[isFailure ? 'warn' : 'info'](fields, eventWords[outcome]);
    return result;
  };
  return {
    claimEvent: async (eventId, served) => {
      const claim = await steps.claimEvent(eventId, served);
      return claim.kind === 'failed' ? ended(eventId, claim) : claim;
    },
    completeEvent: async (eventId, ...rest) => ended(eventId, await steps.completeEvent(eventId, ...rest)),
    endAttempt: async (eventId, ...rest) => ended(eventId, await steps.endAttempt(eventId, ...rest)),
    stopForRefusedKey: async (eventId, ...rest) => ended(eventId, await steps.stopForRefusedKey(eventId, ...rest)),
  };
}

const eventWords = {
  completed: 'event completed',
  failed: 'event failed for good',
  given_back: 'event snoozed',
  queued: 'attempt at event failed',
  superseded: 'event superseded',
} as const;

/** The same steps, with a line for every audit that has ended, by a decision or without one. */
export function withAuditLog(steps: AuditSteps, { db, run, log, outcomes }: Listening): AuditSteps {
  if (log === undefined && outcomes === undefined) return steps;
  const ended = async <Result>(entityId: number, result: Result): Promise<Result> => {
    const { workflowId, runId } = run();
    const audit = await readEndedAudit(db, { entityId, runId }).catch(() => null);
    if (audit === null) return result;
    outcomes?.auditEnded(audit);
    const fields = {
      audit: audit.auditId,
      entity_type: audit.entityType,
      gid: audit.gid,
      outcome: audit.decision,
      status: audit.status,
      ...(audit.cause !== null && { cause: audit.cause }),
      ...(audit.reason !== null && { reason: audit.reason }),
      checks: audit.checks,
      requests: audit.requests,
      duration_ms: audit.milliseconds,
      workflow_id: workflowId,
      run_id: runId,
    };
    log?.info(fields, audit.decision === 'not_now' ? 'audit released' : 'audit decided');
    return result;
  };
  return {
    ...steps,
    decideAudit: async (key, begun, evidence) => {
      const judgement = await steps.decideAudit(key, begun, evidence);
      return judgement.kind === 'decided' ? ended(begun.entityId, judgement) : judgement;
    },
    giveBackAudit: async (entityId, back) => ended(entityId, await steps.giveBackAudit(entityId, back)),
  };
}

/** A line for each brake that was set or released. One that stays until somebody releases it is a warning. */
export function logBrakes(log: OutcomeLog | undefined, { on, off }: BrakeChanges): void {
  for (const { name, reason, since, stops } of on) {
    const isStored = storedBrakeNames.some((stored) => stored === name);
    log?.[isStored ? 'warn' : 'info']({ brake: name, reason, since, stops }, 'brake on');
  }
  for (const { name, since } of off) log?.info({ brake: name, since }, 'brake off');
}
