import { raw } from 'hono/html';
import type { PropsWithChildren } from 'hono/jsx';
import type { Attention } from '../../database/figures/standing.ts';
import { commit, version } from '../../version.ts';
import { countInWords } from '../../wording/text.ts';
import type { PageContext } from '../environment.ts';
import { formTokenField } from '../forms/action-form.tsx';
import { attributesOf, FieldProblem, findForm, findPath, RefusedNotice, sentOf } from '../forms/fields.tsx';
import type { RefusalLink } from '../refusals.ts';
import { assetPath } from './assets.ts';
import { Banner, UnknownBanner, Updates } from './banner.tsx';

/** The pages that every page leads to, in this order; `key` follows `g` on the keyboard. */
export const navigation = [
  { path: '/', title: 'Overview', key: 'o' },
  { path: '/entities', title: 'Entities', key: 'e' },
  { path: '/events', title: 'Events', key: 'v' },
  { path: '/reviews', title: 'Reviews', key: 'r' },
  { path: '/findings', title: 'Findings', key: 'f' },
  { path: '/schedule', title: 'Schedule', key: 's' },
  { path: '/record', title: 'Record', key: 'c' },
] as const;

export type SectionPath = (typeof navigation)[number]['path'];

const keys: readonly (readonly [string, string])[] = [
  ['j, k', 'next row, row before'],
  ['x, X', 'select or unselect the row; all since the one before'],
  ['Enter, o', 'open the row'],
  ['n', 'next page, or next review'],
  ['p', 'previous review'],
  ['c', 'write the note'],
  ['m', 'the same note as last time'],
  ['Ctrl+Enter', 'in the note: resolve'],
  ['e, w', 'resolve; won’t fix'],
  ['u', 'undo the answer, or reopen'],
  ['i', 'images side by side'],
  ['a', 'audit again now'],
  ['/', 'find something'],
  ['r, s', 'load what is new now; pause or resume updates'],
  ['?', 'this list'],
  ['Esc', 'close, or leave a field'],
];

/** What the script's keys do; opened by `?`. Without script there is nothing to tell. */
function KeyboardHelp() {
  return (
    <dialog id="keyboard-help" aria-labelledby="keyboard-help-title">
      <h2 id="keyboard-help-title">Keyboard</h2>
      <dl class="facts">
        {keys.map(([key, meaning]) => (
          <div>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
        {navigation.map(({ key, title }) => (
          <div>
            <dt>
              <kbd>{`g ${key}`}</kbd>
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}

interface PageProps {
  readonly c: PageContext;
  readonly title: string;
  /** Which entry of the navigation it belongs to. */
  readonly section?: SectionPath;
  /** Whether the page is to be kept up to date while it is open. */
  readonly live?: boolean;
  /** Whether it shows something that ends soon: without script, too, it is then loaded again every few seconds. */
  readonly isMoving?: boolean;
}

/** Where everything is; of no use to whoever has to log in first. */
function Sections({
  c,
  current,
  attention,
}: {
  readonly c: PageContext;
  readonly current: SectionPath | undefined;
  readonly attention: Attention | null;
}) {
  const counts = attention === null ? {} : countsOf(attention);
  return (
    <>
      <nav aria-label="Sections" id="sections" data-fresh>
        <ul>
          {navigation.map((entry) => (
            <li>
              <a
                href={entry.path}
                data-go={entry.key}
                {...(entry.path === current && { 'aria-current': 'page' as const })}
              >
                {entry.title}
                <SectionCount of={counts[entry.path]} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <form class="find" action={findPath} method="get" role="search">
        <label class="unseen" for={`${findForm}-q`}>
          Find by MBID, address, event, review, image or title
        </label>
        <input
          name="q"
          type="search"
          placeholder="MBID, event 98, title"
          autocomplete="off"
          data-find
          value={sentOf(c, findForm, 'q')?.[0] ?? (c.req.path === findPath ? c.req.query('q') : undefined)}
          {...attributesOf(c, findForm, 'q')}
        />
        <FieldProblem c={c} form={findForm} name="q" />
      </form>
    </>
  );
}

interface Counted {
  readonly words: string;
  readonly what: string;
}

/** What waits for a person in a section, of those where something does. */
function countsOf({ failedEvents, openReviews, brakes }: Attention): Partial<Record<SectionPath, Counted>> {
  return {
    ...(failedEvents.count > 0 && { '/events': { words: countInWords(failedEvents), what: 'failed' } }),
    ...(openReviews.count > 0 && { '/reviews': { words: countInWords(openReviews), what: 'open' } }),
    ...(brakes.length > 0 && { '/schedule': { words: String(brakes.length), what: 'brakes on' } }),
  };
}

function SectionCount({ of }: { readonly of: Counted | undefined }) {
  if (of === undefined) return null;
  return (
    <>
      {' '}
      <span class="count">
        {of.words}
        <span class="unseen"> {of.what}</span>
      </span>
    </>
  );
}

/** `(12) `: reviews and events that wait for a person, for whoever has the page in a tab; nothing where none does. */
function waitingInTitle(attention: Attention | null): string {
  if (attention === null) return '';
  const { failedEvents, openReviews } = attention;
  const count = failedEvents.count + openReviews.count;
  return count === 0 ? '' : `(${countInWords({ count, exact: failedEvents.exact && openReviews.exact })}) `;
}

const build = commit();

/** The version, with the commit where it is known. */
const release = build === 'unknown' ? version : `${version} (${build.slice(0, 7)})`;

/** For everybody who logged in, whatever their role; hence no ActionForm. */
function LogoutForm({ c }: { readonly c: PageContext }) {
  const { logoutPath, formToken } = c.var;
  if (logoutPath === undefined) return null;
  return (
    <form method="post" action={logoutPath}>
      <input type="hidden" name={formTokenField} value={formToken} />
      <button class="link" id="logout">
        Log out
      </button>
    </form>
  );
}

/** The frame of every page. What stands in it is escaped by JSX. */
export async function Page({
  c,
  title,
  section,
  live = false,
  isMoving = false,
  children,
}: PropsWithChildren<PageProps>) {
  const { person, parts } = c.var;
  const { liveSeconds } = parts.config().dashboard;
  const attention = person === undefined ? null : await c.var.attention();
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="referrer" content="same-origin" />
          <title>{`${waitingInTitle(attention)}${title} · artwork-reconciler`}</title>
          <link rel="stylesheet" href={assetPath('dashboard.css')} />
          <link rel="icon" href={assetPath('icon.svg')} type="image/svg+xml" />
          <script type="module" src={assetPath('dashboard.js')}></script>
          {isMoving && c.var.refused === undefined && (
            <noscript>
              <meta http-equiv="refresh" content={String(liveSeconds)} />
            </noscript>
          )}
        </head>
        <body>
          <a class="skip" href="#content">
            Skip to the content
          </a>
          <header>
            <a class="brand" href="/">
              artwork-reconciler
            </a>
            {person && <Sections c={c} current={section} attention={attention} />}
            {person && (
              <div class="person">
                {person.name} <span class="role">{person.role}</span>
                <LogoutForm c={c} />
              </div>
            )}
          </header>
          {person && (attention === null ? <UnknownBanner /> : <Banner attention={attention} />)}
          {live && <Updates />}
          <main
            id="content"
            tabindex={-1}
            {...(live && c.var.refused === undefined && { 'data-live': String(liveSeconds) })}
          >
            <h1>{title}</h1>
            <RefusedNotice c={c} />
            {children}
          </main>
          <footer>
            <p>
              artwork-reconciler {release}
              {person && (
                <>
                  {' · '}
                  <a href="/docs">Documentation</a>
                </>
              )}
            </p>
            <p>
              <button type="button" class="link" data-help hidden>
                Keyboard
              </button>
            </p>
          </footer>
          <KeyboardHelp />
        </body>
      </html>
    </>
  );
}

/** A page that only says something: what could not be answered, and why. */
export function MessagePage({
  c,
  title,
  message,
  details = [],
  link = null,
}: {
  readonly c: PageContext;
  readonly title: string;
  readonly message: string;
  readonly details?: readonly string[];
  readonly link?: RefusalLink | null;
}) {
  return (
    <Page c={c} title={title}>
      <p class="message">{message}</p>
      {link !== null && (
        <p>
          <a href={link.path}>{link.words}</a>
        </p>
      )}
      {details.length > 0 && (
        <ul class="details">
          {details.map((detail) => (
            <li>{detail}</li>
          ))}
        </ul>
      )}
    </Page>
  );
}
