import type { MiddlewareHandler } from 'hono';
import type { DashboardEnv, PageContext } from '../environment.ts';
import { forbidden } from '../refusals.ts';
import { formTokenField, isFormToken } from './form-token.ts';
import { formFields } from './read-form.ts';

/** GET and HEAD change nothing, so anybody may link to them. */
const harmless = new Set(['GET', 'HEAD']);

/**
 * Refuses whatever would change something and was not sent by a page of ours: by what the browser says of its origin,
 * and by the form's token. Both, since a browser may leave the former out.
 */
export function onlyOwnForms(): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    if (harmless.has(c.req.method)) return next();
    if (!isSameOrigin(c)) {
      throw forbidden('The form was sent by another site than this one. Nothing was changed.');
    }
    const [token, ...others] = (await formFields(c)).get(formTokenField) ?? [];
    if (others.length > 0 || !isFormToken(token, c.var.formToken)) {
      throw forbidden(
        'The form is from an earlier session, or not of this site. Nothing was changed: load the page again and repeat.',
      );
    }
    return next();
  };
}

function isSameOrigin(c: PageContext): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') return false;
  const origin = c.req.header('origin');
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const { publicUrl } = c.var.parts.config().dashboard;
  if (publicUrl !== null) return origin === publicUrl;
  // Without a configured address nobody tells the scheme; the host is what another site can't have.
  return new URL(origin).host === c.req.header('host');
}
