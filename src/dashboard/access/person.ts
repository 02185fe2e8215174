/** What somebody may do: look at everything, or also change things. */
export type Role = 'operator' | 'read-only';

/** Who asks for a page. */
export interface Person {
  /** As the operator record names them. */
  readonly name: string;
  readonly role: Role;
}

export function isOperator(person: Person): boolean {
  return person.role === 'operator';
}
