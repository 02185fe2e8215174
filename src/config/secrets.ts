import type { Config } from './config.ts';
import { inFile, isSecret } from './schema.ts';

/** Shorter ones would be found inside of other words everywhere. */
const shortest = 6;

/** Takes the secrets out of a text. */
export type Redactor = (text: string) => string;

/**
 * A redactor for all that a configuration keeps secret: passwords, keys, DSN, and the credentials inside of addresses,
 * also as they stand in an address or in JSON. It is the last resort: nothing is meant to write a secret in the first
 * place. What stands in a setting that is not secret, too (a password that is the user's name), is left as it is.
 *
 * @param others secrets that are not part of the configuration, as Temporal's API key
 */
export function redactorFor(config: Config, others: readonly (string | undefined)[] = []): Redactor {
  const known = settingsOf(config);
  const open = known.filter(({ secret }) => !secret).map(({ text }) => text);
  const secrets = [...known.filter(({ secret }) => secret).map(({ text }) => text), ...others]
    .flatMap((secret) => (secret === undefined ? [] : [secret, ...credentialsIn(secret)]))
    .filter((secret) => !open.some((text) => text.includes(secret)));
  return redactorOf(secrets);
}

/** A redactor for these secrets, also as they stand in an address or in JSON. */
export function redactorOf(secrets: readonly (string | null | undefined)[]): Redactor {
  const written = secrets
    .filter((secret) => secret != null)
    .filter((secret) => secret.length >= shortest)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  // The longest first, so that no part of one is left because another is inside of it.
  const all = [...new Set(written)].sort((one, other) => other.length - one.length);
  return (text) => all.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text);
}

function settingsOf(config: Config): { readonly text: string; readonly secret: boolean }[] {
  return Object.entries(config).flatMap(([section, values]) =>
    Object.entries(values as Record<string, unknown>).flatMap(([name, value]) => {
      const key = inFile(name);
      const secret = isSecret(section, key) || key === 'connection_string';
      return typeof value === 'string' ? [{ text: value, secret }] : [];
    }),
  );
}

/** User and password of an address, and in plain what is encoded in it; nothing of what is no address. */
function credentialsIn(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { username, password } = new URL(text);
  const [user, word] = [plain(username), plain(password)];
  // A DSN's key is its user, with no password.
  const secret = word === '' ? user : word;
  return [secret, word === '' ? username : password].filter((part) => part !== '');
}

function plain(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
