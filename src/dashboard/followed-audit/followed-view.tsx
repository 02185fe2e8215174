import type { EntityKey } from '../../domain/entity.ts';
import type { PageContext } from '../environment.ts';
import { CheckLink } from '../findings/check-sentence.tsx';
import { Badge } from '../layout/badge.tsx';
import { entityPath } from '../layout/entity-links.tsx';
import { When } from '../layout/when.tsx';
import { addressWith } from '../lists/address.ts';
import type { FollowedAudit } from './follow-audit.ts';

interface Props {
  readonly c: PageContext;
  readonly entity: EntityKey;
  readonly followed: FollowedAudit;
}

/** Whether there is still something to wait for. */
export function isUnderWay({ kind }: FollowedAudit): boolean {
  return kind === 'running' || kind === 'untold';
}

/** How far the audit is that was asked for, and at its end what came of it. */
export function FollowedView({ c, entity, followed }: Props) {
  return (
    <section
      class={`notice ${followed.kind === 'ended' ? 'good' : followed.kind === 'nothing' ? 'warn' : ''}`}
      id="followed"
    >
      <h2>The audit you asked for</h2>
      <Progress entity={entity} followed={followed} />
      {isUnderWay(followed) ? (
        <p class="hint">
          <a href={addressWith(c, {})}>Look again</a> (with a script, the page does by itself)
        </p>
      ) : (
        <p>
          <a href={addressWith(c, { followed: null })}>Put this notice away</a>
        </p>
      )}
    </section>
  );
}

function Progress({ entity, followed }: Omit<Props, 'c'>) {
  switch (followed.kind) {
    case 'ended': {
      const { audit } = followed;
      return (
        <>
          <p>
            Audit <a href={`${entityPath(entity)}#audit-${audit.auditId}`}>{audit.auditId}</a> came out:{' '}
            <Badge of={audit.decision} />
            {audit.reason !== null && `: ${audit.reason}`}. The entity is now <Badge of={audit.status} />.
          </p>
          {audit.checks.length > 0 && (
            <p>
              Found:{' '}
              {[...new Set(audit.checks)].map((check, n) => (
                <>
                  {n > 0 && ', '}
                  <CheckLink check={check} />
                </>
              ))}
            </p>
          )}
        </>
      );
    }
    case 'running':
      return (
        <>
          <p role="status">
            {followed.since === null ? (
              'It is started, and waits for a worker to begin it.'
            ) : (
              <>
                It runs since <When at={followed.since} />
                {followed.steps === null
                  ? '. Temporal can’t be reached to tell what it is doing.'
                  : followed.steps.length === 0
                    ? ', and waits: for its item to settle, or for its next step.'
                    : ':'}
              </>
            )}
          </p>
          {(followed.steps ?? []).length > 0 && (
            <ul>
              {followed.steps?.map((step) => (
                <li>{step}</li>
              ))}
            </ul>
          )}
        </>
      );
    case 'nothing':
      return <p>It ended and recorded nothing. {followed.why}.</p>;
    case 'untold':
      return <p role="status">Nothing is recorded of it yet, and Temporal can’t be reached to tell how far it is.</p>;
  }
}
