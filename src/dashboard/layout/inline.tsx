import type { EntityName } from '../../database/musicbrainz/entity-kinds.ts';
import { inUtc } from '../../domain/brake.ts';
import { type EntityKey, projects } from '../../domain/entity.ts';
import { readReason } from '../../domain/queue/failure-reason.ts';
import type { AttemptOutcome } from '../../domain/queue/indexer-event.ts';
import { attemptWord } from '../../wording/events.ts';
import { artAddress, entityAddress, itemAddress } from '../../domain/site-links.ts';
import { changesBetween, nameInWords, shortened } from '../../wording/text.ts';
import { agoInWords } from '../../wording/time.ts';
import type { PageContext } from '../environment.ts';

/** A state, status, decision or policy: a word in a colour of its own, which is never all that tells it. */
export function Badge({ of }: { readonly of: string }) {
  return <span class={`badge is-${of.replace(/_/g, '-')}`}>{of.replace(/_/g, ' ')}</span>;
}

/** How an attempt at an event ended. */
export function AttemptBadge({ outcome }: { readonly outcome: AttemptOutcome }) {
  return <Badge of={attemptWord(outcome)} />;
}

/** Two recorded states, as what differs between them. */
export function Changes({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  const changes = changesBetween(before, after);
  if (changes.length === 0) return <span class="none">nothing</span>;
  return (
    <dl class="changes">
      {changes.map((change) => (
        <div>
          <dt>{change.name || 'value'}</dt>
          <dd>
            {change.before !== null && <del>{shortened(change.before, longest)}</del>}
            {change.before !== null && change.after !== null && ' → '}
            {change.after !== null && <ins>{shortened(change.after, longest)}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Characters; all of it is in the files. */
const longest = 300;

/** The page of one entity. */
export function entityPath({ entityType, gid }: EntityKey): string {
  return `/entities/${entityType}/${gid}`;
}

/** An entity by its name, where that is known, and its MBID; leads to its page. */
export function EntityLink({ entity, name }: { readonly entity: EntityKey; readonly name?: EntityName | null }) {
  if (name) {
    return (
      <>
        <a href={entityPath(entity)}>{nameInWords(name)}</a>{' '}
        <span class="kind">
          {entity.entityType} <span class="gid">{entity.gid}</span>
        </span>
      </>
    );
  }
  return (
    <a class="gid" href={entityPath(entity)}>
      <span class="kind">{entity.entityType}</span> {entity.gid}
    </a>
  );
}

/** The entity at MusicBrainz, its item, and its images as the public gets them. */
export function ElsewhereLinks({ c, entity }: { readonly c: PageContext; readonly entity: EntityKey }) {
  const sites = c.var.parts.config();
  return (
    <ul class="elsewhere" aria-label="Elsewhere">
      <li>
        <a href={entityAddress(sites, entity)} rel="noreferrer">
          MusicBrainz
        </a>
      </li>
      <li>
        <a href={itemAddress(sites, entity.gid)} rel="noreferrer">
          archive.org
        </a>
      </li>
      <li>
        <a href={artAddress(sites, entity)} rel="noreferrer">
          {projects[entity.entityType].archive}
        </a>
      </li>
    </ul>
  );
}

/** Why something failed, as lists show it: what happened, then dim to which request, each cut where it is long. */
export function Reason({ text, most = 200 }: { readonly text: string; readonly most?: number }) {
  const { what, where } = readReason(text);
  return (
    <>
      {shortened(what, most)}
      {where !== null && (
        <>
          {' '}
          <span class="hint where" title={where}>
            {shortened(where, most)}
          </span>
        </>
      )}
    </>
  );
}

/** Why something failed, whole: what happened, dim to which request, and the raw answer folded. */
export function WholeReason({ text, answer = null }: { readonly text: string; readonly answer?: string | null }) {
  const { what, where, answer: written } = readReason(text);
  return (
    <>
      <pre tabindex={0} aria-label="Reason">
        {what}
        {where !== null && (
          <>
            {'\n'}
            <span class="hint">{where}</span>
          </>
        )}
      </pre>
      <RawAnswer answer={answer ?? written} />
    </>
  );
}

/** The beginning of what was answered, folded. */
export function RawAnswer({ answer }: { readonly answer: string | null }) {
  if (answer === null || answer === '') return null;
  return (
    <details>
      <summary>What the archive answered</summary>
      <pre tabindex={0} aria-label="Beginning of the answer">
        {answer}
      </pre>
    </details>
  );
}

/** A run of a workflow, leading to Temporal's UI where `[dashboard] temporal_ui` says where that is. */
export function TemporalRun({
  c,
  workflowId,
  runId,
}: {
  readonly c: PageContext;
  readonly workflowId: string | null;
  readonly runId: string | null;
}) {
  if (workflowId === null) return <span class="none">no workflow: from a shell</span>;
  const { temporalUi } = c.var.parts;
  if (temporalUi === null) return <code>{workflowId}</code>;
  const run = runId === null ? '' : `/${encodeURIComponent(runId)}/history`;
  return (
    <a href={`${temporalUi}/workflows/${encodeURIComponent(workflowId)}${run}`} rel="noreferrer">
      <code>{workflowId}</code>
    </a>
  );
}

/** A moment: how long ago or ahead, and in full where one points at it. */
export function When({ at }: { readonly at: Date | null }) {
  if (at === null) return <span class="none">never</span>;
  return (
    <time datetime={at.toISOString()} title={inUtc(at)}>
      {agoInWords(at)}
    </time>
  );
}
