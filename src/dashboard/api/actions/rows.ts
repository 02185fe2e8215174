import { z } from 'zod';
import { resolveNamed } from '../../../database/musicbrainz/entity-kinds.ts';
import { indexForPerson } from '../../../database/queue/queue-event.ts';
import { type EntityKey, entityTypes } from '../../../domain/entity.ts';
import type { PageContext } from '../../environment.ts';
import { freeText, named } from '../../forms/parameters.ts';
import { auditNow } from '../../pages/entity/routes.tsx';
import { changeReview, type ReviewOperation } from '../../pages/review/routes.tsx';
import { type ApiAction, apiAction, numberInJson, rowNumber } from '../api-action.ts';

const note = freeText(2000).describe('Why; recorded');
const entity = named().unwrap().describe('An MBID, or the address of a release, an event or their item');

/** @throws {Refusal} 404 where it isn't told apart whose MBID that is */
function keyOf(c: PageContext, name: Parameters<typeof resolveNamed>[1]): Promise<EntityKey> {
  return c.var.read((q) => resolveNamed(q, name));
}

const entityInJson = { entity_type: z.enum(entityTypes), mbid: z.uuid() };

function reviewAction(what: ReviewOperation, summary: string, why: z.ZodType<string | undefined>): ApiAction {
  return apiAction({
    path: `/reviews/${what.replace('_', '-')}`,
    summary,
    body: {
      review: rowNumber(),
      seen_audit: rowNumber()
        .optional()
        .describe('`audit` of the review that was seen: one that has the reasons of a later audit stays as it is'),
      note: why,
    },
    answer: { review: numberInJson, status: z.enum(['open', 'resolved', 'wont_fix']) },
    run: async (c, { review, seen_audit: seenAudit, note: words }) => {
      const status = await changeReview(c, {
        ...{ id: review, what, note: words ?? '' },
        ...(seenAudit !== undefined && { seenAudit }),
      });
      return { review, status };
    },
  });
}
const needed = freeText(2000).unwrap().describe('Why; recorded');

/** What can be done to one review or entity. */
export const rowActions: readonly ApiAction[] = [
  reviewAction('resolve', 'Say that a review was seen to: its entity is audited again', needed),
  reviewAction('wont_fix', 'Say that it shall stay as it is while the evidence stays the same', needed),
  reviewAction('reopen', 'Take the closing of a review back', note),
  apiAction({
    path: '/entities/audit',
    summary:
      'Audit an entity now; where an audit of it runs already, that one does. In report mode its repairs are queued where that is said',
    body: {
      entity,
      even_in_report_mode: z.boolean('true or false').optional().describe('Have its repairs queued whatever the mode'),
      note,
    },
    answer: { ...entityInJson, workflow: z.string(), run: z.string() },
    run: async (c, { entity: name, note: why, even_in_report_mode: evenInReportMode }) => {
      const key = await keyOf(c, name);
      const { workflowId, runId } = await auditNow(c, key, { note: why, evenInReportMode });
      return { entity_type: key.entityType, mbid: key.gid, workflow: workflowId, run: runId };
    },
  }),
  apiAction({
    path: '/entities/index',
    summary: 'Queue an index of an entity, as a trigger would; where one is queued already, that one does',
    body: { entity, note },
    answer: { ...entityInJson, event: numberInJson },
    run: async (c, { entity: name, note: why }) => {
      const key = await keyOf(c, name);
      const by = { actor: c.var.person.name, note: why ?? null };
      return { entity_type: key.entityType, mbid: key.gid, event: await indexForPerson(c.var.parts.db, key, by) };
    },
  }),
];
