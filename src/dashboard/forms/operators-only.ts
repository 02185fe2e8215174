import type { MiddlewareHandler } from 'hono';
import { isOperator } from '../access/person.ts';
import type { DashboardEnv } from '../environment.ts';
import { forbidden } from '../refusals.ts';

/** Before every route that changes something: the role counts here, whatever buttons a page showed. */
export function operatorsOnly(): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    const { person } = c.var;
    if (!isOperator(person)) {
      throw forbidden(
        `${person.name} may look at everything and change nothing (role read-only). Nothing was changed.`,
      );
    }
    return next();
  };
}
