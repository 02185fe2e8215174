import { type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import type { AuditResult } from '../audit/steps.ts';
import { type AuditEntity, readAuditEntity } from '../database/audits/entity-history.ts';
import { type EndedAudit, readEndedAudit } from '../database/audits/past-audits.ts';
import type { Queryable } from '../database/connection.ts';
import type { EntityKey } from '../domain/entity.ts';
import { auditWorkflowId } from '../temporal/task-queues.ts';
import type { PageContext } from './environment.ts';
import { ActionForm } from './forms/action-form.tsx';
import { Choice, NoteField } from './forms/fields.tsx';
import { CheckLink } from './layout/finding-view.tsx';
import { Badge, entityPath, When } from './layout/inline.tsx';
import { addressWith } from './forms/parameters.ts';
import { askTemporal } from './temporal.ts';

/** Audit again now. */
export function AuditForm({
  c,
  entityKey,
  status,
  from,
}: {
  readonly c: PageContext;
  readonly entityKey: EntityKey;
  readonly status: AuditEntity['status'] | null;
  /** The page to come back to; the entity's where not given. */
  readonly from?: string;
}) {
  if (status === 'repair_queue') {
    return (
      <p class="hint">
        It can’t be audited now: its repairs are still in the queue, and it is audited when they have ended.
      </p>
    );
  }
  return (
    <ActionForm c={c} action={`${entityPath(entityKey)}/audit`} class="actions" id="audit-now">
      {from !== undefined && <input type="hidden" name="from" value={from} />}
      <NoteField c={c} form="audit-now" label="Note for the record (optional)" most={2000} />
      {from === undefined && <EvenInReportMode c={c} />}
      <button class={from === undefined ? 'primary' : ''} data-key="a" aria-keyshortcuts="a">
        {status === null ? 'Audit now' : 'Audit again now'}
      </button>
      <span class="hint">Before all paced audits; followed here to its outcome.</span>
    </ActionForm>
  );
}

/** To see one entity repaired before all are. */
async function EvenInReportMode({ c }: { readonly c: PageContext }) {
  if ((await c.var.attention())?.mode.mode !== 'report') return null;
  return (
    <Choice c={c} form="audit-now" type="checkbox" name="even_in_report_mode" value="1">
      repair what it finds, though the mode is report
    </Choice>
  );
}

/** How far an audit is that somebody asked for. */
export type FollowedAudit =
  | { readonly kind: 'ended'; readonly audit: EndedAudit }
  /** `steps`: what it is doing just now; empty where it waits for its item to settle, null where that is unknown. */
  | { readonly kind: 'running'; readonly since: Date | null; readonly steps: readonly string[] | null }
  /** It ended and recorded nothing: it was refused, or it broke off. */
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'unknown' };

/** What the database knows of a run. Null: nothing; then Temporal has to be asked. */
export async function readFollowed(
  q: Queryable,
  key: EntityKey,
  runId: string,
): Promise<FollowedAudit | { readonly kind: 'begun'; readonly since: Date } | null> {
  const entity = await readAuditEntity(q, key);
  if (entity === undefined) return null;
  const audit = await readEndedAudit(q, { entityId: entity.id, runId });
  if (audit !== null) return { kind: 'ended', audit };
  return entity.claim?.runId === runId ? { kind: 'begun', since: entity.claim.at } : null;
}

/** Milliseconds. The page is of use without what Temporal says. */
const patience = 2_000;

/** The same, with what Temporal knows where the database doesn't. */
export async function completeFollowed(
  c: PageContext,
  key: EntityKey,
  runId: string,
  read: Awaited<ReturnType<typeof readFollowed>>,
): Promise<FollowedAudit> {
  if (read?.kind === 'ended') return read;
  const since = read?.kind === 'begun' ? read.since : null;
  const asked = await askTemporal(c, patience, async (temporal): Promise<FollowedAudit> => {
    const handle = temporal.workflow.getHandle(auditWorkflowId(key.entityType, key.gid), runId);
    const described = await handle.describe().catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    });
    if (described === null) return { kind: 'nothing', why: 'Temporal knows no such run any more' };
    const { name } = described.status;
    if (name === 'RUNNING') return { kind: 'running', since, steps: stepsOf(described) };
    // It may have ended after the database was read.
    const now = await readFollowed(c.var.parts.db, key, runId);
    if (now?.kind === 'ended') return now;
    if (name !== 'COMPLETED')
      return { kind: 'nothing', why: `Its workflow was ${name.toLowerCase().replace('_', ' ')}` };
    const { outcome, reason } = (await handle.result()) as AuditResult;
    return { kind: 'nothing', why: `It was ${outcome.replaceAll('_', ' ')}${reason === null ? '' : `: ${reason}`}` };
  });
  if (asked.kind === 'answered') return asked.answer;
  return since === null ? { kind: 'unknown' } : { kind: 'running', since, steps: null };
}

/** What it is doing, each step with the number of its attempts and why that failed. */
function stepsOf({ raw }: WorkflowExecutionDescription): readonly string[] {
  return (raw.pendingActivities ?? []).map(({ activityType, attempt, lastFailure }) => {
    const name = stepsInWords[activityType?.name ?? ''] ?? activityType?.name ?? 'a step';
    const tries = (attempt ?? 1) > 1 ? `, try ${attempt}` : '';
    return `${name}${tries}${lastFailure?.message ? `: ${lastFailure.message.slice(0, 500)}` : ''}`;
  });
}

const stepsInWords: Readonly<Record<string, string>> = {
  beginAudit: 'begins',
  observeItem: 'reads what MusicBrainz expects and what the item has',
  askWebService: 'asks the web service',
  explainIndex: 'compares index.json',
  explainXml: 'compares the XML',
  lookAtCopies: 'checks other items',
  askTasks: 'asks for the archive’s outstanding tasks',
  decideAudit: 'decides',
  giveBackAudit: 'releases it',
};

interface Props {
  readonly c: PageContext;
  readonly entity: EntityKey;
  readonly followed: FollowedAudit;
}

/** Whether there is still something to wait for. */
function isUnderWay({ kind }: FollowedAudit): boolean {
  return kind === 'running' || kind === 'unknown';
}

/** How far the audit is that was asked for, and at its end what came of it. */
export function FollowedView({ c, entity, followed }: Props) {
  return (
    <section
      class={`notice ${followed.kind === 'ended' ? 'good' : followed.kind === 'nothing' ? 'warn' : ''}`}
      id="followed"
    >
      <h2>The audit you asked for</h2>
      <Progress entity={entity} followed={followed} />
      {isUnderWay(followed) ? (
        <p class="hint">
          <a href={addressWith(c, {})}>Look again</a> (with a script, the page does so automatically)
        </p>
      ) : (
        <p>
          <a href={addressWith(c, { followed: null })}>Put this notice away</a>
        </p>
      )}
    </section>
  );
}

function Progress({ entity, followed }: Omit<Props, 'c'>) {
  switch (followed.kind) {
    case 'ended': {
      const { audit } = followed;
      return (
        <>
          <p>
            Audit <a href={`${entityPath(entity)}#audit-${audit.auditId}`}>{audit.auditId}</a> came out:{' '}
            <Badge of={audit.decision} />
            {audit.reason !== null && `: ${audit.reason}`}. The entity is now <Badge of={audit.status} />.
          </p>
          {audit.checks.length > 0 && (
            <p>
              Found:{' '}
              {[...new Set(audit.checks)].map((check, n) => (
                <>
                  {n > 0 && ', '}
                  <CheckLink check={check} />
                </>
              ))}
            </p>
          )}
        </>
      );
    }
    case 'running':
      return (
        <>
          <p role="status">
            {followed.since === null ? (
              'It is started, and waits for a worker to begin it.'
            ) : (
              <>
                It runs since <When at={followed.since} />
                {followed.steps === null
                  ? '. Temporal can’t be reached to say what it is doing.'
                  : followed.steps.length === 0
                    ? ', and waits: for its item to settle, or for its next step.'
                    : ':'}
              </>
            )}
          </p>
          {(followed.steps ?? []).length > 0 && (
            <ul>
              {followed.steps?.map((step) => (
                <li>{step}</li>
              ))}
            </ul>
          )}
        </>
      );
    case 'nothing':
      return <p>It ended and recorded nothing. {followed.why}.</p>;
    case 'unknown':
      return <p role="status">Nothing is recorded of it yet, and Temporal can’t be reached to say how far it is.</p>;
  }
}
