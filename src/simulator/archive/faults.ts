import type { RequestKind } from '../../domain/queue/request-count.ts';

/** The n-th request of a kind, and what it is about: all that decides whether a fault strikes it. */
export interface Occurrence {
  readonly kind: RequestKind;
  /** From 0, counted per kind. */
  readonly n: number;
  readonly subjects: readonly string[];
}

/** When a fault strikes. All that is given must hold. */
export interface FaultScope {
  /** Of the requests that the rest picks, 0 … 1; all of them where not given. */
  readonly share?: number;
  /** Only the next few of them, this number: then it is over (until another object is set). */
  readonly next?: number;
  /** Item identifiers, MBIDs (web service), access keys, or names of data nodes. */
  readonly items?: readonly string[];
  /** For faults that several kinds of requests can meet. */
  readonly kinds?: readonly RequestKind[];
}

/** A share of the requests (0 … 1, 0 is off), a list of items for which it always strikes, or both and more. */
export type FaultSwitch = FaultScope | number | readonly string[];

/** The faults that a switch turns on and off. */
export interface FaultSwitches {
  /** Any request: the connection is reset before anything is answered or done. */
  connectionReset: FaultSwitch;
  /** Any request: answered `slowSeconds` late. */
  slow: FaultSwitch;
  /** Any answer with a body: half of it comes, then nothing until the client gives up. */
  stalled: FaultSwitch;
  /** Any answer with a body: the connection ends before `content-length` is reached. */
  truncated: FaultSwitch;
  /** Any JSON or XML answer: cut, though `content-length` fits what is left. */
  cut: FaultSwitch;
  /** Any JSON or XML answer: an HTML page with status 200 in its place. */
  htmlPage: FaultSwitch;
  /** Any request to the archive: 429. */
  tooManyRequests: FaultSwitch;
  /** Any request to the archive that reads: 503, an HTML page. */
  serviceUnavailable: FaultSwitch;

  /** 500 by `/download` itself. */
  downloadError: FaultSwitch;
  /** 500 by the delivery node that `/download` sends to. */
  deliveryNodeError: FaultSwitch;
  /** The delivery node answers 200 with an older copy of the file. */
  deliveryOldCopy: FaultSwitch;
  /** 500 by the item's own nodes; `items` may name nodes. */
  dataNodeError: FaultSwitch;
  /** `/download` sends to a host that is none of the archive's. */
  foreignRedirect: FaultSwitch;
  /** `/metadata` answers `{}` for an item that exists. */
  emptyMetadata: FaultSwitch;
  /** `/metadata` answers 200 with `{"error": …}`. */
  metadataError: FaultSwitch;
  /** `tasks.php` answers 200 with `success: false`. */
  tasksError: FaultSwitch;

  /** A write is answered 500 and not done. */
  writeError: FaultSwitch;
  /** A copy is answered 200 with an error document, and not done: S3 documents this answer for copies. */
  copyErrorWith200: FaultSwitch;
  /** A write is done, though the answer is a 5xx or the connection is reset. */
  appliedThoughFailed: FaultSwitch;
  /** A write is sent on to another host of the archive by 307. */
  writeRedirect: FaultSwitch;
  /** The bucket belongs to somebody else: 403 `AccessDenied`. */
  accessDenied: FaultSwitch;
  /** The access key is refused: 403 `InvalidAccessKeyId`; `items` names access keys. */
  keyRefused: FaultSwitch;
  /** An accepted write's task ends in error. See `taskErrorSeconds`. */
  taskFailure: FaultSwitch;
  /** An accepted write's task is never run: its item never settles. */
  taskStuck: FaultSwitch;
  /** An accepted copy's task takes `copyLagSeconds` more, and its item's later tasks wait behind it. */
  copyLag: FaultSwitch;
  /** A write at which an episode of SlowDown begins for its access key. See `slowDownSeconds`. */
  slowDown: FaultSwitch;
  /** SlowDown for these items only, as if their tasks were too many. */
  slowDownItem: FaultSwitch;
  /** `check_limit` doesn't say why: `over_limit` 0 and no detail. */
  checkLimitSilent: FaultSwitch;

  /** The scrape answers with the cursor it was asked with. */
  scrapeRepeatedCursor: FaultSwitch;
  /** The scrape's `total` is a tenth smaller than it was. */
  scrapeShrinkingTotal: FaultSwitch;
  /** The scrape answers without a cursor though there is more. */
  scrapeEarlyEnd: FaultSwitch;
  /** The scrape's page holds another query's items as well. */
  scrapeOtherItems: FaultSwitch;
  /** The scrape answers 200 with `{"error": …}`. */
  scrapeError: FaultSwitch;
  /** The scrape passes over the cursor where `count` is sent, too, and answers with the first page. */
  scrapeIgnoredCursor: FaultSwitch;
  /** The scrape's `total` is null. */
  scrapeNoTotal: FaultSwitch;

  /** The web service is over its capacity: 503. */
  wsUnavailable: FaultSwitch;
  /** The web service fails: 502, an HTML page. */
  wsError: FaultSwitch;
}

export type FaultName = keyof FaultSwitches;

/** How the faults look and how long they last. */
interface FaultSettings {
  slowSeconds: number;
  /** How long an episode of SlowDown lasts. */
  slowDownSeconds: number;
  /** Whose limit an episode of SlowDown is, as `check_limit` tells. */
  slowDownReason: 'account' | 'global';
  /** Whether 429 and 503 carry Retry-After; `sometimes` is every other one. */
  retryAfter: 'always' | 'never' | 'sometimes';
  retryAfterSeconds: number;
  copyLagSeconds: number;
  /** How long a failed task stands in error, the item's later tasks waiting behind it. */
  taskErrorSeconds: number;
  /** What then becomes of it: staff run it again, or the write is lost. */
  taskErrorEnds: 'applied' | 'dropped';
  /** SlowDown while this many tasks of one item are outstanding; 0: no limit. */
  itemTaskLimit: number;
  /** SlowDown while this many tasks are outstanding over all items; 0: no limit. */
  accountTaskLimit: number;
  /** A page of the scrape has at most this many items, whatever was asked for; 0: no limit. */
  scrapePageLimit: number;
  /** The web service answers 503 beyond this many requests a second; 0: no limit. */
  wsRequestsPerSecond: number;
}

/** What may go wrong, and with what probability. Tests change it while the simulator runs. */
export type Faults = FaultSettings & FaultSwitches;

/** Everything as it is on a good day, which the archive's noindex scrape and its late tasks are part of. */
export function noFaults(): Faults {
  return {
    connectionReset: 0,
    slow: 0,
    stalled: 0,
    truncated: 0,
    cut: 0,
    htmlPage: 0,
    tooManyRequests: 0,
    serviceUnavailable: 0,
    downloadError: 0,
    deliveryNodeError: 0,
    deliveryOldCopy: 0,
    dataNodeError: 0,
    foreignRedirect: 0,
    emptyMetadata: 0,
    metadataError: 0,
    tasksError: 0,
    writeError: 0,
    copyErrorWith200: 0,
    appliedThoughFailed: 0,
    writeRedirect: 0,
    accessDenied: 0,
    keyRefused: 0,
    taskFailure: 0,
    taskStuck: 0,
    copyLag: 0,
    slowDown: 0,
    slowDownItem: 0,
    checkLimitSilent: 0,
    scrapeRepeatedCursor: 0,
    scrapeShrinkingTotal: 0,
    scrapeEarlyEnd: 0,
    scrapeOtherItems: 0,
    scrapeError: 0,
    scrapeIgnoredCursor: 0,
    scrapeNoTotal: 0,
    wsUnavailable: 0,
    wsError: 0,
    slowSeconds: 2,
    slowDownSeconds: 10,
    slowDownReason: 'account',
    retryAfter: 'sometimes',
    retryAfterSeconds: 5,
    copyLagSeconds: 60,
    taskErrorSeconds: 60,
    taskErrorEnds: 'applied',
    itemTaskLimit: 0,
    accountTaskLimit: 0,
    scrapePageLimit: 0,
    wsRequestsPerSecond: 0,
  };
}

/**
 * The unpleasant parts, all at once and as often as they come on a bad day: two of five downloads fail, as measured in
 * August 2026. What is left at 0 has to be aimed at an item or a key (`taskStuck`, `accessDenied`, …).
 */
export function unpleasantFaults(): Faults {
  return {
    ...noFaults(),
    connectionReset: 0.01,
    slow: 0.02,
    stalled: 0.001,
    truncated: 0.01,
    cut: 0.01,
    htmlPage: 0.01,
    tooManyRequests: 0.002,
    serviceUnavailable: 0.01,
    downloadError: 0.25,
    deliveryNodeError: 0.2,
    deliveryOldCopy: 0.01,
    dataNodeError: 0.02,
    foreignRedirect: 0.01,
    emptyMetadata: 0.03,
    metadataError: 0.02,
    tasksError: 0.02,
    writeError: 0.05,
    copyErrorWith200: 0.02,
    appliedThoughFailed: 0.03,
    writeRedirect: 0.1,
    taskFailure: 0.02,
    copyLag: 0.02,
    slowDown: 0.005,
    checkLimitSilent: 0.1,
    scrapeRepeatedCursor: 0.02,
    scrapeShrinkingTotal: 0.05,
    scrapeEarlyEnd: 0.02,
    scrapeError: 0.02,
    scrapeIgnoredCursor: 0.02,
    scrapeNoTotal: 0.02,
    wsUnavailable: 0.03,
    wsError: 0.01,
    slowDownSeconds: 5,
    copyLagSeconds: 10,
    taskErrorSeconds: 10,
  };
}
