import { draw } from './draw.ts';
import type { FaultName, Faults, FaultScope, FaultSwitch } from './faults.ts';
import type { RequestKind } from './request-kinds.ts';

/** The n-th request of a kind, and what it is about: all that decides whether a fault strikes it. */
export interface Occurrence {
  readonly kind: RequestKind;
  /** From 0, counted per kind. */
  readonly n: number;
  readonly subjects: readonly string[];
}

/** Decides by seed, fault, kind and n alone, so that a seed gives the same faults again, and other faults no others. */
export class FaultDice {
  readonly #seed: number;
  readonly #faults: Faults;
  /** How many times a scope with `next` has struck; by the object, so that setting another starts anew. */
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
