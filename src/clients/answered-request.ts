import type { Service } from '../database/budget.ts';
import type { RequestKind } from '../domain/queue/request-count.ts';

/**
 * How requests end, as they are counted: few, so that they can be labels. Answers with a meaning of their own stand
 * apart from their kind: 404 says that something isn't there, 429 and 503 ask for a pause. `none`: no whole answer came;
 * `aborted`: nobody waited for it any more.
 */
export const answerClasses = ['2xx', '3xx', '404', '429', '4xx', '503', '5xx', 'none', 'aborted'] as const;
export type AnswerClass = (typeof answerClasses)[number];

/** A request that was sent, and what came of it. */
export interface AnsweredRequest {
  readonly kind: RequestKind;
  readonly answer: AnswerClass;
  /** From its turn to the answer's end. */
  readonly seconds: number;
}

/** Told every request of a client. */
export type RequestMeter = (request: AnsweredRequest) => void;

export function answerClassOf(status: number): AnswerClass {
  const own = answerClasses.find((known) => known === String(status));
  return own ?? answerClasses.find((known) => known === `${Math.floor(status / 100)}xx`) ?? 'none';
}

/** Whose budget a kind of request is taken from. */
export function serviceOf(kind: RequestKind): Service {
  return kind === 'ws' ? 'musicbrainz' : 'archive';
}
