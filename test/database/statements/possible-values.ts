import type ts from 'typescript';
import { Evaluator } from './evaluate.ts';
import type { Program } from './program.ts';
import { neverHere } from './values.ts';

/**
 * The values that an expression can have, as far as the program's text tells: constants, fragments made by functions, one
 * of a few words that a type allows, both sides of a condition, and what each caller gives. Each way at each point is
 * taken once at least; not each together with each of another point.
 *
 * @throws {UnresolvedError}
 */
export function possibleValues<Value>(
  program: Program,
  expression: ts.Expression,
  read: (value: unknown) => Value,
): Value[] {
  const found: Value[] = [];
  const planned: (readonly number[])[] = [[]];
  const known = new Map<ts.Node, Set<number>>();
  for (let next = planned.pop(); next !== undefined; next = planned.pop()) {
    const ways = new Ways(next);
    try {
      found.push(read(new Evaluator(program, ways).evaluate(expression, new Map())));
    } catch (error) {
      if (error !== neverHere) throw error;
    }
    const taken = ways.choices.map((choice) => choice.taken);
    for (const [n, { at, of }] of ways.choices.entries()) {
      const seen = known.get(at) ?? new Set([0]);
      known.set(at, seen);
      for (let way = 1; way < of; way++) {
        if (n < next.length || seen.has(way)) continue;
        seen.add(way);
        planned.push([...taken.slice(0, n), way]);
      }
    }
  }
  return found;
}

/** One of several ways that were taken at a point of the program. */
interface Choice {
  readonly at: ts.Node;
  readonly of: number;
  readonly taken: number;
}

/** The ways that one round of an evaluation takes. */
export class Ways {
  readonly choices: Choice[] = [];
  readonly #planned: readonly number[];
  readonly #chosen = new Map<ts.Node, unknown>();

  /** @param planned what is taken at the first points; the first way at all others */
  constructor(planned: readonly number[]) {
    this.#planned = planned;
  }

  choose(of: number, at: ts.Node): number {
    const taken = this.#planned[this.choices.length] ?? 0;
    this.choices.push({ at, of, taken });
    return taken;
  }

  /** What was chosen for a parameter, so that it is the same everywhere. */
  once(key: ts.Node, choose: () => unknown): unknown {
    if (!this.#chosen.has(key)) this.#chosen.set(key, choose());
    return this.#chosen.get(key);
  }
}
