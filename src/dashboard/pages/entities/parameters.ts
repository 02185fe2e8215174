import { z } from 'zod';
import { auditStatuses } from '../../../database/audit-queries/index.ts';
import type { EntityFilter } from '../../../database/entity-queries/index.ts';
import { audienceNames, audiences } from '../../../domain/checks/check.ts';
import { catalogue } from '../../../domain/checks/catalogue.ts';
import { dueCauseNames } from '../../../wording/entity-status.ts';
import type { PageContext } from '../../environment.ts';
import { age, choice, named, place, priority, textPart, ticked } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { badInput } from '../../refusals.ts';

const parameters = z.object({
  status: choice(auditStatuses),
  entity_type: choice(['release', 'event']),
  mbid: named(),
  due: choice(['now', 'later']),
  cause: choice(dueCauseNames),
  priority: priority(),
  older: age(),
  newer: age(),
  never: ticked(),
  check: textPart(),
  audience: choice(audiences),
  after: place(),
});

/** What the address asks for. @throws {Refusal} 400 */
export function readEntityFilter(c: PageContext): { readonly filter: EntityFilter; readonly after: string | null } {
  const {
    status,
    entity_type: type,
    mbid,
    due,
    cause,
    priority: exact,
    older,
    newer,
    never,
    check,
    audience,
    after,
  } = readParameters(c, parameters);
  const entityType = type ?? mbid?.entityType ?? undefined;
  const contradiction = mbid?.entityType && type && mbid.entityType !== type;
  if (contradiction)
    throw badInput([`mbid names a ${mbid.entityType}, and entity_type says ${type}: one of them is too much`]);
  return {
    filter: {
      ...(status && { status }),
      ...(entityType && { entityType }),
      ...(mbid && { gid: mbid.gid }),
      ...(due && { due }),
      ...(cause && { cause }),
      ...(exact !== undefined && { priority: exact }),
      ...(older !== undefined && { auditedOlderThan: older }),
      ...(newer !== undefined && { auditedNewerThan: newer }),
      ...(never && { neverAudited: true }),
      ...(check !== undefined && { check }),
      ...(audience !== undefined && { audience }),
    },
    after: after ?? null,
  };
}

/** The checks one can filter by; their names are written as they are everywhere else. */
export const checkChoices = catalogue.map(({ name }) => [name, name] as const);

/** Who can act on findings. */
export const audienceChoices = audiences.map((audience) => [audience, audienceNames[audience]] as const);
