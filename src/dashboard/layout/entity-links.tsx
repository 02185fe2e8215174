import type { EntityKey } from '../../domain/entity.ts';
import { projects } from '../../domain/project.ts';
import type { PageContext } from '../environment.ts';

/** The page of one entity. */
export function entityPath({ entityType, gid }: EntityKey): string {
  return `/entities/${entityType}/${gid}`;
}

/** An entity's MBID, leading to its page. */
export function EntityLink({ entity }: { readonly entity: EntityKey }) {
  return (
    <a class="gid" href={entityPath(entity)}>
      <span class="kind">{entity.entityType}</span> {entity.gid}
    </a>
  );
}

/** The entity at MusicBrainz, its item, and its images as the public gets them. */
export function ElsewhereLinks({ c, entity }: { readonly c: PageContext; readonly entity: EntityKey }) {
  const { config } = c.var.parts;
  const { gid } = entity;
  return (
    <ul class="elsewhere" aria-label="Elsewhere">
      <li>
        <a href={`${projects[entity.entityType].entityUrl}/${gid}`} rel="noreferrer">
          MusicBrainz
        </a>
      </li>
      <li>
        <a href={`${config().archive.url}/details/mbid-${gid}`} rel="noreferrer">
          archive.org
        </a>
      </li>
      <li>
        <a href={`${projects[entity.entityType].imageUrl}/${gid}`} rel="noreferrer">
          {entity.entityType === 'release' ? 'Cover Art Archive' : 'Event Art Archive'}
        </a>
      </li>
    </ul>
  );
}
