import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PropsWithChildren } from 'hono/jsx';
import type { z } from 'zod';
import type { PageContext } from '../environment.ts';
import { addressWith, readFields } from './parameters.ts';
import { isOperator } from '../person.ts';
import { badAddress } from '../refusals.ts';

/**
 * What a form has to send back so that no other site can send it: bound to the session, and not to be guessed without
 * the secret.
 */
export function formTokenOf(secret: string, sessionId: string): string {
  return createHmac('sha256', secret).update(`form\0${sessionId}`).digest('base64url');
}

export function isFormToken(sent: unknown, expected: string): boolean {
  if (typeof sent !== 'string') return false;
  const [a, b] = [Buffer.from(sent), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The name of the field. */
export const formTokenField = 'form_token';

/** The page that a form stands on, and the form in it: where it is shown again if it is refused. */
export const formPageField = 'form_page';
export const formIdField = 'form_id';

interface ActionFormProps {
  readonly c: PageContext;
  readonly action: string;
  readonly class?: string;
  /** In its page there is no other of this id; its fields are named after it. */
  readonly id: string;
  /** Where files are sent along. */
  readonly enctype?: 'multipart/form-data';
}

/** A form that changes something. Not shown to who may not send it. */
export function ActionForm({ c, action, id, children, ...attributes }: PropsWithChildren<ActionFormProps>) {
  if (!isOperator(c.var.person)) return null;
  return (
    <form method="post" action={action} id={id} {...attributes}>
      <input type="hidden" name={formTokenField} value={c.var.formToken} />
      <input type="hidden" name={formPageField} value={addressWith(c, {})} />
      <input type="hidden" name={formIdField} value={id} />
      {children}
    </form>
  );
}

/**
 * The fields of a form that was sent, as the schema reads them.
 *
 * @throws {Refusal} 400, naming each field that has a value it can't take
 */
export async function readForm<Schema extends z.ZodObject>(c: PageContext, schema: Schema): Promise<z.output<Schema>> {
  return readFields(await formFields(c), schema);
}

/** A file that was sent with a form; null where none was chosen. @throws {Refusal} as `formFields` does */
export async function formFile(c: PageContext, name: string): Promise<File | null> {
  await formFields(c);
  const value = (await c.req.parseBody())[name];
  return value instanceof File && value.size > 0 ? value : null;
}

/**
 * What was sent as a form, by its names, files left out. May be called again: the body is read once.
 *
 * @throws {Refusal} 400 where it is no form
 */
export async function formFields(c: PageContext): Promise<ReadonlyMap<string, readonly string[]>> {
  const body = await c.req.parseBody({ all: true }).catch((error: unknown) => {
    // How the platform says that a multipart body is none. Whatever else it throws is no fault of the form's.
    if (error instanceof TypeError)
      throw badAddress('form', 'The form can’t be read: it is cut short, or of another kind than it says.');
    throw error;
  });
  const texts = Object.entries(body).map(([name, value]): [string, string[]] => [
    name,
    (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string'),
  ]);
  return new Map(texts);
}
