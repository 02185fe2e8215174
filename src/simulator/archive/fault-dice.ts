import { draw } from '../random.ts';
import { type Answer, emptyAnswer, jsonAnswer, s3Error, withHeaders } from './answer.ts';
import type { ArchiveState } from './archive-state.ts';
import type { FaultName, Faults, FaultScope, FaultSwitch, Occurrence } from './faults.ts';
import type { ArchiveRequest, RequestTo } from './request-log.ts';

/** Decides by seed, fault, kind and n alone, so that a seed gives the same faults again, and other faults no others. */
export class FaultDice {
  readonly #seed: number;
  readonly #faults: Faults;
  /** How many times a scope with `next` has struck; by the object, so that setting another starts again. */
  readonly #struck = new WeakMap<FaultScope, number>();

  constructor(seed: number, faults: Faults) {
    this.#seed = seed;
    this.#faults = faults;
  }

  strikes(fault: FaultName, occurrence: Occurrence): boolean {
    const scope = scopeOf(this.#faults[fault]);
    const { share = 1, next = Infinity, items, kinds } = scope;
    if (share === 0) return false;
    if (items !== undefined && !items.some((item) => occurrence.subjects.includes(item))) return false;
    if (kinds !== undefined && !kinds.includes(occurrence.kind)) return false;
    const struck = this.#struck.get(scope) ?? 0;
    if (struck >= next || (share < 1 && this.chance(fault, occurrence) >= share)) return false;
    if (next !== Infinity) this.#struck.set(scope, struck + 1);
    return true;
  }

  /** A number in [0, 1) for how a fault looks at this request, e.g. which of two answers it gives. */
  chance(label: string, { kind, n }: Occurrence): number {
    return draw(this.#seed, label, kind, n);
  }
}

function scopeOf(fault: FaultSwitch): FaultScope {
  if (typeof fault === 'number') return { share: fault };
  return isList(fault) ? { items: fault } : fault;
}

function isList(fault: FaultScope | readonly string[]): fault is readonly string[] {
  return Array.isArray(fault);
}

/** Whose limit is reached. */
type Limit = 'account' | 'global' | 'item';

/** Tells when the archive is over its capacity: SlowDown to writes, and what `check_limit` says of it. */
export class Capacity {
  readonly #faults: Faults;
  readonly #dice: FaultDice;
  readonly #state: ArchiveState;
  readonly #now: () => number;
  /** By access key, when its episode of SlowDown ends; ms since 1970. */
  readonly #slowUntil = new Map<string, number>();

  constructor(options: { faults: Faults; dice: FaultDice; state: ArchiveState; now: () => number }) {
    this.#faults = options.faults;
    this.#dice = options.dice;
    this.#state = options.state;
    this.#now = options.now;
  }

  /** 503 SlowDown where a write comes in while there is no room for its task, else null. */
  refuse(request: ArchiveRequest, access: string, identifier: string): Answer | null {
    if (this.#dice.strikes('slowDown', request)) {
      this.#slowUntil.set(access, this.#now() + this.#faults.slowDownSeconds * 1000);
    }
    const limit = this.#limit(access, identifier) ?? (this.#dice.strikes('slowDownItem', request) ? 'item' : null);
    if (limit === null) return null;
    const detail = `Your ${limit === 'item' ? 'bucket' : 'account'} has too many tasks queued.`;
    return withHeaders(s3Error(request, 'SlowDown', detail), this.retryAfter(request));
  }

  /** `GET /?check_limit=1&accesskey=…&bucket=…`; the numbers say which limit is reached. */
  check(request: RequestTo<'check_limit'>): Answer {
    const query = request.url.searchParams;
    if (query.get('check_limit') !== '1') return emptyAnswer(400);
    const access = query.get('accesskey') ?? '';
    const bucket = query.get('bucket') ?? '';
    if (this.#dice.strikes('checkLimitSilent', request)) {
      return jsonAnswer({ accesskey: access, bucket, over_limit: 0 });
    }
    const flagged = this.#dice.strikes('slowDownItem', request) && Array.isArray(this.#faults.slowDownItem);
    const limit = this.#limit(access, bucket) ?? (flagged ? 'item' : null);
    return jsonAnswer({
      accesskey: access,
      bucket,
      over_limit: limit === null ? 0 : 1,
      detail: this.#detail(limit, bucket),
    });
  }

  /** The header of a 429 or 503, as the faults have it. */
  retryAfter(occurrence: Occurrence): Record<string, string> {
    const { retryAfter, retryAfterSeconds } = this.#faults;
    if (retryAfter === 'never' || (retryAfter === 'sometimes' && occurrence.n % 2 === 1)) return {};
    return { 'retry-after': String(retryAfterSeconds) };
  }

  #limit(access: string, bucket: string): Limit | null {
    const { accountTaskLimit, itemTaskLimit, slowDownReason } = this.#faults;
    if ((this.#slowUntil.get(access) ?? 0) > this.#now()) return slowDownReason;
    if (accountTaskLimit > 0 && this.#state.outstandingTasks() >= accountTaskLimit) return 'account';
    return itemTaskLimit > 0 && this.#itemTasks(bucket) >= itemTaskLimit ? 'item' : null;
  }

  #itemTasks(bucket: string): number {
    return this.#state.bucket(bucket)?.tasks.length ?? 0;
  }

  #detail(limit: Limit | null, bucket: string): Record<string, number | string> {
    const ration = this.#faults.accountTaskLimit || 200;
    const bucketRation = this.#faults.itemTaskLimit || 40;
    const reasons: Record<Limit, string> = { account: 'accesskey', global: 'total', item: 'bucket' };
    return {
      accesskey_ration: ration,
      accesskey_tasks_queued: limit === 'account' ? ration : Math.min(this.#state.outstandingTasks(), ration - 1),
      bucket_ration: bucketRation,
      bucket_tasks_queued: limit === 'item' ? bucketRation : Math.min(this.#itemTasks(bucket), bucketRation - 1),
      limit_reason: limit === null ? '' : reasons[limit],
      rationing_engaged: limit === 'account' ? 1 : 0,
      rationing_level: 1200,
      total_global_limit: 3400,
      total_tasks_queued: limit === 'global' ? 3400 : 312,
    };
  }
}
