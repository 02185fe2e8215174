import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** A request that can't be answered as asked: the page says why, what was expected, and that nothing was changed. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: ContentfulStatusCode;
  readonly title: string;
  /** One for each value that can't be taken. */
  readonly problems: readonly Problem[];
  /** Where to continue, by a person's own click. */
  readonly link: RefusalLink | null;
  constructor(
    status: ContentfulStatusCode,
    title: string,
    message: string,
    { problems = [], link = null }: { readonly problems?: readonly Problem[]; readonly link?: RefusalLink | null } = {},
  ) {
    super(message);
    this.status = status;
    this.title = title;
    this.problems = problems;
    this.link = link;
  }
}

/** What is wrong with a value that an address or a form has. */
export interface Problem {
  /** The parameter, or the field of the form. */
  readonly name: string;
  /** A sentence: `older takes an age; it got "yesterday"`. */
  readonly text: string;
  /** Whether people write it into a field of the form: the message then stands there, too. */
  readonly isField: boolean;
}

export interface RefusalLink {
  readonly path: string;
  readonly words: string;
}

/** A parameter of the address or a field of a form has a value that it can't take. */
export function badInput(problems: readonly Problem[]): Refusal {
  return new Refusal(
    400,
    'That can’t be read',
    'Something in the address or the form has a value that it can’t take.',
    { problems },
  );
}

/** The same for one field that people fill in. */
export function badField(name: string, text: string): Refusal {
  return badInput([{ name, text, isField: true }]);
}

/** The same for what only links and pages write: nobody has typed it. */
export function badAddress(name: string, text: string): Refusal {
  return badInput([{ name, text, isField: false }]);
}

/** A note has to say why. */
export function noteIsNeeded(): Refusal {
  return badField('note', 'note takes a text: this is not done without a word on why');
}

export function notFound(what: string): Refusal {
  return new Refusal(404, 'Not found', what);
}

export function forbidden(why: string, link: RefusalLink | null = null): Refusal {
  return new Refusal(403, 'Not allowed', why, { link });
}

/** What the form was about is not as it was when the page was shown. */
export function stale(why: string): Refusal {
  return new Refusal(409, 'Changed meanwhile', why);
}

/** Something that this needs is away; asking again later may do. */
export function away(why: string): Refusal {
  return new Refusal(503, 'Not available now', why);
}

/** Whether an answer goes to a program: then a refusal is JSON, too. */
export function isForPrograms(c: Context): boolean {
  return c.req.path.startsWith('/api/');
}
