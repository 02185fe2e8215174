import { EntityLink } from '../../layout/entity-links.tsx';
import type { EntityFacts } from './read-entity-page.ts';

/** Who the MBID is for MusicBrainz, and what art it lists. */
export function Identity({ facts }: { readonly facts: Pick<EntityFacts, 'expected' | 'key'> }) {
  const { key, expected } = facts;
  if ('untold' in expected) return <p class="notice warn">What MusicBrainz expects can’t be told: {expected.untold}</p>;
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
