import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Hono } from 'hono';

const folder = new URL('../../../assets/', import.meta.url);

const types = { 'dashboard.css': 'text/css', 'dashboard.js': 'text/javascript', 'icon.svg': 'image/svg+xml' } as const;
type AssetName = keyof typeof types;

interface Asset {
  readonly body: string;
  readonly hash: string;
}

/** The style sheet is written in parts, one for each concern, and served as one file; a later part overrides an earlier one. */
const stylesheets = ['base.css', 'frame.css', 'dashboard.css', 'charts.css'];

const assets = Object.fromEntries(
  Object.keys(types).map((name) => {
    const files = name === 'dashboard.css' ? stylesheets : [name];
    const body = files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('');
    return [name, { body, hash: createHash('sha256').update(body).digest('hex').slice(0, 12) }];
  }),
) as Readonly<Record<AssetName, Asset>>;

/** Where a page finds an asset. The name changes with its content, so a browser may keep it for ever. */
export function assetPath(name: AssetName): string {
  return `/assets/${assets[name].hash}/${name}`;
}

/** Serves the style sheet, the script and the icon: the only ones that pages may load (content security policy). */
export function assetRoutes(): Hono {
  return new Hono().get('/assets/:hash/:name', (c) => {
    const { hash, name } = c.req.param();
    const asset = Object.hasOwn(assets, name) ? assets[name as AssetName] : undefined;
    if (asset === undefined) return c.text('There is no such file.', 404);
    const keep = hash === asset.hash ? 'public, max-age=31536000, immutable' : 'no-cache';
    return c.body(asset.body, 200, {
      'content-type': `${types[name as AssetName]}; charset=utf-8`,
      'cache-control': keep,
    });
  });
}
