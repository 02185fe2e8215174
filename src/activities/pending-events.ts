/** Says which indexer events an audit waits for. */
export function describePending(
  events: readonly { readonly id: number; readonly action: string; readonly state: string }[],
): string {
  const named = events.slice(0, 3).map(({ id, action, state }) => `${action} event ${id} is ${state}`);
  const more = events.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
