import type { OperatorAction } from '../../../database/bulk-actions/operator-actions.ts';
import type { EntityName } from '../../../database/musicbrainz/entity-kinds.ts';
import { reviewList } from '../../../database/reviews/list-reviews.ts';
import type { Review } from '../../../database/reviews/reviews.ts';
import { findCheck } from '../../../domain/checks/catalogue.ts';
import { adviceOn, type ReviewReason } from '../../../domain/decision/review-reason.ts';
import { shortened } from '../../../wording/text.ts';
import { audienceNames } from '../../../domain/checks/check.ts';
import { HandOverFields } from '../../bulk/choose-form.tsx';
import type { PageContext } from '../../environment.ts';
import { AuditForm, type FollowedAudit, FollowedView } from '../../followed-audit.tsx';
import { ActionForm } from '../../forms/action-form.tsx';
import { Choice, NoteField } from '../../forms/fields.tsx';
import { CheckLink, Examples, InCode } from '../../layout/finding-view.tsx';
import { Badge, ElsewhereLinks, EntityLink, When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { Pictured } from '../../layout/thumbnail.tsx';
import { addressWith, filterQuery } from '../../forms/parameters.ts';
import { OperatorActions } from '../record/operator-actions.tsx';
import { type Answered, AnsweredView } from './answered.tsx';
import { pictureOfReview, reviewTitle } from '../../layout/review-title.ts';
import { ImagesInQuestion } from './image-links.tsx';

interface ReviewFacts {
  readonly review: Review;
  readonly version: string;
  readonly name: EntityName | null;
  readonly neighbours: { readonly before: Review | null; readonly after: Review | null };
  /** Of the same entity, this one aside. */
  readonly others: readonly Review[];
  readonly actions: readonly OperatorAction[];
  /** The edit that added each image in question, by artwork id. */
  readonly edits: ReadonlyMap<number, number>;
  /** Why it stays closed, where it can't be reopened. */
  readonly whyClosed: string | null;
  /** What the person wrote last about a review. */
  readonly lastNote: string | null;
  /** The review that was answered before this page. */
  readonly answered: Answered | null;
}

interface Props {
  readonly c: PageContext;
  readonly facts: ReviewFacts;
  readonly followed: FollowedAudit | null;
}

/** One review: why, what can be seen of it, and what a person says. */
export function ReviewPage({ c, facts, followed }: Props) {
  const { review, name, others, actions, answered } = facts;
  const queue = filterQuery(c, reviewList);
  return (
    <Page c={c} title={reviewTitle(review, name)} section="/reviews" live>
      {answered && <AnsweredView c={c} answered={answered} />}
      <QueueLinks facts={facts} queue={queue} />
      <Pictured c={c} of={pictureOfReview(review, name)} isHead>
        <p>
          Review {review.id} <Badge of={review.status} /> {review.regressed && <Badge of="regressed" />} opened{' '}
          <When at={review.createdAt} />
          {review.regressed && ': something in it came back after a person had called it resolved'}
        </p>
        <p>
          <EntityLink entity={review} name={name} />, status <Badge of={review.entityStatus} />, priority{' '}
          {review.priority}
        </p>
        <ElsewhereLinks c={c} entity={review} />
      </Pictured>
      {review.resolvedAt && (
        <div class="notice">
          <p>
            Closed <When at={review.resolvedAt} /> by {review.resolvedBy ?? 'an audit'}:
          </p>
          <pre>{review.resolutionNotes ?? ''}</pre>
        </div>
      )}
      {followed && <FollowedView c={c} entity={review} followed={followed} />}
      <p class="shortcuts">
        <a href="#decision">Your decision</a> <a href="#images">Images side by side</a>
      </p>
      <div class="decided">
        <Reasons review={review} />
        <Decision c={c} facts={facts} queue={queue} />
        <ImagesInQuestion c={c} review={review} edits={facts.edits} />
      </div>
      {actions.length > 0 && (
        <section aria-labelledby="history">
          <h2 id="history">History</h2>
          <OperatorActions c={c} actions={actions} caption="What operators did to this review, the newest first" />
        </section>
      )}
      {others.length > 0 && <Others others={others} />}
    </Page>
  );
}

/** What a person can say of it: after the reasons, and before the pictures, of which there may be many screens. */
function Decision({ c, facts, queue }: CloseFormProps) {
  const { review, whyClosed } = facts;
  return (
    <aside aria-label="Your decision">
      <h2 id="decision">Your decision</h2>
      {whyClosed === null ? (
        <CloseForm c={c} facts={facts} queue={queue} />
      ) : (
        <p class="notice" id="stays-closed">
          It can’t be reopened: {whyClosed}.
        </p>
      )}
      <HandOverForm c={c} review={review} />
      <AuditForm c={c} entityKey={review} status={review.entityStatus} from={`/reviews/${review.id}`} />
    </aside>
  );
}

function QueueLinks({ facts, queue }: { readonly facts: ReviewFacts; readonly queue: string }) {
  const { before, after } = facts.neighbours;
  const suffix = queue === '' ? '' : `?${queue}`;
  return (
    <nav class="pager" aria-label="Reviews of this list">
      {before !== null && (
        <a href={`/reviews/${before.id}${suffix}`} rel="prev">
          Previous review
        </a>
      )}
      <a href={`/reviews${suffix}`}>The list</a>
      {after !== null && (
        <a href={`/reviews/${after.id}${suffix}`} rel="next">
          Next review
        </a>
      )}
    </nav>
  );
}

function Others({ others }: { readonly others: readonly Review[] }) {
  return (
    <section aria-labelledby="others">
      <h2 id="others">Other reviews of the entity</h2>
      <ul>
        {others.map((other) => (
          <li>
            <a href={`/reviews/${other.id}`}>review {other.id}</a> <Badge of={other.status} />{' '}
            {shortened(other.reviewReason)}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface CloseFormProps {
  readonly c: PageContext;
  readonly facts: ReviewFacts;
  /** The parameters of the list that it is worked off from. */
  readonly queue: string;
}

const form = 'close';

/** What a person says of a review; always with a word on why. */
function CloseForm({ c, facts: { review, version, lastNote }, queue }: CloseFormProps) {
  const isRepeated = lastNote !== null && c.req.query('note') === 'last';
  const isOpen = review.status === 'open';
  return (
    <ActionForm c={c} action={`/reviews/${review.id}${queue === '' ? '' : `?${queue}`}`} class="actions" id={form}>
      <input type="hidden" name="seen" value={version} />
      <NoteField
        c={c}
        form={form}
        label="Note: why (kept with the review and in the record)"
        most={2000}
        text={isRepeated ? lastNote : ''}
        isNeeded
        isLong
      />
      {lastNote !== null && !isRepeated && (
        <p class="hint">
          <a href={`${addressWith(c, { note: 'last' })}#close`} data-key="m">
            Same note as last time
          </a>
          : {shortened(lastNote, 100)}
        </p>
      )}
      {isOpen ? (
        <>
          <button class="primary" name="what" value="resolve" data-key="e" aria-keyshortcuts="e">
            Resolve
          </button>
          <button name="what" value="wont_fix" data-key="w" aria-keyshortcuts="w">
            Won’t fix
          </button>
          <Choice c={c} form={form} type="checkbox" name="next" value="1" standard>
            and go to the next one
          </Choice>
          <p class="hint">
            Resolved: somebody has seen to it; the same finding again opens a review that is marked regressed. Won’t
            fix: it shall stay as it is, and stays quiet until the evidence changes. Either way the entity is audited
            again.
          </p>
        </>
      ) : (
        <>
          <button name="what" value="reopen" data-key="u" aria-keyshortcuts="u">
            Reopen
          </button>
          <p class="hint">The entity waits for a person again, and what this review let stand counts again.</p>
        </>
      )}
    </ActionForm>
  );
}

/** Others see to it: it leaves the list, by way of a dry run as for many. */
function HandOverForm({ c, review }: { readonly c: PageContext; readonly review: Review }) {
  if (review.status !== 'open') return null;
  const { id, handedOverTo: to, handedOverAt, ticket } = review;
  return (
    <ActionForm c={c} action="/reviews/bulk" class="actions" id="hand-over">
      <input type="hidden" name="scope" value="selected" />
      <input type="hidden" name="id" value={id} />
      {to === null ? (
        <>
          <HandOverFields c={c} form="hand-over" />
          <button name="what" value="hand_over_reviews">
            Hand over…
          </button>
          <span class="hint">
            Others see to it: it is out of the list until an audit finds it gone, or finds something else, or the time
            is up.
          </span>
        </>
      ) : (
        <>
          <span>
            Handed over to {audienceNames[to]} <When at={handedOverAt} />
            {ticket !== null && `: ${ticket}`}.
          </span>
          <button name="what" value="take_back_reviews">
            Take back…
          </button>
        </>
      )}
    </ActionForm>
  );
}

/** All reasons of a review, each as expected and found. */
function Reasons({ review }: { readonly review: Review }) {
  const { reasons } = review;
  return (
    <section aria-labelledby="reasons">
      <h2 id="reasons">Why a person is asked</h2>
      {reasons.length === 0 ? <pre>{review.reviewReason}</pre> : reasons.map((reason) => <Reason reason={reason} />)}
    </section>
  );
}

function Reason({ reason }: { readonly reason: ReviewReason }) {
  const { check, examples, count } = reason;
  const { title, wrong, steps } = adviceOn(reason);
  const entry = check === null ? null : findCheck(check);
  return (
    <section class="finding">
      <h3>{check === null ? title : <CheckLink check={check} />}</h3>
      <p>
        <InCode text={wrong} />
      </p>
      {/* Of one difference the examples say the same, in parts. */}
      {(examples.length === 0 || count > examples.length) && <pre>{reason.reason}</pre>}
      <Examples examples={examples} count={count} />
      <h4>What to do</h4>
      <ol>
        {steps.map((step) => (
          <li>
            <InCode text={step} />
          </li>
        ))}
      </ol>
      {entry && (
        <details>
          <summary>Why this policy</summary>
          <p>
            <InCode text={entry.why} />
          </p>
        </details>
      )}
    </section>
  );
}
