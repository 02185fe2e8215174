import { findCheck } from '../../domain/checks/catalogue.ts';
import { artworkIdInName, parseOriginalFileName } from '../../domain/documents/file-names.ts';
import type { EntityName } from '../../database/musicbrainz/entity-kinds.ts';
import type { Review } from '../../database/reviews/reviews.ts';
import { filesImage } from '../../domain/checks/file-checks.ts';
import { adviceOn, type ReviewReason } from '../../domain/decision/review-reason.ts';
import { nameInWords } from '../../wording/text.ts';
import { frontOf, type Picture } from './thumbnail.tsx';

/** A file that a review is about. */
export interface NamedFile {
  readonly fileName: string;
  /** Null where it is under a name that tells none. */
  readonly artworkId: number | null;
}

/** The image files that the examples of a review's reasons name: as expected, as found, each once. */
export function filesNamedBy(gid: string, reasons: readonly ReviewReason[]): readonly NamedFile[] {
  const files = new Map<string, NamedFile>();
  for (const { check, examples } of reasons) {
    if (check === null || findCheck(check)?.showsImages !== true) continue;
    for (const { subject, expected, found } of examples) {
      const names = [subject, expected, found].flatMap((text) => text.match(/mbid-[0-9a-f-]{36}-\d+[\w.]+/g) ?? []);
      if (names.length === 0) names.push(subject);
      for (const fileName of names) {
        const artworkId = parseOriginalFileName(gid, fileName)?.artworkId ?? artworkIdInName(gid, fileName);
        files.set(fileName, { fileName, artworkId });
      }
    }
  }
  return [...files.values()];
}

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
