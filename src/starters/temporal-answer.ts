/** What Temporal said, or why it can't be asked: what is in the database is of use without it, too. */
export type TemporalAnswer<Answer> =
  { readonly kind: 'answered'; readonly answer: Answer } | { readonly kind: 'unreachable'; readonly reason: string };
