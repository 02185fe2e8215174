import { type ErrorHandler, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { policySource } from '../clients/hosts.ts';
import type { Config } from '../config/config.ts';
import { isLoopbackHost, splitListenAddress } from '../config/value-types.ts';
import { readOnly } from '../database/connection.ts';
import { readActivity } from '../database/figures/activity.ts';
import { readAttention, readStanding } from '../database/figures/standing.ts';
import { readWorkSince } from '../database/figures/work-since.ts';
import { isDatabaseAway } from '../database/database-away.ts';
import { InvalidPlaceError } from '../database/lists/walk.ts';
import { CopiedDatabaseError, OtherDatabaseError } from '../database/schema/deployment.ts';
import { serveAt } from '../lifetime/serve-at.ts';
import { keep, keepEach } from '../monitoring/cached.ts';
import { healthOf } from '../monitoring/health.ts';
import { TemporalUnreachableError } from '../temporal/connection.ts';
import { accessOf } from './access/access.tsx';
import { apiRoutes } from './api/routes.ts';
import type { DashboardEnv, DashboardParts, PageContext, RefusedForm } from './environment.ts';
import { onlyOwnForms, operatorsOnly } from './forms/same-origin.ts';
import { refusedFormOf, showAgain } from './forms/show-again.ts';
import { assetRoutes } from './layout/assets.ts';
import { MessagePage } from './layout/page.tsx';
import { pageRoutes } from './pages/index.ts';
import { away, badAddress, isForPrograms, notFound, Refusal } from './refusals.ts';

/**
 * Answers an error with the status that fits and a page that says what was wrong and what happens now: the page of the form
 * that was sent, where there was one.
 */
export function explainErrors(app: Hono<DashboardEnv>): ErrorHandler<DashboardEnv> {
  return async (error, c) => {
    const refusal = asRefusal(error, c);
    const { status, title, message, problems, link } = refusal;
    if (status >= 500) {
      c.var.parts.log.error({ error, path: c.req.path, method: c.req.method }, 'page not answered');
    }
    if (status === 503) c.header('retry-after', '10');
    const details = problems.map(({ text }) => text);
    if (isForPrograms(c)) return c.json({ error: { status, title, message, details } }, status);
    const again = await showAgain(app, c, refusal);
    if (again !== null) return again;
    return c.html(<MessagePage c={c} title={title} message={message} details={details} link={link} />, status);
  };
}

function asRefusal(error: Error, c: PageContext): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof InvalidPlaceError) return badAddress('after', 'after takes what the link to a next page has');
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
  return new Refusal(500, 'Something went wrong', 'That is an internal error; its log has more.');
}

/** PostgreSQL's code for a statement that took longer than it may. */
const queryCanceled = '57014';

/** Milliseconds. A page that is there isn't kept back by the figures around it. */
const patienceForFrame = 500;

/** Milliseconds. Figures so old are better than none, where new ones take longer than somebody waits. */
const staleFigures = 60_000;

/** Spans of time that are kept: those that the overview offers, and some that people chose. */
const mostSpans = 20;

/** Milliseconds. */
const anHour = 3_600_000;

/** Bytes; a form that selects some thousand rows is a tenth of it. */
const largestForm = 1024 * 1024;

/** The dashboard: its pages and actions, for whoever may see and use them. */
export function createDashboard(parts: DashboardParts): Hono<DashboardEnv> {
  const { db, config } = parts;
  const app = new Hono<DashboardEnv>();
  const explain = explainErrors(app);
  app.onError(explain);
  app.notFound((c) => explain(notFound('There is no such page.'), c));
  app.use(ourHeaders(config));
  const attention = keep(() => readAttention(db, config(), config().dashboard.statementSeconds), {
    keep: () => config().dashboard.liveSeconds * 1000,
    patience: () => patienceForFrame,
    stale: staleFigures,
    onError: (error) => parts.log.warn({ error }, 'what the frame shows can’t be read'),
  });
  // Given to all who ask within `live_seconds`: any number of people may leave the first page open.
  const figures = {
    keep: () => config().dashboard.liveSeconds * 1000,
    patience: () => config().dashboard.statementSeconds * 1000,
    stale: staleFigures,
    onError: (error: unknown) => parts.log.warn({ error }, 'figures can’t be read'),
  };
  const read: DashboardEnv['Variables']['read'] = (work) => readOnly(db, config().dashboard.statementSeconds, work);
  const standing = keep(() => readStanding(db, config(), config().dashboard.statementSeconds), figures);
  const activity = keepEach((hours: number) => read((q) => readActivity(q, hours)), figures, mostSpans);
  const work = keepEach((since: number) => read((q) => readWorkSince(q, new Date(since))), figures, mostSpans);
  app.use(async (c, next) => {
    c.set('parts', parts);
    c.set('refused', refusedFormOf(c));
    c.set('attention', () => attention.get());
    c.set('standing', () => standing.get());
    c.set('activity', activity);
    // Hours are counted whole: all moments of one have the same answer.
    c.set('work', (since) => work(Math.floor(since.getTime() / anHour) * anHour));
    c.set('read', read);
    await next();
  });
  const access = accessOf(parts);
  app.use(async (c, next) => {
    // What a page shows is for whoever asked for it, and as it is now.
    c.header('cache-control', 'no-store');
    await next();
  });
  app.route('/', access.waysIn);
  // Whether it is alive anybody may know, as its container, which has no login; how it stands, and what of, only who may
  // see the rest.
  const { monitoring } = parts;
  app.get('/healthz', (c) => (monitoring ? monitoring.fetch(c.req.raw) : c.json(healthOf('running'))));
  app.route('/', assetRoutes());
  // What is shown again is asked for by this process itself, for somebody who is known already.
  app.use((c, next) =>
    c.var.refused === undefined ? access.identify(c, next) : identifyAgain(c, c.var.refused, next),
  );
  if (monitoring) app.on('GET', ['/readyz', '/metrics'], (c) => monitoring.fetch(c.req.raw));
  app.use(bodyLimit({ maxSize: largestForm }));
  app.use(onlyOwnForms());
  app.route('/', access.waysOut);
  app.on('POST', '*', operatorsOnly());
  app.on('POST', '*', async (_c, next) => {
    await next();
    // Whoever changed something sees it at once.
    attention.forget();
    standing.forget();
  });
  app.route('/api', apiRoutes(parts));
  app.route('/', pageRoutes());
  return app;
}

async function identifyAgain(c: PageContext, { by }: RefusedForm, next: () => Promise<void>): Promise<void> {
  c.set('person', by.person);
  c.set('formToken', by.formToken);
  if (by.logoutPath !== undefined) c.set('logoutPath', by.logoutPath);
  await next();
}

/**
 * What browsers receive: no script or style but our own files, nothing inline, no frames, no forms to elsewhere. Images
 * come from the archive too, which redirects to its data nodes.
 */
function ourHeaders(config: () => Config): MiddlewareHandler<DashboardEnv> {
  return async (c, next) =>
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", ...imageSources(config())],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: 'DENY',
      referrerPolicy: 'same-origin',
      crossOriginOpenerPolicy: 'same-origin',
      crossOriginResourcePolicy: 'same-origin',
      // A proxy in front that speaks TLS says so itself.
      strictTransportSecurity: false,
    })(c, next);
}

/**
 * Where images come from: the archives' own sites, which send browsers on to the archive, and that to its nodes. Of
 * archive.org these are any of its hosts; elsewhere they are where `[archive] node_url` says that an item's own nodes are.
 */
function imageSources({ archive: { url, nodeUrl, caaUrl, eaaUrl } }: Config): string[] {
  const sources = [url, nodeUrl, caaUrl, eaaUrl].flatMap((template) => policySource(template) ?? []);
  const ofArchive = new URL(url).hostname === 'archive.org' ? ['https://*.archive.org'] : [];
  return [...new Set([...sources, ...ofArchive])];
}

export interface RunningDashboard {
  /** Where it listens, without a slash at its end. */
  readonly url: string;
  /** Answers what was asked already and takes nothing new; after `graceSeconds` the rest is cut. */
  stop(graceSeconds?: number): Promise<void>;
}

/**
 * Serves the dashboard where `[dashboard] listen` says.
 *
 * @throws {Error} where that is beyond loopback and nobody would have to log in
 * @throws {AddressTakenError}
 */
export async function serveDashboard(parts: DashboardParts): Promise<RunningDashboard> {
  const { listen, auth } = parts.config().dashboard;
  if (auth === 'none' && !isLoopbackHost(splitListenAddress(listen).host)) {
    throw new Error(
      `[dashboard] listen is ${listen}, which others can reach, and [dashboard] auth is none: set auth to oauth or ` +
        'proxy, or listen on 127.0.0.1; nothing was started',
    );
  }
  const listening = await serveAt(createDashboard(parts), listen, '[dashboard] listen');
  return {
    url: `http://${listening.address}`,
    stop: (graceSeconds = 5) => listening.close(graceSeconds),
  };
}
