import type { Hono } from 'hono';
import type { DashboardEnv, PageContext, RefusedForm } from '../environment.ts';
import { isForPrograms, Refusal } from '../refusals.ts';
import { formFields, formIdField, formPageField } from './action-form.tsx';
import { filterForm, formOfPage } from './fields.tsx';

/** What a person can mend where they are: a value, what has changed meanwhile, what is away for now. */
const mendable: ReadonlySet<number> = new Set([400, 409, 503]);

/** What requests of this process itself, by which a page is shown again, have along. */
const refusedForms = new WeakMap<Request, RefusedForm>();

/** What the request has along where it was made to show a form again. */
export function refusedFormOf(c: PageContext): RefusedForm | undefined {
  return refusedForms.get(c.req.raw);
}

/**
 * Answers a form that was refused with the page that it stands on, as that is now, with what was sent and what is wrong with
 * it: the page is asked for inside of this process, with the refusal along. So no page has to know how a form of its own is
 * refused; its fields do (`fields.tsx`).
 *
 * @returns null where there is no such page, or it can't be shown either
 */
export async function showAgain(app: Hono<DashboardEnv>, c: PageContext, refusal: Refusal): Promise<Response | null> {
  if (!mendable.has(refusal.status) || isForPrograms(c) || c.var.person === undefined) return null;
  const again = c.req.method === 'POST' ? await ofAction(c, refusal) : ofAddress(c, refusal);
  if (again === null) return null;
  const headers = new Headers(c.req.raw.headers);
  for (const name of ['content-length', 'content-type', 'transfer-encoding']) headers.delete(name);
  const request = new Request(again.page, { headers });
  refusedForms.set(request, again.refused);
  const page = await app.fetch(request, c.env);
  // 400: its address had something in it that can't be read either, which it says as well.
  if (page.status !== 200 && page.status !== 400) return null;
  return c.newResponse(page.body, refusal.status, Object.fromEntries(page.headers));
}

interface Again {
  readonly page: URL;
  readonly refused: RefusedForm;
}

async function ofAction(c: PageContext, refusal: Refusal): Promise<Again | null> {
  const sent = await formFields(c).catch(() => new Map<string, readonly string[]>());
  const [path, form] = [sent.get(formPageField)?.[0], sent.get(formIdField)?.[0]];
  if (path === undefined || form === undefined) return null;
  const page = URL.parse(path, c.req.url);
  if (page === null || page.origin !== new URL(c.req.url).origin) return null;
  return { page, refused: { refusal, form, sent, by: byOf(c) } };
}

/** Of an address, the same without what can't be read; what else can't be read of that is added to it. */
function ofAddress(c: PageContext, refusal: Refusal): Again | null {
  if (refusal.status !== 400 || isFile(c.req.path)) return null;
  const page = new URL(c.req.url);
  const before = page.search;
  for (const { name } of refusal.problems) page.searchParams.delete(name);
  if (page.search === before) return null;
  const form = formOfPage.get(c.req.path) ?? filterForm;
  const sent = new Map(Object.entries(c.req.queries()));
  const { refused: earlier = { refusal, form, sent, by: byOf(c) } } = c.var;
  const { status, title, message, problems } = earlier.refusal;
  const all = earlier.refusal === refusal ? problems : [...problems, ...refusal.problems];
  return { page, refused: { ...earlier, refusal: new Refusal(status, title, message, { problems: all }) } };
}

/** A list as a file is read by programs, too. */
function isFile(path: string): boolean {
  return /\.(csv|json|tsv)$/.test(path);
}

function byOf({ var: { person, formToken, logoutPath } }: PageContext): RefusedForm['by'] {
  return { person, formToken, ...(logoutPath !== undefined && { logoutPath }) };
}
