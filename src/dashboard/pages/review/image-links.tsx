import { findCheck } from '../../../domain/checks/catalogue.ts';
import type { Review } from '../../../database/reviews/reviews.ts';
import type { ReviewReason } from '../../../domain/decision/review-reason.ts';
import type { EntityKey } from '../../../domain/entity.ts';
import { editAddress, editsAddress, fileAddress, historyAddress } from '../../../domain/site-links.ts';
import { shortened } from '../../../wording/text.ts';
import type { PageContext } from '../../environment.ts';
import { entityPath } from '../../layout/inline.tsx';
import { filesNamedBy, type NamedFile } from '../../layout/review-title.ts';

/** Whether pictures are in question in one of the reasons. */
function areImagesInQuestion(reasons: readonly ReviewReason[]): boolean {
  return reasons.some(({ check }) => check !== null && findCheck(check)?.showsImages === true);
}

interface Props {
  readonly c: PageContext;
  readonly entity: EntityKey;
  readonly files: readonly NamedFile[];
  /** The edit that added each image, by artwork id; what MusicBrainz doesn't list has none. */
  readonly edits: ReadonlyMap<number, number>;
}

/** Where each file that is in question is seen: itself, the edit that added it, its older versions. */
function ImageLinks({ c, entity, files, edits }: Props) {
  if (files.length === 0) return null;
  const sites = c.var.parts.config();
  return (
    <ul aria-label="Files in question">
      {files.map(({ fileName, artworkId }) => {
        const edit = artworkId === null ? undefined : edits.get(artworkId);
        return (
          <li>
            <a href={fileAddress(sites, entity.gid, fileName)} rel="noreferrer">
              {shortened(fileName, 100)}
            </a>
            ,{' '}
            {edit === undefined ? (
              <a href={editsAddress(sites, entity)} rel="noreferrer">
                edits of the {entity.entityType}
              </a>
            ) : (
              <a href={editAddress(sites, edit)} rel="noreferrer">
                edit {edit}
              </a>
            )}
            ,{' '}
            <a href={historyAddress(sites, entity.gid)} rel="noreferrer">
              older versions
            </a>
          </li>
        );
      })}
    </ul>
  );
}

interface ImagesProps extends Pick<Props, 'c' | 'edits'> {
  readonly review: Review;
}

/** The files in question, and the pictures: open where they are what is in question. */
export function ImagesInQuestion({ c, review, edits }: ImagesProps) {
  const { gid, reasons } = review;
  const path = `${entityPath(review)}/images`;
  return (
    <div class="seen">
      <ImageLinks c={c} entity={review} files={filesNamedBy(gid, reasons)} edits={edits} />
      <details id="images" data-lazy={path} open={areImagesInQuestion(reasons)}>
        <summary data-key="i">Images side by side</summary>
        <p>
          <a href={path}>Ask the archive now</a>: what MusicBrainz lists, what the item holds, and what owners of other
          images hold. These are requests to the archive.
        </p>
      </details>
      <p class="shortcuts is-at-hand">
        <a href="#decision">Your decision</a>
      </p>
    </div>
  );
}
