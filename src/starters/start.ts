import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  type Workflow,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import type { Config } from '../config/config.ts';
import type { EntityName } from '../database/musicbrainz/entity-kinds.ts';
import type { NamedEvent } from '../database/queue/show-event.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import { itemName } from '../domain/documents/file-names.ts';
import type { EntityKey } from '../domain/entity.ts';
import type { BackfillInput, ScanInput, Workflows } from '../temporal/messages.ts';
import { attributesAtStart } from '../temporal/search-attributes.ts';
import { auditSummary, eventSummary } from '../temporal/summaries.ts';
import {
  auditWorkflowId,
  bulkActionWorkflowId,
  dispatcherWorkflowId,
  eventWorkflowId,
  runTimeouts,
  stepPriorities,
  taskQueues,
} from '../temporal/task-queues.ts';

/** Where links lead. */
type LinkSettings = {
  readonly archive: Pick<Config['archive'], 'url'>;
  readonly dashboard: Pick<Config['dashboard'], 'publicUrl'>;
  readonly musicbrainz: Pick<Config['musicbrainz'], 'url'>;
};

/** An entity with what people call it; null where nobody has a name for it. */
type NamedKey = EntityKey & { readonly name: EntityName | null };

/**
 * An entity for Temporal's UI, in Markdown: its name, and where it is seen: the dashboard, where it is known where that is,
 * MusicBrainz and the item.
 */
export function entityInMarkdown({ entityType, gid, name }: NamedKey, links: LinkSettings): string {
  const { archive, dashboard, musicbrainz } = links;
  const merged = name?.mergedInto == null ? '' : 'merged into ';
  const title = name === null ? `${entityType} ${gid}` : `${merged}**${plain(name.name)}**${byWhom(name)}`;
  const addresses = [
    dashboard.publicUrl && `[dashboard](${dashboard.publicUrl}/entities/${entityType}/${gid})`,
    `[MusicBrainz](${musicbrainz.url}/${entityType}/${gid})`,
    `[item](${archive.url}/details/${itemName(gid)})`,
  ];
  return [title, ...addresses.filter(Boolean)].join(' · ');
}

/** An event for Temporal's UI, in Markdown: its page, where it is known where that is, and the entities that it is about. */
export function eventInMarkdown(id: number, entities: readonly NamedKey[], links: LinkSettings): string {
  const { publicUrl } = links.dashboard;
  const page = publicUrl === null ? [] : [`[event ${id}](${publicUrl}/events/${id})`];
  return [...page, ...entities.map((entity) => entityInMarkdown(entity, links))].join('\n\n');
}

function byWhom({ artist }: EntityName): string {
  return artist === null ? '' : `, by ${plain(artist)}`;
}

/** Characters of a name that are told. */
const longestName = 100;

/** A name as text of Markdown: anybody may have written it. */
function plain(name: string): string {
  const characters = [
    ...name
      .slice(0, 2 * longestName)
      .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
      .trim(),
  ];
  const cut = characters.length <= longestName ? characters : [...characters.slice(0, longestName - 1), '…'];
  return cut.join('').replace(/[\\`*_{}[\]()<>#+!|~&$^=:-]/g, '\\$&');
}

/** gRPC's INVALID_ARGUMENT. */
const invalidArgument = 3;

/**
 * Starts a workflow that can be searched for by these attributes, or by none, where Temporal refuses them: the namespace
 * lacks one, or has lost it. What is to be done doesn't wait for that.
 *
 * @param usable names of those that the namespace has; where that isn't known, all are tried
 */
export async function startFindable<Started>(
  attributes: readonly SearchAttributePair[],
  usable: readonly string[] | null,
  start: (options: { readonly typedSearchAttributes?: SearchAttributePair[] }) => Promise<Started>,
): Promise<Started> {
  const pairs = attributes.filter(({ key }) => usable?.includes(key.name) ?? true);
  if (pairs.length === 0) return start({});
  try {
    return await start({ typedSearchAttributes: pairs });
  } catch (error) {
    const cause = error instanceof ServiceError ? error.cause : error;
    if (!isGrpcServiceError(cause) || Number(cause.code) !== invalidArgument) throw error;
    return start({});
  }
}

/** Starts the backfill of a source, or of a type of its entities, or joins the one that runs: there is never more than one of each. */
export function startBackfill(temporal: Client, input: BackfillInput): Promise<WorkflowHandle<Workflows['backfill']>> {
  const { source, dryRun, entityType } = input;
  return joinOrStart<Workflows['backfill']>(temporal, 'backfill', {
    workflowId: entityType === undefined ? `backfill-${source}` : `backfill-${source}-${entityType}`,
    dryRun,
    args: [input],
    summary: `add entities: ${source === 'musicbrainz' ? 'those that have art' : 'those that were merged or deleted'}`,
  });
}

/**
 * Starts a workflow of which there is never more than one, or joins the one that runs. A dry run has an id of its own:
 * who means to add doesn't join it.
 */
async function joinOrStart<Kind extends Workflow>(
  temporal: Client,
  type: string,
  {
    workflowId,
    dryRun,
    args,
    summary,
  }: { workflowId: string; dryRun: boolean; args: Parameters<Kind>; summary: string },
): Promise<WorkflowHandle<Kind>> {
  const id = `${workflowId}${dryRun ? '-dry-run' : ''}`;
  await temporal.workflow.start<(...args: unknown[]) => Promise<unknown>>(type, {
    workflowId: id,
    taskQueue: taskQueues.reconciler,
    workflowRunTimeout: runTimeouts.ingest,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [...args] as unknown[],
    staticSummary: dryRun ? `${summary} (dry run)` : summary,
  });
  // Not of the one run: it continues as new now and then.
  return temporal.workflow.getHandle<Kind>(id);
}

/** Sees to it that the one dispatcher runs; where it does, nothing changes. Every worker calls this at its start. */
export async function startDispatcher(temporal: Client, identity: DeploymentIdentity): Promise<void> {
  await temporal.workflow.start<Workflows['dispatchEvents']>('dispatchEvents', {
    workflowId: dispatcherWorkflowId,
    taskQueue: taskQueues.reconciler,
    workflowRunTimeout: runTimeouts.dispatcher,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [identity],
    staticSummary: 'start due events',
  });
}

/** Starts the scan of both collections where it left off, or joins the one that runs. */
export function startScan(temporal: Client, input: ScanInput): Promise<WorkflowHandle<Workflows['scanArchive']>> {
  const { dryRun } = input;
  return joinOrStart<Workflows['scanArchive']>(temporal, 'scanArchive', {
    workflowId: 'scan-archive',
    dryRun,
    args: [input],
    summary: 'add the items that the archive lists',
  });
}

/**
 * Sees to it that there is a workflow for what is to be done about a bulk action; where one runs, nothing changes.
 *
 * @param action.isConfirmed whether it is carried out, or what is left of its dry run
 */
export async function startBulkAction(
  temporal: Client,
  { id, isConfirmed }: { readonly id: string; readonly isConfirmed: boolean },
  served: DeploymentIdentity,
): Promise<WorkflowHandleWithFirstExecutionRunId<Workflows['bulkAction']>> {
  return temporal.workflow.start<Workflows['bulkAction']>('bulkAction', {
    workflowId: bulkActionWorkflowId(id, isConfirmed),
    taskQueue: taskQueues.reconciler,
    workflowRunTimeout: runTimeouts.bulkAction,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [{ id, served }],
    staticSummary: isConfirmed ? 'carry out a bulk action' : 'dry run of a bulk action',
  });
}

/** How an audit is shown, and when it begins. */
interface StartedAudit {
  /** What people call the entity. */
  readonly name?: EntityName | null;
  readonly links?: LinkSettings;
  /** Names of the search attributes that the namespace has; null where that isn't known. */
  readonly usable?: readonly string[] | null;
  /** Milliseconds until it begins. */
  readonly delay?: number;
  /** Has its repairs queued whatever the mode. */
  readonly evenInReportMode?: boolean;
}

/** Who asked for an audit, and so how soon its requests are made. */
type AuditHow = Parameters<Workflows['auditEntity']>[0]['how'];

/**
 * Starts the audit of one entity; where one is running already, that one does. The workflow id is the entity's, so that
 * starting twice starts once.
 *
 * @param served whose audit it is
 * @param shown how it is shown and searched for, when it begins, and whether it repairs whatever the mode
 * @returns whether this call started it.
 */
export async function startAudit(
  temporal: Client,
  { entityType, gid }: EntityKey,
  how: AuditHow,
  settings: Pick<Config['audit'], 'maxWaitHours'>,
  served: DeploymentIdentity,
  { name = null, links, usable = null, delay = 0, evenInReportMode = false }: StartedAudit = {},
): Promise<boolean> {
  const attributes = attributesAtStart({ entityType, action: 'audit', gids: [gid] });
  try {
    await startFindable(attributes, usable, (findable) =>
      temporal.workflow.start<Workflows['auditEntity']>('auditEntity', {
        workflowId: auditWorkflowId(entityType, gid),
        taskQueue: taskQueues.reconciler,
        workflowRunTimeout: runTimeouts.audit(settings),
        args: [{ entityType, gid, how, served, ...(evenInReportMode && { evenInReportMode }) }],
        priority: { priorityKey: how === 'operator' ? stepPriorities.operatorsAudit : stepPriorities.pacedAudit },
        staticSummary: auditSummary({ entityType, gid }),
        ...(links && { staticDetails: entityInMarkdown({ entityType, gid, name }, links) }),
        ...(delay > 0 && { startDelay: delay }),
        ...findable,
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/**
 * Starts the workflow that carries out an event; what is known of the event is how that is shown and searched for.
 *
 * @param served whose event it is
 * @param shown.usable names of the search attributes that the namespace has
 * @throws {WorkflowExecutionAlreadyStartedError}
 */
export async function startEvent(
  temporal: Client,
  { id, entityType, action, message, entities }: NamedEvent,
  served: DeploymentIdentity,
  { links, usable }: { readonly links: LinkSettings; readonly usable: readonly string[] },
): Promise<WorkflowHandle> {
  const attributes = attributesAtStart({ entityType, action, gids: entities.map(({ gid }) => gid) });
  return startFindable(attributes, usable, (findable) =>
    temporal.workflow.start<Workflows['processEvent']>('processEvent', {
      workflowId: eventWorkflowId(id),
      taskQueue: taskQueues.reconciler,
      workflowRunTimeout: runTimeouts.event,
      args: [id, served],
      staticSummary: eventSummary({ entityType, action, message }),
      staticDetails: eventInMarkdown(
        id,
        entities.map((entity) => ({ entityType, ...entity })),
        links,
      ),
      ...findable,
    }),
  );
}
