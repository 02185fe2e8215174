import type { Service } from '../database/brakes/budget.ts';
import type { ProjectName } from '../domain/entity.ts';
import type { RequestKind } from '../domain/queue/request-count.ts';

/**
 * How requests end, as they are counted: few, so that they can be labels. Answers with a meaning of their own stand
 * apart from their kind: 404 says that something isn't there, 429 and 503 ask for a pause. `none`: no whole answer came;
 * `aborted`: nobody waited for it any more.
 */
const answerClasses = ['2xx', '3xx', '404', '429', '4xx', '503', '5xx', 'none', 'aborted'] as const;
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

/** What is known of an answer that could not be used; kept with the attempt, for the operator. */
export interface AnswerDetails {
  readonly status: number | null;
  /** Of S3's error document, as `NoSuchKey`; null where the answer is none. */
  readonly code: string | null;
  /** The beginning of the body, one line, at most 300 characters. */
  readonly bodyExcerpt: string;
  /** The archive's own id of the request, which its staff can look up. */
  readonly requestId: string | null;
}

/** Errors are typed by what the caller should do about them; each message is whole and can be shown to an operator. */
export abstract class RequestError extends Error {
  readonly details: AnswerDetails | null;
  constructor(message: string, details: AnswerDetails | null = null, options?: ErrorOptions) {
    super(message, options);
    this.details = details;
  }
}

/**
 * Nothing is known from this request: a 5xx, a time-out, a reset, an answer that is cut or cannot be parsed. It never
 * means "absent" or "different". Try again later.
 */
export class UnreadableError extends RequestError {
  override readonly name = 'UnreadableError';
}

/** The service asked for a pause so long that waiting in place would hold a worker. Nothing was sent. */
export class CoolDownError extends RequestError {
  override readonly name = 'CoolDownError';
  readonly waitSeconds: number;
  /** @param item the one that waits alone, after a slow down; where not given, the whole service is left alone. */
  constructor(service: string, waitSeconds: number, item?: string) {
    const wait = `${Math.ceil(waitSeconds)} s`;
    super(
      item === undefined
        ? `${service} is cooling down for another ${wait}`
        : `${item} was slowed down: it alone waits another ${wait}, while other items are asked first`,
    );
    this.waitSeconds = waitSeconds;
  }
}

/** A write for an event whose claim is gone: it was given to somebody else, or is over. Nothing was sent. */
export class ClaimGoneError extends RequestError {
  override readonly name = 'ClaimGoneError';
  constructor(request: string) {
    super(`the event's claim is gone, and the write was not sent: ${request}`);
  }
}

/** A window keeps the archive from being asked. Nothing was sent. */
export class WindowError extends RequestError {
  override readonly name = 'WindowError';
  readonly waitSeconds: number;
  constructor(reason: string, waitSeconds: number) {
    super(`a window keeps the archive from being asked for another ${Math.ceil(waitSeconds)} s: ${reason}`);
    this.waitSeconds = waitSeconds;
  }
}

/** The archive refuses a project's key: nobody's fault but the configuration's. Stop everything of that project. */
export class KeyRefusedError extends RequestError {
  override readonly name = 'KeyRefusedError';
  readonly project: ProjectName;
  constructor(project: ProjectName, message: string, details: AnswerDetails) {
    super(message, details);
    this.project = project;
  }
}

/** This one request is refused, and asking again soon will not help: the item's own trouble, for a person in the end. */
export class RefusedError extends RequestError {
  override readonly name = 'RefusedError';
}
