import { ApplicationFailure } from '@temporalio/common';
import {
  ClaimGoneError,
  CoolDownError,
  KeyRefusedError,
  RefusedError,
  RequestError,
  UnreadableError,
  WindowError,
} from '../clients/errors.ts';
import { isDatabasesTrouble, overburdenedBy } from '../database/database-away.ts';
import { UnreadableAnswerError } from '../domain/documents/metadata.ts';
import { InvalidMessageError } from '../domain/queue/indexer-event.ts';
import { type FailureDetail, type FailureType, failureTypes, type Likeness } from '../temporal/failure-types.ts';

/** An event that no attempt can carry out: what it asks for contradicts MusicBrainz. It fails for good. */
export class ImpossibleError extends Error {
  override readonly name = 'ImpossibleError';
}

/** An event whose moment has not come. It is snoozed. */
export class NotYetError extends Error {
  override readonly name = 'NotYetError';
  readonly waitSeconds: number;
  constructor(message: string, waitSeconds: number) {
    super(message);
    this.waitSeconds = waitSeconds;
  }
}

/**
 * The failure that tells Temporal whether to try again, and the workflow what to do otherwise. Errors that are none of
 * ours (a bug) are returned as they are, and tried again.
 */
export function toFailure(error: unknown): unknown {
  if (error instanceof UnreadableError || error instanceof UnreadableAnswerError) {
    return failure(failureTypes.unreadable, error, { nonRetryable: false });
  }
  if (error instanceof CoolDownError) return failure(failureTypes.coolDown, error, { waitSeconds: error.waitSeconds });
  // A type of its own would be none that workflows of an older version know.
  if (error instanceof WindowError) {
    return failure(failureTypes.coolDown, error, { waitSeconds: error.waitSeconds, window: true });
  }
  if (error instanceof KeyRefusedError) return failure(failureTypes.keyRefused, error, { project: error.project });
  // Its event isn't touched by whatever comes of it.
  if (error instanceof ClaimGoneError) return failure(failureTypes.notYet, error);
  if (error instanceof NotYetError) return failure(failureTypes.notYet, error, { waitSeconds: error.waitSeconds });
  if (error instanceof RefusedError) return failure(failureTypes.refused, error);
  if (error instanceof ImpossibleError || error instanceof InvalidMessageError) {
    return failure(failureTypes.impossible, error);
  }
  // What services answer is typed by the errors above, so that a network's error that is left is the database's.
  if (isDatabasesTrouble(error)) {
    const sqlState = overburdenedBy(error);
    const about = { nonRetryable: false, ...(sqlState !== null && { sqlState }) };
    return failure(failureTypes.databaseAway, error as Error, about);
  }
  return error;
}

/** Whether others may fail with the same answer. An item that is slowed down alone, or is refused, says nothing of others. */
function likenessOf(error: Error): Likeness | null {
  const details = error instanceof RequestError ? error.details : null;
  if (details === null) return null;
  if (error instanceof RefusedError) return details.code === 'AccessDenied' ? 'AccessDenied' : null;
  if (!(error instanceof UnreadableError)) return null;
  if (details.status === null) return 'no answer';
  // An error document in a 2xx, too.
  return details.status >= 500 || details.code !== null ? 'server error' : null;
}

function failure(
  type: FailureType,
  error: Error,
  { nonRetryable = true, ...about }: FailureDetail & { readonly nonRetryable?: boolean } = {},
): ApplicationFailure {
  const answer = error instanceof RequestError && error.details !== null ? { answer: error.details } : {};
  const alike = likenessOf(error);
  const detail: FailureDetail = { ...about, ...answer, ...(alike && { alike }) };
  return ApplicationFailure.create({ type, message: error.message, nonRetryable, details: [detail] });
}
