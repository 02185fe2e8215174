import type { Command } from 'commander';
import { type RelatedEvent, showEvent, type ShownEvent } from '../../database/event-queries/index.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { rowIds } from '../option-values.ts';
import { eventInJson } from '../../wording/event-json.ts';
import { describeMessage } from '../../wording/event-message.ts';
import { queuedByInWords } from '../../wording/event-origin.ts';
import { toSeconds } from '../../wording/moment.ts';
import { oneLine } from '../../wording/one-line.ts';
import { printJson, printLines } from '../../terminal/terminal.ts';

export function addShow(events: Command): void {
  events
    .command('show')
    .summary('show everything known of an event')
    .description(
      'Shows everything known of an event: why it waits, who works on it, every attempt with what the archive answered, ' +
        'every reason why it failed, and the events that it depends on or that depend on it.',
    )
    .argument('<id...>', 'the ids of events', rowIds)
    .option('--json', 'print one JSON object a line')
    .action(async (ids: readonly number[], options: { json?: boolean }, command: Command) => {
      const config = configOf(command);
      const missing: number[] = [];
      await withDatabase(config.database, async (db) => {
        for (const id of ids) {
          const event = await showEvent(db, id, config);
          if (event === null) missing.push(id);
          else if (options.json) printJson([shownInJson(event)]);
          else printLines(shownInWords(event));
        }
      });
      if (missing.length > 0) {
        throw new Error(
          `there is no event ${missing.join(', ')}: its number is wrong, or it was completed and cleaned up`,
        );
      }
    });
}

function shownInJson(event: ShownEvent): unknown {
  return {
    ...eventInJson(event),
    waits_because: event.waitsBecause,
    claim: event.claim && {
      workflow_id: event.claim.workflowId,
      run_id: event.claim.runId,
      claimed_at: event.claim.claimedAt,
    },
    not_before: event.notBefore,
    dismissal: event.dismissal,
    reasons: event.reasons,
    attempts_made: event.attemptsMade.map((made) => ({
      attempt: made.attempt,
      run_id: made.runId,
      started_at: made.startedAt,
      ended_at: made.endedAt,
      outcome: made.outcome,
      reason: made.reason,
      status: made.status,
      body_excerpt: made.bodyExcerpt,
      request_id: made.requestId,
    })),
    parents: event.parents,
    dependents: event.dependents,
  };
}

function shownInWords(event: ShownEvent): readonly string[] {
  const { claim, notBefore, dismissal } = event;
  const lines = [
    `event ${event.id}: ${event.state}, ${event.attempts} attempts`,
    `  ${event.entityType} ${event.action} ${describeMessage(event.message)}`,
    `  message      ${JSON.stringify(event.message)}`,
    `  queued by    ${oneLine(queuedByInWords(event))}`,
    `  created      ${toSeconds(event.created)}, changed ${toSeconds(event.lastUpdated)}`,
    ...(event.waitsBecause === null ? [] : [`  waits        ${event.waitsBecause}`]),
    ...(notBefore === null ? [] : [`  not before   ${toSeconds(notBefore.until)}: ${oneLine(notBefore.reason)}`]),
    ...(claim === null
      ? []
      : [`  in hand      of workflow ${claim.workflowId}, run ${claim.runId}, since ${toSeconds(claim.claimedAt)}`]),
    ...(dismissal === null
      ? []
      : [
          `  dismissed    by ${dismissal.actor}, ${toSeconds(dismissal.at)}${dismissal.note ? `: ${dismissal.note}` : ''}`,
        ]),
    ...event.parents.map((parent) => `  depends on   ${related(parent)}`),
    ...event.dependents.map((dependent) => `  waited for by ${related(dependent)}`),
  ];
  for (const { attempt, outcome, endedAt, status, reason, bodyExcerpt, requestId } of event.attemptsMade) {
    lines.push(
      `  attempt ${attempt}, ended ${toSeconds(endedAt)}: ${outcome}${status === null ? '' : `, HTTP ${status}`}`,
    );
    if (reason !== null) lines.push(`    ${oneLine(reason)}`);
    if (bodyExcerpt !== null) lines.push(`    body       ${oneLine(bodyExcerpt)}`);
    if (requestId !== null) lines.push(`    RequestId  ${requestId}`);
  }
  // Those of our own attempts stand above already.
  const told = new Set(event.attemptsMade.map(({ reason }) => reason));
  for (const { at, reason } of event.reasons) {
    if (!told.has(reason)) lines.push(`  failed ${toSeconds(at)}: ${oneLine(reason)}`);
  }
  return lines;
}

function related({ id, state, action, message }: RelatedEvent): string {
  return `event ${id} (${state}): ${action} ${describeMessage(message)}`;
}
