import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { InvalidPlaceError } from '../database/lists/index.ts';
import { CopiedDatabaseError, OtherDatabaseError } from '../database/schema/deployment.ts';
import { isDatabaseAway } from '../database/database-away.ts';
import { TemporalUnreachableError } from '../temporal/connection.ts';
import type { DashboardEnv, PageContext } from './environment.ts';
import { MessagePage } from './layout/message-page.tsx';
import { away, badInput, Refusal } from './refusals.ts';

/** Answers an error with a page that says what was wrong and what happens now, and with the status that fits. */
export const explainErrors: ErrorHandler<DashboardEnv> = (error, c) => {
  const refusal = asRefusal(error, c);
  if (refusal.status >= 500) {
    c.var.parts.log.error({ error, path: c.req.path, method: c.req.method }, 'page not answered');
  }
  const { status, title, message, details, link } = refusal;
  if (status === 503) c.header('retry-after', '10');
  return c.html(<MessagePage c={c} title={title} message={message} details={details} link={link} />, status);
};

function asRefusal(error: Error, c: PageContext): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof InvalidPlaceError) return badInput(['after takes what the link to a next page has']);
  if (error instanceof HTTPException) {
    return new Refusal(error.status, 'That can’t be answered', error.message || 'The request can’t be answered.');
  }
  const { code } = error as { readonly code?: unknown };
  if (code === queryCanceled) {
    const { statementSeconds } = c.var.parts.config().dashboard;
    return away(`The database took longer than ${statementSeconds} s and was stopped. A narrower filter may help.`);
  }
  if (isDatabaseAway(error)) return away('The database can’t be reached. Nothing was changed.');
  if (error instanceof TemporalUnreachableError) {
    return away('Temporal can’t be reached, and what was asked for needs it. Nothing was changed.');
  }
  if (error instanceof OtherDatabaseError || error instanceof CopiedDatabaseError) return away(error.message);
  return new Refusal(500, 'Something went wrong', 'That is a fault of this program; its log tells more.');
}

/** PostgreSQL's code for a statement that took longer than it may. */
const queryCanceled = '57014';
