import type { RememberedContent } from '../../../domain/remembered-content.ts';
import { KnownContents } from '../../images/known-contents.tsx';

/** A box set may have a thousand. */
const mostShown = 20;

/** The contents that audits saw of the entity's images. */
export function ContentsSection({ contents }: { readonly contents: readonly RememberedContent[] }) {
  if (contents.length === 0) return null;
  const images = new Map<string, RememberedContent[]>();
  for (const content of contents) {
    const name = `${content.artworkId}.${content.suffix}`;
    images.set(name, [...(images.get(name) ?? []), content]);
  }
  return (
    <section aria-labelledby="contents">
      <h2 id="contents">Contents of its images</h2>
      <dl>
        {[...images].slice(0, mostShown).map(([name, known]) => (
          <>
            <dt>Image {name}</dt>
            <dd>
              <KnownContents contents={known} />
            </dd>
          </>
        ))}
      </dl>
      {images.size > mostShown && <p>and of {images.size - mostShown} images more, which are not shown.</p>}
    </section>
  );
}
