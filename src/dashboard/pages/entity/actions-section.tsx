import type { AuditEntity } from '../../../database/audit-queries/index.ts';
import type { EntityKey } from '../../../domain/entity.ts';
import { isOperator } from '../../access/person.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { entityPath } from '../../layout/entity-links.tsx';

/** What an operator can do about an entity: audit it now, have its index uploaded again. */
export function EntityActions({
  c,
  entityKey,
  entity,
}: {
  readonly c: PageContext;
  readonly entityKey: EntityKey;
  readonly entity: AuditEntity | null;
}) {
  if (!isOperator(c.var.person)) return null;
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      <AuditForm c={c} entityKey={entityKey} status={entity?.status ?? null} />
      <ActionForm c={c} action={`${entityPath(entityKey)}/index`} class="actions" id="index-now">
        <label>
          Note for the record (optional)
          <input name="note" maxlength={2000} autocomplete="off" />
        </label>
        <button>Index</button>
        <span class="hint">Queues an index event: index.json and the XML are uploaded again.</span>
      </ActionForm>
    </section>
  );
}

/** Audit again now. */
export function AuditForm({
  c,
  entityKey,
  status,
  from,
}: {
  readonly c: PageContext;
  readonly entityKey: EntityKey;
  readonly status: AuditEntity['status'] | null;
  /** The page to come back to; the entity's where not given. */
  readonly from?: string;
}) {
  if (status === 'repair_queue') {
    return (
      <p class="hint">
        It can’t be audited now: its repairs are still in the queue, and it is audited when they have ended.
      </p>
    );
  }
  return (
    <ActionForm c={c} action={`${entityPath(entityKey)}/audit`} class="actions" id="audit-now">
      {from !== undefined && <input type="hidden" name="from" value={from} />}
      <label>
        Note for the record (optional)
        <input name="note" maxlength={2000} autocomplete="off" />
      </label>
      <button class="primary">{status === null ? 'Audit now' : 'Audit again now'}</button>
      <span class="hint">Before all paced audits; followed here to its outcome.</span>
    </ActionForm>
  );
}
