import type { MiddlewareHandler } from 'hono';
import type { DashboardEnv, PageContext } from '../environment.ts';
import { isOperator } from '../person.ts';
import { forbidden, isForPrograms, Refusal } from '../refusals.ts';
import { formFields, formTokenField, isFormToken } from './action-form.tsx';

/** GET and HEAD change nothing, so anybody may link to them. */
const harmless = new Set(['GET', 'HEAD']);

/**
 * Refuses whatever would change something and was not sent by a page of ours: by what the browser says of its origin,
 * and by the form's token. Both, since a browser may leave the former out. A program has no form: what stands for the
 * token there is that the body is called JSON, which no browser sends to another site without asking it first (CORS), and
 * nobody here says yes to that.
 */
export function onlyOwnForms(): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    if (harmless.has(c.req.method)) return next();
    if (!isSameOrigin(c)) {
      throw forbidden('The form was sent by another site than this one. Nothing was changed.');
    }
    if (isForPrograms(c)) {
      if (isJson(c.req.header('content-type'))) return next();
      throw new Refusal(
        415,
        'That is not JSON',
        'What changes something takes a body in JSON, with the content type application/json. Nothing was changed.',
      );
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

/** Parameters, such as a charset, may follow. */
function isJson(contentType: string | undefined): boolean {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
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

/** Before every route that changes something: the role counts here, whatever buttons a page showed. */
export function operatorsOnly(): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    const { person } = c.var;
    if (!isOperator(person)) {
      throw forbidden(`${person.name} may see everything and change nothing (role read-only). Nothing was changed.`);
    }
    return next();
  };
}
