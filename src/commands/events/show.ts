import type { Command } from 'commander';
import { readTargetNames } from '../../database/bulk-actions/list-bulk-rows.ts';
import type { Queryable } from '../../database/connection.ts';
import type { EntityName } from '../../database/musicbrainz/entity-kinds.ts';
import { eventList } from '../../database/queue/list-events.ts';
import { type RelatedEvent, showEvent, type ShownEvent } from '../../database/queue/show-event.ts';
import { jsonText } from '../../domain/json-text.ts';
import { readReason } from '../../domain/queue/failure-reason.ts';
import { rowInJson } from '../../export/csv.ts';
import { printJson, printLines } from '../../terminal/terminal.ts';
import { attemptWord, describeMessage, queuedByInWords } from '../../wording/events.ts';
import { oneLine, quotedName } from '../../wording/text.ts';
import { momentInWords } from '../../wording/time.ts';
import { configOf, withDatabase } from '../database.ts';
import { rowIds } from '../option-values.ts';

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
          else printLines(shownInWords(event, await namesAround(db, event)));
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
    ...rowInJson(eventList.columns, event),
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

/** What people call the entities of an event, and of those that it depends on or that depend on it, by the events' ids. */
async function namesAround(q: Queryable, event: ShownEvent): Promise<ReadonlyMap<number, EntityName>> {
  const { id, parents, dependents } = event;
  return readTargetNames(q, 'events', [id, ...[...parents, ...dependents].map((other) => other.id)]);
}

function shownInWords(event: ShownEvent, names: ReadonlyMap<number, EntityName>): readonly string[] {
  const { claim, notBefore, dismissal } = event;
  const lines = [
    `event ${event.id}: ${event.state}, ${event.attempts} attempts`,
    `  ${event.entityType} ${event.action} ${describeMessage(event.message)}${quotedName(names.get(event.id))}`,
    `  message      ${jsonText(event.message)}`,
    `  queued by    ${oneLine(queuedByInWords(event))}`,
    `  created      ${momentInWords(event.created)}, changed ${momentInWords(event.lastUpdated)}`,
    ...(event.waitsBecause === null ? [] : [`  waits        ${event.waitsBecause}`]),
    ...(notBefore === null ? [] : [`  not before   ${momentInWords(notBefore.until)}: ${oneLine(notBefore.reason)}`]),
    ...(claim === null
      ? []
      : [`  claimed by   workflow ${claim.workflowId}, run ${claim.runId}, since ${momentInWords(claim.claimedAt)}`]),
    ...(dismissal === null
      ? []
      : [
          `  dismissed    by ${dismissal.actor}, ${momentInWords(dismissal.at)}${dismissal.note ? `: ${dismissal.note}` : ''}`,
        ]),
    ...event.parents.map((parent) => `  depends on   ${related(parent)}${quotedName(names.get(parent.id))}`),
    ...event.dependents.map(
      (dependent) => `  waited for by ${related(dependent)}${quotedName(names.get(dependent.id))}`,
    ),
  ];
  for (const { attempt, outcome, endedAt, status, reason, bodyExcerpt, requestId } of event.attemptsMade) {
    lines.push(
      `  attempt ${attempt}, ended ${momentInWords(endedAt)}: ${attemptWord(outcome).replaceAll('_', ' ')}` +
        (status === null || reason?.includes(`HTTP ${status}`) ? '' : `, HTTP ${status}`),
    );
    if (reason !== null) lines.push(...reasonLines(reason).map((line) => `    ${line}`));
    if (requestId !== null && !reason?.includes(requestId)) lines.push(`    RequestId ${requestId}`);
    if (bodyExcerpt !== null) lines.push(`    answer: ${oneLine(bodyExcerpt)}`);
  }
  // Those of our own attempts stand above already.
  const told = new Set(event.attemptsMade.map(({ reason }) => reason));
  for (const { at, reason } of event.reasons) {
    if (told.has(reason)) continue;
    const [what, ...rest] = reasonLines(reason);
    lines.push(`  failed ${momentInWords(at)}: ${what}`, ...rest.map((line) => `    ${line}`));
  }
  return lines;
}

/** What happened, then to which request, then what was answered. */
function reasonLines(reason: string): readonly string[] {
  const { what, where, answer } = readReason(reason);
  return [what, where, answer && `answer: ${answer}`].filter((line) => line !== null).map(oneLine);
}

function related({ id, state, action, message }: RelatedEvent): string {
  return `event ${id} (${state}): ${action} ${describeMessage(message)}`;
}
