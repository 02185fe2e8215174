/** What a message is about: the entity, and the image; a message that isn't understood as it is. */
export function describeMessage(message: unknown): string {
  const { gid, old_gid, new_gid, artwork_id, suffix } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const image = typeof artwork_id === 'number' ? ` image ${artwork_id}.${String(suffix)}` : '';
  if (typeof gid === 'string') return `${gid}${image}`;
  if (typeof old_gid === 'string' && typeof new_gid === 'string') return `${old_gid} to ${new_gid}${image}`;
  return JSON.stringify(message);
}
