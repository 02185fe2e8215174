import type { ListedEntityRow } from '../../../database/entity-queries/index.ts';
import type { CappedCount, ListPage } from '../../../database/lists/index.ts';
import type { EntityName } from '../../../database/musicbrainz/entity-names.ts';
import { shortened } from '../../../wording/shortened.ts';
import type { PageContext } from '../../environment.ts';
import { CheckLink } from '../../findings/check-sentence.tsx';
import { Badge } from '../../layout/badge.tsx';
import { entityPath } from '../../layout/entity-links.tsx';
import { Page } from '../../layout/page.tsx';
import { When } from '../../layout/when.tsx';
import { Downloads } from '../../lists/downloads.tsx';
import { CountNote, ShortPageNote } from '../../lists/list-notes.tsx';
import { Pager } from '../../lists/pager.tsx';
import { EntityFilterForm } from './filter-form.tsx';

interface Props {
  readonly c: PageContext;
  readonly page: ListPage<ListedEntityRow>;
  readonly count: CappedCount;
  readonly names: ReadonlyMap<string, EntityName>;
}

/** The entities that a filter matches. */
export function EntitiesPage({ c, page, count, names }: Props) {
  return (
    <Page c={c} title="Entities" section="/entities" live>
      <EntityFilterForm c={c} />
      <CountNote count={count} one="entity" many="entities" />
      {page.rows.length > 0 && (
        <div class="scroll">
          <table>
            <caption>Entities that are audited</caption>
            <thead>
              <tr>
                <th scope="col">Entity</th>
                <th scope="col">Status</th>
                <th scope="col">Last audit</th>
                <th scope="col">Due</th>
                <th scope="col" class="number">
                  Priority
                </th>
                <th scope="col">Found</th>
              </tr>
            </thead>
            <tbody>
              {page.rows.map((entity) => (
                <Row entity={entity} name={names.get(entity.gid)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <ShortPageNote page={page} many="entities" />
      <Pager c={c} next={page.next} />
      <Downloads c={c} />
    </Page>
  );
}

function Row({ entity, name }: { readonly entity: ListedEntityRow; readonly name: EntityName | undefined }) {
  const { entityType, gid, status, lastAuditAt, dueAt, dueCause, priority, checks } = entity;
  return (
    <tr data-row={entity.id}>
      <td>
        <a href={entityPath(entity)}>{name ? nameInList(name) : gid}</a>
        <br />
        <span class="kind">
          {entityType}
          {name && <span class="gid"> {gid}</span>}
        </span>
      </td>
      <td>
        <Badge of={status} />
      </td>
      <td>
        <When at={lastAuditAt} />
      </td>
      <td>
        {status === 'unchecked' && (dueAt === null ? 'now' : <When at={dueAt} />)}
        {dueCause !== null && <span class="hint"> {dueCause.replaceAll('_', ' ')}</span>}
      </td>
      <td class="number">{priority}</td>
      <td>
        {checks.map((check, n) => (
          <>
            {n > 0 && ', '}
            <CheckLink check={check} />
          </>
        ))}
      </td>
    </tr>
  );
}

function nameInList({ name, artist }: EntityName): string {
  const whole = artist === null ? name : `${name}, by ${artist}`;
  return shortened(whole.trim() === '' ? '(no name)' : whole, 100);
}
