import { type EndedAudit, readEndedAudit } from '../database/audit-queries/index.ts';
import { type EndedAttempt, readEndedAttempt } from '../database/event-queries/index.ts';
import type { AuditSteps } from './audit-steps.ts';
import type { Dependencies } from './dependencies.ts';
import type { EventSteps } from './event-steps.ts';

/** Takes a line: fields that lines are found by, and a few words. */
export interface OutcomeLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

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
    claimEvent: async (eventId) => {
      const claim = await steps.claimEvent(eventId);
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
  given_back: 'event given back unspent',
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
    log?.info(fields, audit.decision === 'not_now' ? 'audit given back' : 'audit decided');
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
