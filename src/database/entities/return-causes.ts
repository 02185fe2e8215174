import type { ReturnCause } from '../../audit/steps.ts';
import type { Config } from '../../config/config.ts';
import type { DueCause } from './make-due.ts';

export type ReturnSettings = Pick<Config['audit'], 'discardDelayMinutes' | 'maxReturns' | 'settleMinutes'>;

interface ReturnRule {
  /** Whether it counts towards the limit of consecutive returns, after which a person looks. */
  readonly counts: boolean;
  /** Null: due now. */
  readonly dueCause: DueCause | null;
  /** Seconds until it is due, where the caller doesn't know better; null is now. */
  waitSeconds(settings: ReturnSettings): number | null;
}

/**
 * The longest an entity waits for its pending events to end. It is normally woken by the first that ends; this is for
 * an end that nobody saw.
 */
const pendingEventsSeconds = 86_400;

const settled = ({ settleMinutes }: ReturnSettings): number => settleMinutes * 60;
const now = (): null => null;

/**
 * When a returned entity is due again, and whether the return counts. Source: design page life-cycles.md, "Audit
 * entities": what is no fault of the entity (its events, a cool-down, an archive or web service that can't be read at
 * all) doesn't count.
 */
export const returnRules: Readonly<Record<ReturnCause, ReturnRule>> = {
  /** The run is not found or closed, or a shell stopped renewing. Counted: an entity whose audits all die needs a person. */
  workflow_gone: { counts: true, dueCause: null, waitSeconds: now },
  /** Somebody stopped it, e.g. with Ctrl-C at a shell. */
  stopped: { counts: false, dueCause: null, waitSeconds: now },
  /** The item changed lately, or has tasks outstanding. */
  settling: { counts: true, dueCause: 'settling', waitSeconds: settled },
  pending_events: { counts: false, dueCause: 'pending_events', waitSeconds: () => pendingEventsSeconds },
  /** `max_wait_hours` were spent on waiting within one audit. */
  waited_too_long: { counts: true, dueCause: 'waited_too_long', waitSeconds: settled },
  /** What the decision rested on changed three consecutive times while the audit was made. */
  discarded: {
    counts: true,
    dueCause: 'discarded',
    waitSeconds: ({ discardDelayMinutes }) => discardDelayMinutes * 60,
  },
  /** The web service still knows a gid that the database calls an orphan. */
  ws_disagrees: { counts: true, dueCause: 'ws_disagrees', waitSeconds: settled },
  /** It is the other kind of entity: its row is corrected. */
  other_kind: { counts: false, dueCause: null, waitSeconds: now },
  /** An orphan by MusicBrainz' tables, whose item lies in the other project's collection. */
  kind_disputed: { counts: true, dueCause: 'kind_disputed', waitSeconds: settled },
  /** This item or document can't be read, while others can. */
  item_unreadable: { counts: true, dueCause: 'unreadable', waitSeconds: settled },
  /** The archive or the web service can't be read at all. */
  unreadable: { counts: false, dueCause: 'unreadable', waitSeconds: settled },
  cool_down: { counts: false, dueCause: 'cool_down', waitSeconds: settled },
  /** A window that an operator set keeps audits from the archive. */
  window: { counts: false, dueCause: 'window', waitSeconds: settled },
  /** The archive refuses the project's keys, so that it could not be asked for the item's tasks. */
  keys_refused: { counts: false, dueCause: 'keys_refused', waitSeconds: settled },
};
