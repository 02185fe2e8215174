import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Config } from '../config/config.ts';
import type { DashboardEnv } from './environment.ts';

/**
 * What browsers are told: no script or style but our own files, nothing inline, no frames, no forms to elsewhere. Images
 * come from the archive too, which redirects to its data nodes.
 */
export function ourHeaders(config: () => Config): MiddlewareHandler<DashboardEnv> {
  return async (c, next) =>
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", ...imageSources(config())],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: 'DENY',
      referrerPolicy: 'same-origin',
      crossOriginOpenerPolicy: 'same-origin',
      crossOriginResourcePolicy: 'same-origin',
      // A proxy in front that speaks TLS says so itself.
      strictTransportSecurity: false,
    })(c, next);
}

function imageSources({ archive }: Config): string[] {
  const { origin, hostname } = new URL(archive.url);
  return hostname === 'archive.org' ? [origin, 'https://*.archive.org'] : [origin];
}
