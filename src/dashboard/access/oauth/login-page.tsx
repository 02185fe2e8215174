import type { PageContext } from '../../environment.ts';
import { Page } from '../../layout/page.tsx';

interface LoginPageProps {
  readonly c: PageContext;
  readonly title: string;
  readonly message: string;
  readonly returnTo: string;
}

/** Says why nobody is logged in, and leads to the login. */
export function LoginPage({ c, title, message, returnTo }: LoginPageProps) {
  const { oauthAuthorizationUrl } = c.var.parts.config().dashboard;
  return (
    <Page c={c} title={title}>
      <p class="message">{message}</p>
      <p>
        <a id="login" class="button" href={`/login/start?return=${encodeURIComponent(returnTo)}`}>
          {`Log in at ${new URL(oauthAuthorizationUrl ?? '').host}`}
        </a>
      </p>
    </Page>
  );
}
