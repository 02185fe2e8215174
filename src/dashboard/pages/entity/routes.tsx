import { Hono } from 'hono';
import { z } from 'zod';
import { readTimeline, type TimelineEntry, type TimelineKind } from '../../../database/audits/entity-history.ts';
import type { Transaction } from '../../../database/connection.ts';
import { type EntityName, readEntityNames, resolveNamed } from '../../../database/musicbrainz/entity-kinds.ts';
import { recordAction } from '../../../database/queue/bulk-events.ts';
import { indexForPerson } from '../../../database/queue/queue-event.ts';
import { readIdentity } from '../../../database/schema/deployment.ts';
import { inUtc } from '../../../domain/brake.ts';
import { type EntityKey, entityTypes, isMbid } from '../../../domain/entity.ts';
import type { AttemptOutcome, EventAction } from '../../../domain/queue/indexer-event.ts';
import { startAudit } from '../../../starters/start.ts';
import { auditWorkflowId } from '../../../temporal/task-queues.ts';
import { attemptWord, imageInWords } from '../../../wording/events.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { completeFollowed, readFollowed } from '../../followed-audit.tsx';
import { readForm } from '../../forms/action-form.tsx';
import { compareImages, type ImageComparison, itemAsker } from '../../images/compare-images.ts';
import { ImagesView } from '../../images/images-view.tsx';
import { Badge, entityPath, Reason, When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { type Picture, Pictured, pictureOfEvent } from '../../layout/thumbnail.tsx';
import { Pager } from '../../lists/list-view.tsx';
import { freeText, readParameters, rowId, runId, ticked } from '../../forms/parameters.ts';
import { notFound, stale } from '../../refusals.ts';
import { needTemporal } from '../../temporal.ts';
import { entitiesOf, MessageLinks } from '../events/event-table.tsx';
import { EntityHead } from './entity-head.tsx';
import { EntityPage, titleOf } from './entity-page.tsx';
import { type EntityFacts, readEntityHead, readEntityPage, readNamedImages } from './read-entity-page.ts';

const auditFields = z.object({ note: freeText(2000), from: freeText(200), even_in_report_mode: ticked() });

/** Nothing is recorded of a click that started nothing. */
class AlreadyRunning extends Error {}

/** Starts an audit of the entity now, and leads to where it is followed to its outcome. */
async function auditAction(c: PageContext): Promise<Response> {
  const key = entityOf(c);
  const { note, from, even_in_report_mode: evenInReportMode } = await readForm(c, auditFields);
  const { runId } = await auditNow(c, key, { note, evenInReportMode });
  const review = /^\/reviews\/\d{1,16}$/.exec(from ?? '')?.[0];
  return c.redirect(`${review ?? entityPath(key)}?followed=${encodeURIComponent(runId)}`, 303);
}

/**
 * Starts an audit of an entity now. Where one runs already, that one does: a double click starts one.
 *
 * @param how.evenInReportMode has its repairs queued whatever the mode
 * @throws {Refusal} 503 where Temporal can't be asked; 409 where one runs that goes by the mode, and this one is not to
 */
export async function auditNow(
  c: PageContext,
  key: EntityKey,
  {
    note,
    evenInReportMode = false,
  }: { readonly note: string | undefined; readonly evenInReportMode?: boolean | undefined },
): Promise<{ readonly workflowId: string; readonly runId: string }> {
  const { parts, person } = c.var;
  return needTemporal(parts, async (temporal) => {
    const startRecorded = async (tx: Transaction): Promise<void> => {
      await recordAction(
        tx,
        { actor: person.name, note: note ?? null },
        { action: 'audit entity', target: `${key.entityType} ${key.gid}`, after: { workflow: workflowId, ...words } },
      );
      // Last, so that a record is only kept of what was started.
      const own = await readIdentity(tx);
      const name = (await readEntityNames(tx, [key])).get(key.gid) ?? null;
      const shown = { name, links: parts.config(), evenInReportMode };
      if (!(await startAudit(temporal, key, 'operator', parts.config().audit, own, shown))) throw new AlreadyRunning();
    };
    const workflowId = auditWorkflowId(key.entityType, key.gid);
    const words = evenInReportMode ? { even_in_report_mode: true } : {};
    await parts.db.transaction(startRecorded).catch((error: unknown) => {
      if (!(error instanceof AlreadyRunning)) throw error;
      if (evenInReportMode)
        throw stale('An audit of it runs already, and goes by the mode. Ask again once that has ended.');
    });
    return { workflowId, runId: (await temporal.workflow.getHandle(workflowId).describe()).runId };
  });
}

const indexFields = z.object({ note: freeText(2000) });

/** Queues an `index` of the entity, as a trigger would; one that is queued already is not queued twice. */
async function indexAction(c: PageContext): Promise<Response> {
  const named = entityOf(c);
  const { note } = await readForm(c, indexFields);
  const { parts, person } = c.var;
  // An address may have been made by hand.
  const key = await c.var.read((q) => resolveNamed(q, named));
  const event = await indexForPerson(parts.db, key, { actor: person.name, note: note ?? null });
  return c.redirect(`${entityPath(key)}?indexed=${event}`, 303);
}

interface Props {
  readonly c: PageContext;
  readonly facts: Pick<EntityFacts, 'expected' | 'key' | 'name'>;
  readonly entries: readonly TimelineEntry[];
  /** Of the entities that its events name, by gid. */
  readonly names: ReadonlyMap<string, EntityName>;
  readonly next: string | null;
}

/** All that happened to an entity, the newest first. */
function TimelinePage({ c, facts, entries, names, next }: Props) {
  return (
    <Page c={c} title={titleOf(facts)} section="/entities" live>
      <EntityHead c={c} facts={facts} current="timeline" />
      <h2>Timeline</h2>
      {entries.length === 0 ? (
        <p class="none">Nothing has happened to it yet.</p>
      ) : (
        <ol class="timeline">
          {entries.map((entry) => (
            <li>
              <span class="hint">
                {inUtc(entry.at)}, <When at={entry.at} />
              </span>
              <Entry c={c} facts={facts} entry={entry} names={names} picture={pictureOfEntry(facts, entry, entries)} />
              {entry.text !== null && entry.kind !== 'event' && (
                <p>
                  <Reason text={entry.text} most={500} />
                </p>
              )}
            </li>
          ))}
        </ol>
      )}
      <Pager c={c} next={next} />
    </Page>
  );
}

interface EntryProps extends Pick<Props, 'c' | 'names'> {
  readonly facts: Pick<EntityFacts, 'key'>;
  readonly entry: TimelineEntry;
  readonly picture: Picture | null;
}

function Entry({ c, facts, entry, names, picture }: EntryProps) {
  const { kind, id, word, by } = entry;
  const words = (
    <>
      <a href={pathOf(facts, entry)}>
        {kindNames[kind]} {id}
      </a>{' '}
      {kind === 'action' ? word : <Badge of={kind === 'attempt' ? attemptWord(word as AttemptOutcome) : word} />}
      {kind === 'event' && (
        <>
          {' '}
          <AboutOthers facts={facts} message={messageOf(entry)} names={names} />
        </>
      )}
      {by !== null && ` by ${by}`}
    </>
  );
  if (picture === null) return <div>{words}</div>;
  return (
    <Pictured c={c} of={picture}>
      {words}
    </Pictured>
  );
}

/** What an event's message says beside that it is about this entity. */
function AboutOthers({
  facts: { key },
  message,
  names,
}: Pick<EntryProps, 'facts' | 'names'> & { readonly message: unknown }) {
  const isOwn = entitiesOf(key.entityType, message).every(({ gid }) => gid === key.gid);
  if (isOwn) return <>{imageInWords(message)}</>;
  return <MessageLinks entityType={key.entityType} message={message} names={names} />;
}

const kindNames: Readonly<Record<TimelineKind, string>> = {
  audit: 'Audit',
  event: 'Queued event',
  attempt: 'Attempt at event',
  event_ended: 'End of event',
  review_opened: 'Opened review',
  review_closed: 'Closed review',
  action: 'Operator action',
};

function pathOf({ key }: Pick<EntityFacts, 'key'>, { kind, id }: TimelineEntry): string {
  switch (kind) {
    case 'audit':
      return `${entityPath(key)}?before=${id + 1}#audit-${id}`;
    case 'event':
    case 'attempt':
    case 'event_ended':
      return `/events/${id}`;
    case 'review_opened':
    case 'review_closed':
      return `/reviews/${id}`;
    case 'action':
      return '/record';
  }
}

/** The message of an entry's event; null where it is no event's. */
function messageOf({ kind, text }: TimelineEntry): unknown {
  return kind === 'event' && text !== null ? JSON.parse(text) : null;
}

/** The image that an entry's event is about, on the item that has it as far as these entries tell. */
function pictureOfEntry(
  { key }: Pick<EntityFacts, 'key'>,
  entry: TimelineEntry,
  all: readonly TimelineEntry[],
): Picture | null {
  const hasEnded = all.some(({ kind, id, word }) => kind !== 'event' && id === entry.id && word === 'completed');
  return pictureOfEvent({
    entityType: key.entityType,
    action: entry.word as EventAction,
    state: hasEnded ? 'completed' : 'queued',
    message: messageOf(entry),
  });
}

const parameters = z.object({ before: rowId(), followed: runId(), indexed: rowId() });
const timelineParameters = z.object({ after: freeText(200) });

/** One entity: all that is known of it, its timeline, and what can be done about it. */
export function entityRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/entities/:type/:gid', async (c) => {
      const key = entityOf(c);
      const { before, followed, indexed } = readParameters(c, parameters);
      const { facts, read } = await c.var.read(async (q) => ({
        facts: await readEntityPage(q, key, { beforeAudit: before ?? null }),
        read: followed === undefined ? null : await readFollowed(q, key, followed),
      }));
      const shown = followed === undefined ? null : await completeFollowed(c, key, followed, read);
      return c.html(<EntityPage c={c} facts={facts} followed={shown} indexed={indexed ?? null} />);
    })
    .get('/entities/:type/:gid/timeline', async (c) => {
      const key = entityOf(c);
      const { after } = readParameters(c, timelineParameters);
      const limit = c.var.parts.config().dashboard.rows;
      const { facts, timeline, names } = await c.var.read(async (q) => {
        const shown = await readTimeline(q, key, { limit, before: after ?? null });
        const named = shown.entries.flatMap((entry) => entitiesOf(key.entityType, messageOf(entry)));
        return { facts: await readEntityHead(q, key), timeline: shown, names: await readEntityNames(q, named) };
      });
      return c.html(<TimelinePage c={c} facts={facts} entries={timeline.entries} names={names} next={timeline.next} />);
    })
    .get('/entities/:type/:gid/images', async (c) => {
      const key = entityOf(c);
      const ask = itemAsker(c);
      const { facts, named } = await c.var.read(async (q) => ({
        facts: await readEntityHead(q, key),
        named: await readNamedImages(q, key),
      }));
      const expected = 'unknown' in facts.expected ? null : facts.expected;
      // Outside of the page's transaction, which would be kept open for as long as the archive takes.
      const comparison = await compareImages(c.var.parts.db, { key, expected, named }, ask);
      return c.html(<ImagesPage c={c} facts={facts} comparison={comparison} />);
    })
    .post('/entities/:type/:gid/audit', auditAction)
    .post('/entities/:type/:gid/index', indexAction);
}

/** The entity that an address names. @throws {Refusal} 404 */
function entityOf(c: PageContext): EntityKey {
  const entityType = entityTypes.find((each) => each === c.req.param('type'));
  const gid = (c.req.param('gid') ?? '').toLowerCase();
  if (entityType === undefined || !isMbid(gid)) {
    throw notFound('That names no entity: an address has release or event in it, and an MBID after that.');
  }
  return { entityType, gid };
}

/** Images side by side. Not kept up to date automatically: each time it is opened the archive is asked. */
function ImagesPage({
  c,
  facts,
  comparison,
}: {
  readonly c: PageContext;
  readonly facts: Pick<EntityFacts, 'expected' | 'key' | 'name'>;
  readonly comparison: ImageComparison;
}) {
  return (
    <Page c={c} title={titleOf(facts)} section="/entities">
      <EntityHead c={c} facts={facts} current="images" />
      <h2>Images side by side</h2>
      <ImagesView c={c} entityKey={facts.key} comparison={comparison} />
    </Page>
  );
}
