import { AuthorizationResponseError, OperationProcessingError, ResponseBodyError } from 'oauth4webapi';
import type { Redactor } from '../../../config/secrets.ts';
import { Refusal } from '../../refusals.ts';

/** A login that failed. */
export interface FailedLogin {
  readonly refusal: Refusal;
  /** For the log: what the login server answered. */
  readonly why: string;
}

/**
 * What went wrong with a login, for who tried it and for the log.
 *
 * @param redact takes out what was sent to the login server, whose words may repeat it
 */
export function explainLogin(error: unknown, redact: Redactor): FailedLogin {
  const { refusal, why } = inWords(error);
  const { status, title, message } = refusal;
  return { refusal: new Refusal(status, title, redact(message)), why: redact(why) };
}

function inWords(error: unknown): FailedLogin {
  if (error instanceof Refusal) return { refusal: error, why: error.message };
  if (error instanceof AuthorizationResponseError) {
    return {
      refusal: failed(403, `The login server says: ${answered(error)}.`),
      why: `authorization: ${answered(error)}`,
    };
  }
  if (error instanceof ResponseBodyError) {
    const why = `${error.status} ${answered(error)}`;
    return error.error === 'invalid_grant'
      ? { refusal: failed(400, 'The login took too long or was used already. Log in again.'), why }
      : { refusal: failed(502, `The login server refused the dashboard: ${answered(error)}.`), why };
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return {
      refusal: failed(503, 'The login server did not answer in time. Try again later.'),
      why: 'no answer in time',
    };
  }
  if (error instanceof TypeError && error.message === 'fetch failed') {
    return { refusal: failed(503, 'The login server can’t be reached. Try again later.'), why: causeOf(error) };
  }
  if (isOurAnswerWrong(error)) {
    return {
      refusal: failed(400, 'That is not the answer to a login that was begun here. Log in again.'),
      why: error.message,
    };
  }
  const why = error instanceof Error ? error.message : 'unknown';
  return { refusal: failed(502, 'The login server’s answer can’t be used; the log tells more.'), why };
}

/** What comes with the visitor's address: a wrong `state`, `iss`, or no code. */
function isOurAnswerWrong(error: unknown): error is Error {
  return (
    error instanceof OperationProcessingError &&
    /response parameter|authorization code|"parameters"/.test(error.message)
  );
}

function failed(status: 400 | 403 | 502 | 503, message: string): Refusal {
  return new Refusal(status, 'Not logged in', message);
}

/** The code of an OAuth error, and its words: both are the server's, or whoever's made the address. */
function answered({ error, error_description }: AuthorizationResponseError | ResponseBodyError): string {
  const words = error_description === undefined ? error : `${error} (${error_description})`;
  return words.slice(0, 300);
}

function causeOf(error: Error): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'fetch failed';
}
