/** A state, status, decision or policy: a word in a colour of its own, which is never all that tells it. */
export function Badge({ of }: { readonly of: string }) {
  return <span class={`badge is-${of.replace(/_/g, '-')}`}>{of.replace(/_/g, ' ')}</span>;
}
