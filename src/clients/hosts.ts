import { UnreadableError } from './errors.ts';

/**
 * Which hosts are the archive's: those of the configured addresses, and below `archive.org` all of it. A redirect that
 * leads elsewhere is not followed.
 *
 * @param templates configured addresses; a host that holds a placeholder stands for every name in its place.
 */
export function archiveHosts(templates: readonly string[]): (url: URL) => boolean {
  const patterns = templates.map(hostPattern);
  return (url) => patterns.some((pattern) => pattern.test(url.hostname));
}

const nothing = /(?!)/;

function hostPattern(template: string): RegExp {
  const { host } = siteOf(template);
  if (/(^|\.)archive\.org$/i.test(host)) return /(^|\.)archive\.org$/i;
  // `{node}` alone as a host says nothing about which hosts are meant: the other addresses do.
  if (/^(\{[a-z]+\})*$/.test(host)) return nothing;
  const escaped = host.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[a-z]+\}/g, '[a-z0-9-]+');
  return new RegExp(`^${escaped}$`, 'i');
}

/** Where an address or a template of addresses begins; its host may hold placeholders. Of `{dir}` the slash is a part. */
function siteOf(template: string): { readonly scheme: string; readonly host: string; readonly port: string } {
  const [, scheme = '', host = '', port = ''] =
    /^(https?:\/\/)([^/:?#]+)(:\d+)?/i.exec(template.replaceAll('{dir}', '/')) ?? [];
  return { scheme, host, port };
}

/**
 * The hosts of an address or a template as a content security policy names them: as an origin, with `*` for a placeholder
 * that a name begins with. Null where a policy has no word for them, as for every host there is.
 */
export function policySource(template: string): string | null {
  const { scheme, host, port } = siteOf(template);
  const pattern = host.replace(/^.*\}[^.]*(?=\.)/, '*');
  return pattern.includes('{') ? null : `${scheme}${pattern}${port}`;
}

/**
 * The address that a redirect leads to.
 *
 * @throws {UnreadableError} where there is none, or it is not the archive's.
 */
export function redirectTarget(
  from: string,
  location: string | string[] | undefined,
  isAllowed: (url: URL) => boolean,
): string {
  const text = Array.isArray(location) ? location[0] : location;
  const target = text !== undefined && URL.canParse(text, from) ? new URL(text, from) : null;
  if (target === null) throw new UnreadableError(`${from} redirects to ${JSON.stringify(text)}: expected an address`);
  if (!isAllowed(target))
    throw new UnreadableError(
      `${from} redirects to ${target.origin}, which is not one of the archive's hosts; not followed`,
    );
  // What may carry a key is never sent on in the clear, nor is an answer believed that anybody could have changed.
  if (target.protocol !== 'https:' && target.protocol !== new URL(from).protocol)
    throw new UnreadableError(`${from} redirects to ${target.origin}, without encryption; not followed`);
  return target.href;
}
