import { handedOverTo } from '../../database/entities/hand-over.ts';
import { audienceNames } from '../../domain/checks/check.ts';
import type { PageContext } from '../environment.ts';
import { attributesOf, FieldProblem, sentOf, wasSent } from '../forms/fields.tsx';

/** To whom reviews are handed over, and where they were told. */
export function HandOverFields({ c, form }: { readonly c: PageContext; readonly form: string }) {
  return (
    <>
      <label class="inline">
        hand over to{' '}
        <select name="to" {...attributesOf(c, form, 'to')}>
          <option value="">(nobody)</option>
          {handedOverTo.map((to) => (
            <option value={to} selected={wasSent(c, form, 'to', to, false)}>
              {audienceNames[to]}
            </option>
          ))}
        </select>
      </label>
      <FieldProblem c={c} form={form} name="to" />
      <label class="inline">
        ticket{' '}
        <input
          name="ticket"
          maxlength={200}
          autocomplete="off"
          value={sentOf(c, form, 'ticket')?.[0] ?? ''}
          {...attributesOf(c, form, 'ticket')}
        />
      </label>
      <FieldProblem c={c} form={form} name="ticket" />
    </>
  );
}
