import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** A request that can't be answered as asked: the page says why, what was expected, and that nothing was changed. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: ContentfulStatusCode;
  readonly title: string;
  /** Further lines: one for each thing that is wrong. */
  readonly details: readonly string[];
  /** Where to go on, by a person's own click. */
  readonly link: RefusalLink | null;
  constructor(
    status: ContentfulStatusCode,
    title: string,
    message: string,
    { details = [], link = null }: { readonly details?: readonly string[]; readonly link?: RefusalLink | null } = {},
  ) {
    super(message);
    this.status = status;
    this.title = title;
    this.details = details;
    this.link = link;
  }
}

export interface RefusalLink {
  readonly path: string;
  readonly words: string;
}

/** A parameter or a field of a form has a value that it can't take. */
export function badInput(details: readonly string[]): Refusal {
  return new Refusal(
    400,
    'That can’t be read',
    'Something in the address or the form has a value that it can’t take.',
    { details },
  );
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
