import type { SearchAttributePair } from '@temporalio/common';
import {
  ActivityCancellationType,
  type ActivityOptions,
  CancellationScope,
  patched,
  proxyLocalActivities,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { AuditInput } from '../audit/steps.ts';
import { asSummary } from '../temporal/summaries.ts';
import { stepPriorities } from '../temporal/task-queues.ts';
import { isUnknownStep } from './failures.ts';

/** What a workflow that is cancelled waits for: its steps end anyway, and it can still say how. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

interface Retries {
  /** Beyond the first try. */
  readonly retries: number;
  /** Before the first of them; each waits twice as long as the one before. */
  readonly firstSeconds: number;
}

const quickRetries = ({ retries, firstSeconds }: Retries) => ({
  maximumAttempts: 1 + retries,
  initialInterval: firstSeconds * 1000,
  backoffCoefficient: 2,
});

/** Batches that a cursor leads through, or marks on rows, as often as it takes: nothing is lost by one that is tried again. */
const batches = {
  // A batch of a backfill is a second or so, a turn of a bulk action a few; a page of a scan waits for its turn at the archive.
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30s',
  cancellationType,
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
} satisfies ActivityOptions;

/**
 * How long each step of a workflow may take, by what it is noticed that its worker was lost, how many attempts there are, and what
 * becomes of it when its workflow is cancelled. A step beats every 5 s while what it waits for is within that thing's own limit
 * (`alive`, activities/run.ts).
 */
export const stepOptions = {
  backfill: batches,
  bulkAction: batches,
  import: batches,
  scan: batches,

  /** Claims an event by any worker that isn't stopping; where there is none, it waits for one. A statement or two. */
  claimer: {
    startToCloseTimeout: '20s',
    cancellationType,
    priority: { priorityKey: stepPriorities.event },
    retry: { initialInterval: '200ms', maximumInterval: '20s' },
  },

  /** Carries out an event. Its quick retries are part of one attempt. */
  event: (retries: Retries) =>
    ({
      // A deletion makes four requests (both items, the tasks, the delete), each of at most 5 minutes after a turn of at
      // most 2. One that pauses make longer is tried again, as each of these may be.
      startToCloseTimeout: '30 minutes',
      heartbeatTimeout: '30s',
      cancellationType,
      priority: { priorityKey: stepPriorities.event },
      retry: quickRetries(retries),
    }) satisfies ActivityOptions,

  /** Asks the archive or the web service for an audit, behind events; paced audits behind an operator's own. */
  audit: (retries: Retries, how: AuditInput['how']) =>
    ({
      startToCloseTimeout: '30 minutes',
      heartbeatTimeout: '20s',
      cancellationType,
      priority: { priorityKey: how === 'operator' ? stepPriorities.operatorsAudit : stepPriorities.pacedAudit },
      retry: quickRetries(retries),
    }) satisfies ActivityOptions,

  dispatcher: {
    // A little more than the activity's own shift of an hour.
    startToCloseTimeout: '70 minutes',
    heartbeatTimeout: '15s',
    // Whoever cancels it wants the next one to begin at once; it holds nothing that it would have to release.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    // For ever, and soon: until the next worker takes over nothing is carried out.
    retry: { initialInterval: '500ms', backoffCoefficient: 1 },
  },

  /** A tick. The next one does what this one could not. */
  pacer: {
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '30s',
    cancellationType,
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 10 },
  },

  housekeeper: {
    startToCloseTimeout: '10 minutes',
    // All its tries together, so that the round can still tell why it failed before its run is over (30 minutes).
    scheduleToCloseTimeout: '20 minutes',
    heartbeatTimeout: '30s',
    cancellationType,
    retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 5 },
  },
} as const;

/** What each step is called in Temporal's UI; by what it is given, where that tells more. In every history: short. */
export type StepWords<Steps> = {
  readonly [Name in keyof Steps]:
    string | (Steps[Name] extends (...args: infer Args) => unknown ? (...args: Args) => string : never);
};

/** Steps that a workflow takes, as functions. */
type StepsTaken<Steps> = {
  readonly [Name in keyof Steps]: Steps[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never;
};

type Proxied = Readonly<
  Record<string, { executeWithOptions(options: { summary: string }, args: unknown[]): Promise<unknown> }>
>;

/**
 * The same steps, each with its words.
 *
 * @param proxy of `proxyActivities` or `proxyLocalActivities`
 */
export function named<Steps extends object>(proxy: object, words: StepWords<Steps>): StepsTaken<Steps> {
  return eachStep<Steps>((name, args) => {
    const word = (words as Readonly<Record<string, string | ((...given: unknown[]) => string)>>)[name] ?? name;
    const summary = asSummary(typeof word === 'string' ? word : word(...args));
    return onceKnown(() => (proxy as Proxied)[name]!.executeWithOptions({ summary }, args));
  });
}

/** The number of times a step is given out again, and how long after the tries before: about 20 minutes, those included. */
const longestUpgrade = { times: 40, apart: '10s' } as const;

/**
 * While an older worker polls beside ours, a step that is new may come to it, again and again: it is given out until one that
 * knows it takes it, which costs its row nothing.
 */
async function onceKnown(take: () => Promise<unknown>): Promise<unknown> {
  for (let times = 0; ; times += 1) {
    try {
      return await take();
    } catch (error) {
      const isToWait = isUnknownStep(error) && times < longestUpgrade.times && patched('given-out-until-known');
      if (!isToWait) throw error;
      await sleep(longestUpgrade.apart);
    }
  }
}

/**
 * The short database steps of a workflow, as local activities: they may run twice when a worker dies, and are safe to
 * repeat. While the database is away they are tried again, the first three times at once and then by durable timers, which
 * take no slot from the workflows that don't need it (a worker has 40). After an hour the workflow fails, and its row is
 * started again by whoever sees that nobody works on it: a history that waits for days would only grow.
 *
 * They are taken also where the workflow was cancelled: what was claimed is released then, in its own words.
 */
export function databaseSteps<Steps extends object>(words: StepWords<Steps>): StepsTaken<Steps> {
  const steps = named<Steps>(
    proxyLocalActivities<Steps>({
      startToCloseTimeout: '20s',
      cancellationType,
      scheduleToCloseTimeout: '1 hour',
      localRetryThreshold: '1s',
      retry: { initialInterval: '200ms', maximumInterval: '1 minute' },
    }),
    words,
  ) as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
  return eachStep<Steps>((name, args) => CancellationScope.nonCancellable(() => steps[name]!(...args)));
}

/** Steps of any name, each taken as is said. */
function eachStep<Steps extends object>(take: (name: string, args: unknown[]) => Promise<unknown>): StepsTaken<Steps> {
  return new Proxy({} as StepsTaken<Steps>, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        take(String(name), args),
  });
}

/**
 * Makes a workflow findable in the Temporal UI by what came of it. What it has had from its start isn't set again.
 *
 * @param usable names that its worker knows the namespace to have. A step reported them, so that the history of an
 *   earlier version, whose steps reported none, is continued without.
 */
export function setAttributes(pairs: readonly SearchAttributePair[], usable: readonly string[] = []): void {
  const { typedSearchAttributes } = workflowInfo();
  const missing = pairs.filter(
    ({ key, value }) => usable.includes(key.name) && typedSearchAttributes.get(key as never) !== value,
  );
  if (missing.length > 0) upsertSearchAttributes(missing);
}
