import type { EntityName } from '../../../database/musicbrainz/entity-kinds.ts';
import type { Review } from '../../../database/reviews/reviews.ts';
import { filesImage } from '../../../domain/checks/file-checks.ts';
import { adviceOn } from '../../../domain/decision/review-reason.ts';
import { nameInWords } from '../../../wording/text.ts';
import { frontOf, type Picture } from '../../layout/thumbnail.tsx';
import { filesNamedBy } from './image-links.tsx';

/** What a review is about, by its first reason: `Harbour Songs, by The Swells — image missing`. */
export function reviewTitle({ reasons, entityType }: Review, name: EntityName | null | undefined): string {
  const [first] = reasons;
  const what = first === undefined ? 'needs a person' : adviceOn(first).title;
  return `${name ? nameInWords(name) : `${entityType} without a name`} — ${what}`;
}

/** What a review is recognized by: the first image in question that the item has, else the entity's front. */
export function pictureOfReview(
  { entityType, gid, reasons }: Review,
  name: EntityName | null | undefined,
): Picture | null {
  const entity = { entityType, gid };
  const there = reasons.filter(({ check }) => check !== filesImage.name);
  const [image] = filesNamedBy(gid, there).flatMap(({ artworkId }) => artworkId ?? []);
  return image === undefined ? frontOf(entity, name) : { entity, artworkId: image };
}
