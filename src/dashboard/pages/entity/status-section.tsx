import type { AuditEntity } from '../../../database/audit-queries/index.ts';
import { nextStep, statusMeanings } from '../../../wording/entity-status.ts';
import type { PageContext } from '../../environment.ts';
import { Badge } from '../../layout/badge.tsx';
import { TemporalRun } from '../../layout/temporal-run.tsx';
import { When } from '../../layout/when.tsx';

/** What state an entity is in, why, and what happens next. */
export function StatusSection({ c, entity }: { readonly c: PageContext; readonly entity: AuditEntity }) {
  const { status, priority, lastAuditAt, dueAt, claim, repairs, returns, returnReasons } = entity;
  return (
    <section aria-labelledby="status">
      <h2 id="status">
        Status <Badge of={status} />
      </h2>
      <p>
        {statusMeanings[status]} {nextStep(entity, c.var.parts.config().audit, new Date())}
      </p>
      <dl class="facts">
        <Fact name="Priority">{priority}</Fact>
        <Fact name="Last audit">
          <When at={lastAuditAt} />
        </Fact>
        {status === 'unchecked' && <Fact name="Due">{dueAt === null ? 'now' : <When at={dueAt} />}</Fact>}
        {claim && (
          <Fact name="In hand of">
            <TemporalRun c={c} workflowId={claim.workflowId} runId={claim.runId} />, asked for by {claim.by ?? 'nobody'}
            , <When at={claim.at} />
          </Fact>
        )}
        {repairs > 0 && <Fact name="Repairs in a row">{repairs}</Fact>}
        {returns > 0 && (
          <Fact name="Given back undecided in a row">
            {returns}: {returnReasons.join('; ')}
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: unknown }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
