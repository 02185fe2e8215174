/**
 * An answer of the archive or the web service from which nothing can be told. It is never read as "absent" or
 * "different": whoever asked gives up this attempt and asks again later.
 */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
}
