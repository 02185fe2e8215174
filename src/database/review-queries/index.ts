/** Lists of reviews, for people who work them off. Nothing here changes anything. */
export { countReviews, neighboursOf, pageReviews, type ListedReview } from './list-reviews.ts';
export { type ReviewListFilter } from './review-filter.ts';
export { readReviewVersion } from './read-version.ts';
export {
  byAudience,
  readReviewGroups,
  type AudienceReviews,
  type ReviewGroup,
  type ReviewGroups,
} from '../reviews/review-groups.ts';
