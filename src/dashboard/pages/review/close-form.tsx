import type { Review } from '../../../database/audit-queries/index.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';

interface Props {
  readonly c: PageContext;
  readonly review: Review;
  /** When the review last changed, as the page shows it. */
  readonly version: string;
  /** The parameters of the list that it is worked off from. */
  readonly queue: string;
}

/** What a person says of a review; always with a word on why. */
export function CloseForm({ c, review, version, queue }: Props) {
  const isOpen = review.status === 'open';
  return (
    <ActionForm c={c} action={`/reviews/${review.id}${queue === '' ? '' : `?${queue}`}`} class="actions" id="close">
      <input type="hidden" name="seen" value={version} />
      <label class="note">
        Note: why (kept with the review and in the record)
        <textarea name="note" maxlength={2000} required data-note></textarea>
      </label>
      {isOpen ? (
        <>
          <button class="primary" name="what" value="resolve">
            Resolve
          </button>
          <button name="what" value="wont_fix">
            Won’t fix
          </button>
          <label class="inline">
            <input type="checkbox" name="next" value="1" checked /> and go to the next one
          </label>
          <p class="hint">
            Resolved: somebody has seen to it; the same finding again opens a review that is marked regressed. Won’t
            fix: it shall stay as it is, and stays quiet until the evidence changes. Either way the entity is audited
            again.
          </p>
        </>
      ) : (
        <>
          <button name="what" value="reopen">
            Reopen
          </button>
          <p class="hint">The entity waits for a person again, and what this review let stand counts again.</p>
        </>
      )}
    </ActionForm>
  );
}
