import type { RememberedContent } from '../../domain/documents/image-content.ts';
import type { EntityKey } from '../../domain/entity.ts';
import { fileAddress } from '../../domain/site-links.ts';
import { shortened } from '../../wording/text.ts';
import type { PageContext } from '../environment.ts';
import { CheckLink } from '../layout/finding-view.tsx';
import { Badge, EntityLink, When } from '../layout/inline.tsx';
import type { ComparedImage, ImageComparison, ImageOnItem, ShownFile } from './compare-images.ts';

interface Props {
  readonly c: PageContext;
  readonly entityKey: EntityKey;
  readonly comparison: ImageComparison;
}

/** Each image as MusicBrainz lists it, and a figure for each file of it: here, on its owner's item, on a merged one. */
export function ImagesView({ c, entityKey, comparison }: Props) {
  const { item, images } = comparison;
  return (
    <div data-part="images">
      <ItemState comparison={comparison} />
      {images.length === 0 && item.kind !== 'unknown' && <p class="none">Neither side has an image.</p>}
      {images.slice(0, mostImages).map((image) => (
        <Image c={c} entityKey={entityKey} image={image} />
      ))}
      {images.length > mostImages && <p class="notice">and {images.length - mostImages} more, which are not shown.</p>}
    </div>
  );
}

/** A box set may have a thousand. */
const mostImages = 100;

function ItemState({ comparison: { item } }: { readonly comparison: ImageComparison }) {
  switch (item.kind) {
    case 'unknown':
      return (
        <p class="notice warn">
          What the archive holds is unknown just now, which says nothing about what is there: {item.why}
        </p>
      );
    case 'missing':
      return <p class="notice">The archive has no such item; two kinds of requests agree on that.</p>;
    case 'dark':
      return <p class="notice">The item is dark: nothing of it is public, and what it holds is unknown.</p>;
    case 'present':
      return <p>Asked for just now: the item has {item.files.length.toLocaleString('en')} files.</p>;
  }
}

interface ImageProps {
  readonly c: PageContext;
  readonly entityKey: EntityKey;
  readonly image: ComparedImage;
}

function Image({ c, entityKey, image }: ImageProps) {
  const { artworkId, suffix, checks, items, contents } = image;
  return (
    <section aria-label={`Image ${artworkId}`} class="image">
      <h3>
        Image {artworkId}
        {suffix !== null && `.${suffix}`}
      </h3>
      {checks.length > 0 && (
        <p>
          Named by{' '}
          {checks.map((check, n) => (
            <>
              {n > 0 && ', '}
              <CheckLink check={check} />
            </>
          ))}
        </p>
      )}
      <Listing entityKey={entityKey} image={image} />
      <div class="sides">
        {items.map((on) => (
          <OnItem c={c} entityKey={entityKey} image={image} on={on} />
        ))}
      </div>
      {contents.length > 0 && <KnownContents contents={contents} />}
    </section>
  );
}

/** What MusicBrainz says of it. */
function Listing({ entityKey, image: { listed, owner } }: Omit<ImageProps, 'c'>) {
  if (listed !== null) {
    return (
      <p>
        MusicBrainz: {listed.types.join(', ') || 'no type'}
        {listed.comment !== '' && `: ${shortened(listed.comment)}`}
        {!listed.approved && ' (pending)'}
      </p>
    );
  }
  if (owner === null) return <p>Of no entity in MusicBrainz: this may be the last copy.</p>;
  return (
    <p>
      Not of this {entityKey.entityType}: MusicBrainz lists it for{' '}
      <EntityLink entity={{ entityType: entityKey.entityType, gid: owner.gid }} />
      {owner.presence === 'darkened' && ', whose art is darkened'}.
    </p>
  );
}

/** A figure for each file, and one that says so where there is none, or not the expected one. */
function OnItem({ c, entityKey, image, on }: ImageProps & { readonly on: ImageOnItem }) {
  const isLacking = on.expected !== null && !on.files.some(({ isExpected }) => isExpected);
  const where = <Where entityKey={entityKey} on={on} />;
  return (
    <>
      {isLacking && (
        <figure>
          <figcaption>{where}</figcaption>
          <p class="none">{lacking(on, `${image.artworkId}.${on.expected}`)}</p>
        </figure>
      )}
      {on.files.map((file) => (
        <figure data-file={file.fileName}>
          <Picture c={c} gid={on.gid} file={file} />
          <figcaption>
            <strong>.{file.suffix}</strong> {where} {file.isExpected && <Badge of="expected" />}
            {file.isCopy !== null && ` ${copies[file.isCopy]}`}
          </figcaption>
          <FileFacts file={file} />
        </figure>
      ))}
    </>
  );
}

function Where({ entityKey: { entityType }, on }: { readonly entityKey: EntityKey; readonly on: ImageOnItem }) {
  if (on.role === 'here') return <>on this item</>;
  return (
    <>
      on the item of {on.role === 'owner' ? 'its owner' : 'what was merged into it'},{' '}
      <EntityLink entity={{ entityType, gid: on.gid }} />
    </>
  );
}

function lacking({ answer }: ImageOnItem, name: string): string {
  switch (answer) {
    case 'present':
      return `No original ${name}.`;
    case 'missing':
      return 'There is no item.';
    case 'dark':
      return 'The item is dark: what it holds is unknown.';
    case 'unknown':
      return 'What it holds is unknown just now.';
    case 'not_asked':
      return 'The item was not asked: there are too many others.';
  }
}

/** How a file compares with the one of its suffix on this item. */
const copies = {
  same: 'the same content as on this item',
  other: 'another content than on this item',
  unknown: 'whether its content is the same is unknown',
} as const;

function Picture({ c, gid, file }: { readonly c: PageContext; readonly gid: string; readonly file: ShownFile }) {
  const { fileName, picture } = file;
  const sites = c.var.parts.config();
  return (
    <a href={fileAddress(sites, gid, fileName)} rel="noreferrer">
      {picture === null ? (
        'Open the original'
      ) : (
        <img src={fileAddress(sites, gid, picture)} alt={`${fileName}, the original`} loading="lazy" />
      )}
    </a>
  );
}

/** What the archive lists of a file; its pixels only the browser knows, once it has the file itself. */
function FileFacts({ file }: { readonly file: ShownFile }) {
  const { fileName, picture, size, mtime, md5, known } = file;
  return (
    <dl class="facts">
      <div>
        <dt>Bytes</dt>
        <dd>{size === null ? 'not listed' : size.toLocaleString('en')}</dd>
      </div>
      <div>
        <dt>Pixels</dt>
        <dd {...(picture === fileName && { 'data-pixels': true })}>not listed; open the original</dd>
      </div>
      <div>
        <dt>Modified</dt>
        <dd>{mtime === null ? 'not listed' : <When at={new Date(mtime * 1000)} />}</dd>
      </div>
      <div>
        <dt>md5</dt>
        <dd>
          <code>{md5 ?? 'not listed'}</code>
        </dd>
      </div>
      <div>
        <dt>Content known</dt>
        <dd>
          {known === null ? 'not yet: no audit saw it' : `since ${known.firstSeen}`}
          {known !== null && (known.isFirst ? ', the first of it' : ', after another one')}
        </dd>
      </div>
    </dl>
  );
}

interface KnownContentsProps {
  /** Of one image, the first before others. */
  readonly contents: readonly RememberedContent[];
}

/** Since when each content of an image is known, on whichever item it lay. */
export function KnownContents({ contents }: KnownContentsProps) {
  const severalSuffixes = new Set(contents.map(({ suffix }) => suffix)).size > 1;
  return (
    <ul data-part="contents">
      {contents.map(({ suffix, md5, firstSeen, lastSeen }, n) => (
        <li>
          {severalSuffixes && `.${suffix}: `}
          {contents[n - 1]?.suffix === suffix && 'another content: '}
          md5 <code>{md5}</code>, seen {firstSeen === lastSeen ? `on ${firstSeen}` : `from ${firstSeen} to ${lastSeen}`}
        </li>
      ))}
    </ul>
  );
}
