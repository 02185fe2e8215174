import type { EventTree, ShownEvent } from '../../../../database/event-queries/index.ts';
import { isOperator } from '../../../access/person.ts';
import type { PageContext } from '../../../environment.ts';
import { ActionForm } from '../../../forms/action-form.tsx';

/** What a person can do about an event: requeue or dismiss one that has failed. */
export function EventActions({
  c,
  event,
  tree,
  seen,
}: {
  readonly c: PageContext;
  readonly event: ShownEvent;
  readonly tree: EventTree;
  /** What is shown of it, so that nothing is done to what has changed since; see `versionOfDecision`. */
  readonly seen: string;
}) {
  const isSpent = event.state === 'queued' && (event.waitsBecause?.includes('requeue it') ?? false);
  if (!isOperator(c.var.person) || event.claim !== null || !(event.state === 'failed' || isSpent)) return null;
  const along = tree.dependents.filter(({ state }) => state === 'failed').length;
  return (
    <ActionForm c={c} action={`/events/${event.id}/requeue`} class="actions" id="event-actions">
      <input type="hidden" name="seen" value={seen} />
      <label class="field">
        Note for the record (optional)
        <input name="note" maxlength={2000} />
      </label>
      <button class="primary">
        {along === 0 ? 'Requeue' : `Requeue, and ${along}${tree.isCut ? '+' : ''} that failed with it`}
      </button>
      {event.state === 'failed' && event.dismissal === null && (
        <button formaction={`/events/${event.id}/dismiss`}>Dismiss</button>
      )}
    </ActionForm>
  );
}
