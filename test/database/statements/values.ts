import ts from 'typescript';

/** What is known only when the program runs. */
export class Unknown {
  /** What was chosen for its members, so that these are the same everywhere. */
  readonly members = new Map<string, unknown>();
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

/** A text depends on what is known only when the program runs. */
export class UnresolvedError extends Error {
  override readonly name = 'UnresolvedError';
}

/** Thrown where the program throws: this way leads to no statement. */
export const neverHere = new Error('the program throws');

/** @throws {UnresolvedError} */
export function known(value: unknown): unknown {
  if (value instanceof Unknown) throw new UnresolvedError(value.why);
  return value;
}

/** @throws {UnresolvedError} */
export function asText(value: unknown): string {
  return String(known(value));
}

/** What an operator makes of two values that are known. */
export const operators: ReadonlyMap<ts.SyntaxKind, (left: number, right: number) => unknown> = new Map([
  [ts.SyntaxKind.PlusToken, (left: number, right: number): unknown => left + right],
  [ts.SyntaxKind.MinusToken, (left, right) => left - right],
  [ts.SyntaxKind.AsteriskToken, (left, right) => left * right],
  [ts.SyntaxKind.SlashToken, (left, right) => left / right],
  [ts.SyntaxKind.GreaterThanToken, (left, right) => left > right],
  [ts.SyntaxKind.LessThanToken, (left, right) => left < right],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, (left, right) => left === right],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, (left, right) => left !== right],
]);

/** Gives an object a member that is evaluated once it is asked for: it may depend on what matters to nobody. */
export function lazily(object: object, key: string, value: () => unknown): void {
  let is: { readonly value: unknown } | undefined;
  const get = (): unknown => (is ??= { value: value() }).value;
  Object.defineProperty(object, key, { enumerable: true, configurable: true, get });
}
