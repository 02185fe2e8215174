import type { EntityKey } from '../../domain/entity.ts';
import { itemName } from '../../domain/documents/file-names.ts';
import { shortened } from '../../wording/shortened.ts';
import type { PageContext } from '../environment.ts';
import { EntityLink } from '../layout/entity-links.tsx';
import { KnownContents } from './known-contents.tsx';
import type { ComparedImage, ImageComparison, OwnersCopy } from './compare-images.ts';

interface Props {
  readonly c: PageContext;
  readonly entityKey: EntityKey;
  readonly comparison: ImageComparison;
}

/** Each image as MusicBrainz lists it, as the item holds it, and as the owner's item does. */
export function ImagesView({ c, entityKey, comparison }: Props) {
  const { item, images } = comparison;
  return (
    <div data-part="images">
      <ItemState comparison={comparison} />
      {images.length === 0 && item.kind !== 'untold' && <p class="none">Neither side has an image.</p>}
      {images.slice(0, mostImages).map((image) => (
        <Image c={c} entityKey={entityKey} image={image} isTold={item.kind === 'present' || item.kind === 'missing'} />
      ))}
      {images.length > mostImages && <p class="notice">and {images.length - mostImages} more, which are not shown.</p>}
    </div>
  );
}

/** A box set may have a thousand. */
const mostImages = 100;

function ItemState({ comparison: { item } }: { readonly comparison: ImageComparison }) {
  switch (item.kind) {
    case 'untold':
      return (
        <p class="notice warn">
          What the archive holds can’t be told just now, which says nothing about what is there: {item.why}
        </p>
      );
    case 'missing':
      return <p class="notice">The archive has no such item; two kinds of requests agree on that.</p>;
    case 'dark':
      return <p class="notice">The item is dark: nothing of it is public, and what it holds can’t be told.</p>;
    case 'present':
      return <p>Asked for just now: the item has {item.files.length.toLocaleString('en')} files.</p>;
  }
}

function Image({
  c,
  entityKey,
  image,
  isTold,
}: Omit<Props, 'comparison'> & { readonly image: ComparedImage; readonly isTold: boolean }) {
  const { artworkId, suffix, listed, held, picture, owner, ownersCopy, contents } = image;
  const { url } = c.var.parts.config().archive;
  const fileUrl = (name: string): string => `${url}/download/${itemName(entityKey.gid)}/${encodeURIComponent(name)}`;
  return (
    <section aria-label={`Image ${artworkId}`}>
      <h3>
        Image {artworkId}.{suffix}
      </h3>
      <div class="sides">
        <figure>
          <figcaption>MusicBrainz</figcaption>
          {listed ? (
            <p>
              {listed.types.join(', ') || 'no type'}
              {listed.comment !== '' && `: ${shortened(listed.comment)}`}
              {!listed.approved && ' (pending)'}
            </p>
          ) : (
            <p>Not listed for this {entityKey.entityType}.</p>
          )}
        </figure>
        <figure>
          <figcaption>This item at the archive</figcaption>
          {picture !== null && (
            <img src={fileUrl(picture)} alt={`Image ${artworkId} as the item holds it`} loading="lazy" />
          )}
          {held ? (
            <p>
              <a href={fileUrl(held.fileName)} rel="noreferrer">
                Original
              </a>
              , md5 <code>{held.md5 ?? 'not told'}</code>
            </p>
          ) : (
            <p>{isTold ? 'No original of it.' : 'Can’t be told.'}</p>
          )}
          {contents.length > 0 && <KnownContents contents={contents} />}
        </figure>
        {listed === null && (
          <figure>
            <figcaption>Whose it is</figcaption>
            {owner === null ? (
              <p>Of no entity in MusicBrainz: this may be the last copy.</p>
            ) : (
              <p>
                <EntityLink entity={{ entityType: entityKey.entityType, gid: owner.gid }} />{' '}
                {ownersCopy && copies[ownersCopy]}
                {owner.presence === 'darkened' && '; its art is darkened'}
              </p>
            )}
          </figure>
        )}
      </div>
    </section>
  );
}

const copies: Readonly<Record<OwnersCopy, string>> = {
  held: 'and its item holds the same original',
  other_content: 'and its item holds an original of that name with other content',
  untold_content: 'and its item holds an original of that name, whose content can’t be told',
  lacking: 'but its item does not hold the original',
  not_asked: 'its item was not asked: there are too many others',
  untold: 'what its item holds can’t be told just now',
  dark: 'but its item is dark',
  missing: 'but it has no item',
};
