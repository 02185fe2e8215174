import { howToUndo } from '../../../database/bulk-actions/undo.ts';
import { nameOfSubject, type OperatorAction } from '../../../database/bulk-actions/operator-actions.ts';
import { entityTypes, isMbid } from '../../../domain/entity.ts';
import { nameInWords, shortened } from '../../../wording/text.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { Changes, entityPath, When } from '../../layout/inline.tsx';
import { frontOf, type Picture, Pictured, pictureOfEvent } from '../../layout/thumbnail.tsx';
import { ListTable } from '../../lists/list-view.tsx';
import { pictureOfReview, reviewTitle } from '../../layout/review-title.ts';

interface OperatorActionsProps {
  readonly c: PageContext;
  readonly actions: readonly OperatorAction[];
  readonly caption: string;
}

/** What people did, newest first; part of the record's page and of each entity's. */
export function OperatorActions({ c, actions, caption }: OperatorActionsProps) {
  return (
    <ListTable caption={caption} columns={['When', 'Who', 'What', 'On', 'Changed', 'Note']}>
      {actions.map((action) => (
        <tr data-row={String(action.id)}>
          <td data-label="When">
            <When at={action.at} />
          </td>
          <td data-label="Who">{action.actor}</td>
          <td data-label="What">
            {action.action}
            <Undo c={c} action={action} />
          </td>
          <td data-label="On">
            <Target c={c} action={action} />
          </td>
          <td data-label="Changed">
            <Changes before={action.before} after={action.after} />
          </td>
          <td data-label="Note">{shortened(action.note ?? '', longest)}</td>
        </tr>
      ))}
    </ListTable>
  );
}

/** The button that undoes it; or what to do instead. */
function Undo({ c, action: { id, action, target } }: { readonly c: PageContext; readonly action: OperatorAction }) {
  const how = howToUndo(action, target);
  if ('instead' in how) return <span class="hint"> Can’t be undone: {how.instead}.</span>;
  return (
    <ActionForm c={c} action={`/record/${id}/undo`} id={`undo-${id}`} class="inline">
      <button aria-label={`Undo action ${id}`}>Undo…</button>
    </ActionForm>
  );
}

/** What was acted on, by its name where it has one; the record's own words for it stand below, dim. */
function Target({ c, action }: { readonly c: PageContext; readonly action: OperatorAction }) {
  const { target, after, subject } = action;
  const path = bulkActionPath(after) ?? targetPath(target);
  const words = titleOf(action);
  if (!subject || path === null || words === null) {
    return path === null ? <>{shortened(target, longest)}</> : <a href={path}>{target}</a>;
  }
  return (
    <Pictured c={c} of={pictureOf(subject)}>
      <a class="title" href={path}>
        {words}
      </a>
      <span class="kind">{target}</span>
    </Pictured>
  );
}

/** `Harbour Songs, by The Swells — image missing`; null where nothing more is known than the record says. */
function titleOf({ subject }: OperatorAction): string | null {
  if (subject?.kind === 'review') return reviewTitle(subject.review, subject.review.name);
  const name = nameOfSubject(subject);
  if (name === null) return null;
  const action = subject?.kind === 'indexer_event' ? ` — ${subject.event.action.replace('_', ' ')}` : '';
  return `${nameInWords(name)}${action}`;
}

function pictureOf(subject: NonNullable<OperatorAction['subject']>): Picture | null {
  switch (subject.kind) {
    case 'entity':
      return frontOf(subject.entity, subject.name);
    case 'indexer_event':
      return pictureOfEvent(subject.event);
    case 'review':
      return pictureOfReview(subject.review, subject.review.name);
  }
}

/** Characters; all of it is in the files. */
const longest = 500;

/** The page of what a record is about, by the words that name it; null where there is none. */
function targetPath(target: string): string | null {
  const [kind = '', key = '', ...more] = target.split(' ');
  if (more.length > 0) return null;
  const entityType = entityTypes.find((known) => known === kind);
  if (entityType !== undefined && isMbid(key)) return entityPath({ entityType, gid: key });
  if (kind === 'event' && /^\d+$/.test(key)) return `/events/${key}`;
  if (kind === 'review' && /^\d+$/.test(key)) return `/reviews/${key}`;
  return key === '' && /^[a-z_]+$/.test(kind) ? '/schedule' : null;
}

/** The page of the bulk action that a record is about, which has its rows; null where it is about none. */
function bulkActionPath(after: unknown): string | null {
  const { bulk_action: id } = (after ?? {}) as { readonly bulk_action?: unknown };
  return typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id) ? `/bulk/${id}` : null;
}
