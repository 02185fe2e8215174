/** Lists of reviews, for people who work them off. Nothing here changes anything. */
export { countReviews, type ListedReview, neighboursOf, pageReviews } from './list-reviews.ts';
export { type ReviewListFilter } from './review-filter.ts';
export { readReviewVersion } from './read-version.ts';
export {
  type AudienceReviews,
  byAudience,
  readReviewGroups,
  type ReviewGroup,
  type ReviewGroups,
} from '../reviews/review-groups.ts';
