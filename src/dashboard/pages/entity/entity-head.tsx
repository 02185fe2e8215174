import type { PageContext } from '../../environment.ts';
import { ElsewhereLinks, entityPath } from '../../layout/entity-links.tsx';
import { Identity } from './identity.tsx';
import type { EntityFacts } from './read-entity-page.ts';

const parts = [
  { part: 'entity', title: 'Entity', path: '' },
  { part: 'timeline', title: 'Timeline', path: '/timeline' },
  { part: 'images', title: 'Images side by side', path: '/images' },
] as const;

export type EntityPart = (typeof parts)[number]['part'];

/** What every page of an entity begins with: who it is, where else it is seen, and its other pages. */
export function EntityHead({
  c,
  facts,
  current,
}: {
  readonly c: PageContext;
  readonly facts: Pick<EntityFacts, 'expected' | 'key'>;
  readonly current: EntityPart;
}) {
  const { key } = facts;
  return (
    <>
      <p>
        <span class="kind">{key.entityType}</span> <code class="gid">{key.gid}</code>
      </p>
      <Identity facts={facts} />
      <ElsewhereLinks c={c} entity={key} />
      <nav aria-label="Pages of this entity">
        <ul class="inline-list">
          {parts.map(({ part, title, path }) => (
            <li>
              <a href={`${entityPath(key)}${path}`} {...(part === current && { 'aria-current': 'page' as const })}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </>
  );
}
