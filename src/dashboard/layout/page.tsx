import type { PropsWithChildren } from 'hono/jsx';
import type { PageContext } from '../environment.ts';
import { formTokenField } from '../forms/form-token.ts';
import { assetPath } from './assets.ts';
import { KeyboardHelp } from './keyboard-help.tsx';
import { navigation, type SectionPath } from './navigation.ts';

interface PageProps {
  readonly c: PageContext;
  readonly title: string;
  /** Which entry of the navigation it belongs to. */
  readonly section?: SectionPath;
  /** Whether the page is to be kept up to date while somebody looks at it. */
  readonly live?: boolean;
}

/** Where everything is; of no use to whoever has to log in first. */
function Sections({ current }: { readonly current: SectionPath | undefined }) {
  return (
    <>
      <nav aria-label="Sections">
        <ul>
          {navigation.map((entry) => (
            <li>
              <a
                href={entry.path}
                data-go={entry.key}
                {...(entry.path === current && { 'aria-current': 'page' as const })}
              >
                {entry.title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <form class="find" action="/find" method="get" role="search">
        <label class="unseen" for="find">
          Find an entity by MBID or address
        </label>
        <input id="find" name="q" type="search" placeholder="MBID or address" autocomplete="off" data-find />
      </form>
    </>
  );
}

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
export function Page({ c, title, section, live = false, children }: PropsWithChildren<PageProps>) {
  const { person, parts } = c.var;
  const { liveSeconds } = parts.config().dashboard;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="same-origin" />
        <title>{`${title} · artwork-reconciler`}</title>
        <link rel="stylesheet" href={assetPath('dashboard.css')} />
        <link rel="icon" href={assetPath('icon.svg')} type="image/svg+xml" />
        <script type="module" src={assetPath('dashboard.js')}></script>
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <header>
          <a class="brand" href="/">
            artwork-reconciler
          </a>
          {person && <Sections current={section} />}
          {person && (
            <div class="person">
              {person.name} <span class="role">{person.role}</span>
              <LogoutForm c={c} />
            </div>
          )}
        </header>
        <main id="content" tabindex={-1} {...(live && { 'data-live': String(liveSeconds) })}>
          <h1>{title}</h1>
          {children}
        </main>
        <footer>
          <p class="live-state" aria-live="polite"></p>
          <p>
            <button type="button" class="link" data-help hidden>
              Keyboard
            </button>
          </p>
        </footer>
        <KeyboardHelp />
      </body>
    </html>
  );
}
