import type { CookieOptions } from 'hono/utils/cookie';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { PageContext } from '../environment.ts';

/**
 * One of our cookies: out of reach of scripts, for this host and all its pages. Where visitors come over https it is sent
 * over https only, and its name begins with `__Host-`, so that no sister domain can set it.
 */
export interface OurCookie {
  read(c: PageContext): string | undefined;
  /** @param maxAgeSeconds without it, it is gone when the browser is closed */
  write(c: PageContext, value: string, maxAgeSeconds?: number): void;
  remove(c: PageContext): void;
}

/** @param sameSite `Lax` where it has to come along when another site leads here: the return from a login */
export function ourCookie(name: string, sameSite: 'Lax' | 'Strict'): OurCookie {
  return {
    read: (c) => (isHttps(c) ? getCookie(c, name, 'host') : getCookie(c, name)),
    write(c, value, maxAgeSeconds) {
      setCookie(c, name, value, { ...options(c), ...(maxAgeSeconds !== undefined && { maxAge: maxAgeSeconds }) });
    },
    remove: (c) => void deleteCookie(c, name, options(c)),
  };
  function options(c: PageContext): CookieOptions {
    const secure = isHttps(c);
    return { httpOnly: true, sameSite, path: '/', secure, ...(secure && { prefix: 'host' as const }) };
  }
}

function isHttps(c: PageContext): boolean {
  return c.var.parts.config().dashboard.publicUrl?.startsWith('https:') ?? false;
}
