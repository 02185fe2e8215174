import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { NoteField } from '../../forms/fields.tsx';
import { ElsewhereLinks, EntityLink, entityPath } from '../../layout/inline.tsx';
import { frontOf, Pictured } from '../../layout/thumbnail.tsx';
import { AuditForm } from '../../followed-audit.tsx';
import { isOperator } from '../../person.ts';
import type { EntityFacts } from './read-entity-page.ts';

const parts = [
  { part: 'entity', title: 'Entity', path: '' },
  { part: 'timeline', title: 'Timeline', path: '/timeline' },
  { part: 'images', title: 'Images side by side', path: '/images' },
] as const;

type EntityPart = (typeof parts)[number]['part'];

/** What every page of an entity begins with: who it is, where else it is seen, and its other pages. */
export function EntityHead({
  c,
  facts,
  current,
}: {
  readonly c: PageContext;
  readonly facts: Pick<EntityFacts, 'expected' | 'key' | 'name'>;
  readonly current: EntityPart;
}) {
  const { key, name } = facts;
  return (
    <>
      <Pictured c={c} of={hasImages(facts.expected) ? frontOf(key, name) : null} isHead>
        <p>
          <span class="kind">{key.entityType}</span> <code class="gid">{key.gid}</code>{' '}
          <button type="button" class="link" data-copy={key.gid}>
            Copy the MBID
          </button>
        </p>
        <Identity facts={facts} />
        <ElsewhereLinks c={c} entity={key} />
      </Pictured>
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

/** Whether MusicBrainz lists an image of it, as far as that is known. */
function hasImages(expected: EntityFacts['expected']): boolean {
  return !('images' in expected) || expected.images.length > 0;
}

/** What an operator can do about an entity: audit it now, have its index uploaded again. */
export function EntityActions({
  c,
  facts: { entity, expected, key },
}: {
  readonly c: PageContext;
  readonly facts: Pick<EntityFacts, 'entity' | 'expected' | 'key'>;
}) {
  if (!isOperator(c.var.person)) return null;
  // Of a document that can't be made now the event says why.
  const isIndexed = 'unknown' in expected || expected.identity === 'live';
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      <AuditForm c={c} entityKey={key} status={entity?.status ?? null} />
      {isIndexed && (
        <ActionForm c={c} action={`${entityPath(key)}/index`} class="actions" id="index-now">
          <NoteField c={c} form="index-now" label="Note for the record (optional)" most={2000} />
          <button>Index</button>
          <span class="hint">Queues an index event: index.json and the XML are uploaded again.</span>
        </ActionForm>
      )}
    </section>
  );
}

/** Who the MBID is for MusicBrainz, and what art it lists. */
function Identity({ facts }: { readonly facts: Pick<EntityFacts, 'expected' | 'key'> }) {
  const { key, expected } = facts;
  if ('unknown' in expected) return <p class="notice warn">What MusicBrainz expects is unknown: {expected.unknown}</p>;
  const { identity, mergedInto, mergedFrom, images, presence } = expected;
  const { entityType } = key;
  switch (identity) {
    case 'live':
      return (
        <>
          <p>
            MusicBrainz has this {entityType}, with{' '}
            {images.length === 1 ? '1 image' : `${images.length.toLocaleString('en')} images`}
            {presence === 'darkened' && ', and says that its art is darkened'}.
          </p>
          {mergedFrom.length > 0 && (
            <p>
              Merged into it:{' '}
              {mergedFrom.slice(0, 20).map((gid, n) => (
                <>
                  {n > 0 && ', '}
                  <EntityLink entity={{ entityType, gid }} />
                </>
              ))}
              {mergedFrom.length > 20 && ` and ${mergedFrom.length - 20} more`}
            </p>
          )}
        </>
      );
    case 'merged':
      return (
        <p>
          Merged in MusicBrainz{mergedInto !== null && ' into '}
          {mergedInto !== null && <EntityLink entity={{ entityType, gid: mergedInto }} />}: nothing of it should be left
          in public at the archive.
        </p>
      );
    case 'deleted':
      return <p>Deleted in MusicBrainz: nothing of it should be left in public at the archive.</p>;
    case 'unknown':
      return <p>MusicBrainz knows no {entityType} of this MBID, neither now nor as merged or deleted.</p>;
  }
}
