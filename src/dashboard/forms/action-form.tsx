import type { PropsWithChildren } from 'hono/jsx';
import { isOperator } from '../access/person.ts';
import type { PageContext } from '../environment.ts';
import { formTokenField } from './form-token.ts';

interface ActionFormProps {
  readonly c: PageContext;
  readonly action: string;
  readonly class?: string;
  readonly id?: string;
}

/** A form that changes something. Not shown to who may not send it. */
export function ActionForm({ c, action, children, ...attributes }: PropsWithChildren<ActionFormProps>) {
  if (!isOperator(c.var.person)) return null;
  return (
    <form method="post" action={action} {...attributes}>
      <input type="hidden" name={formTokenField} value={c.var.formToken} />
      {children}
    </form>
  );
}
