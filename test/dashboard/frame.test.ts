import { request } from 'node:http';
import { Hono } from 'hono';
import { describe, expect, test, vi } from 'vitest';
import { createDashboard, serveDashboard } from '../../src/dashboard/app.tsx';
import { openDatabase } from '../../src/database/connection.ts';
import { dashboardParts, startDashboard, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';

describe('what every page has', () => {
  test('where mode and brakes are not there in time a page says so, or has those of a moment ago', async () => {
    const visitor = () => visitorOf(dashboardParts({ ...database, settings: { DASHBOARD_LIVE_SECONDS: '0.001' } }));
    const [first, later] = [visitor(), visitor()];
    const banner = ({ body }: { readonly body: string }) =>
      /<aside class="banner[^]*?<\/aside>/.exec(body)![0].replace(/<[^>]+>/g, '');
    expect(banner(await later.get('/docs/README.md'))).toContain('Mode: report');
    await database.db.transaction(async (tx) => {
      await tx.query('lock table artwork_reconciler.brake in access exclusive mode');
      expect(banner(await first.get('/docs/README.md'))).toContain('Mode and brakes: not known now');
      expect(banner(await later.get('/docs/README.md'))).toContain('Mode: report');
    });
    await vi.waitFor(async () => expect(banner(await first.get('/docs/README.md'))).toContain('Mode: report'));
  });

  test('browsers are told to run no script but ours, and to show the page in no frame', async () => {
    const { headers } = await visitorOf(dashboardParts(database)).get('/nowhere');
    for (const directive of [
      "default-src 'none'",
      "script-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]) {
      expect(headers.get('content-security-policy')).toContain(directive);
    }
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('browsers may show images of the archive, from whichever of its hosts sends them', async () => {
    const sources = async (url?: string, nodeUrl?: string) => {
      const settings = { ...(url && { ARCHIVE_URL: url }), ...(nodeUrl && { ARCHIVE_NODE_URL: nodeUrl }) };
      const { headers } = await visitorOf(dashboardParts({ ...database, settings })).get('/nowhere');
      return /img-src 'self' ([^;]*);/.exec(headers.get('content-security-policy') ?? '')?.[1];
    };
    const sites = 'https://coverartarchive.org https://eventartarchive.org';
    expect(await sources()).toBe(`https://archive.org ${sites} https://*.archive.org`);
    // The simulator's data nodes listen at a port of their own.
    expect(await sources('http://127.0.0.1:8090', 'http://127.0.0.1:8091/node/{node}{dir}/{file}')).toBe(
      `http://127.0.0.1:8090 http://127.0.0.1:8091 ${sites}`,
    );
    expect(await sources('http://mirror.test', 'http://{node}.mirror.test{dir}/{file}')).toBe(
      `http://mirror.test http://*.mirror.test ${sites}`,
    );
    // Of which hosts no more is said than that there are some, none is let in.
    expect(await sources('http://mirror.test')).toBe(`http://mirror.test ${sites}`);
  });

  test('/healthz says how the process stands, to whoever asks', async () => {
    const monitoring = new Hono().get('/healthz', (c) => c.json({ status: 'ok', phase: 'stopping' }));
    const proxied = dashboardParts({
      ...database,
      settings: { DASHBOARD_AUTH: 'proxy', DASHBOARD_READERS: 'alice', DASHBOARD_PROXY_ADDRESSES: '10.0.0.1' },
    });
    const { status, body } = await visitorOf({ ...proxied, monitoring }).get('/healthz');
    expect([status, JSON.parse(body)]).toEqual([200, { status: 'ok', phase: 'stopping' }]);
  });

  test('no element has a style or a script of its own', async () => {
    const { body } = await visitorOf(dashboardParts(database)).get('/nowhere');
    expect(body).not.toMatch(/ style=| on[a-z]+=|<style/);
    expect(body.match(/<script[^>]*>/g)).toEqual([expect.stringMatching(/ src="\/assets\//)]);
  });

  test('its style sheet, icon and script are there, and may be kept for ever', async () => {
    const visitor = visitorOf(dashboardParts(database));
    const { body } = await visitor.get('/nowhere');
    const paths = [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(paths.map((path) => path.split('/').at(-1))).toEqual(['dashboard.css', 'icon.svg', 'dashboard.js']);
    for (const path of paths) {
      const { status, headers } = await visitor.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers.get('cache-control')).toContain('immutable');
    }
  });
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  'what every object has is no page, file or filter: %s',
  async (name) => {
    const visitor = visitorOf(dashboardParts(database));
    for (const path of [`/assets/x/${name}`, `/findings/${name}`, `/entities/${name}/${gid}`, `/${name}`]) {
      const { status } = await visitor.get(path);
      expect([path, status]).toEqual([path, 404]);
    }
    for (const path of [`/events?state=${name}`, `/entities?status=${name}`]) {
      const { status } = await visitor.get(path);
      expect([path, status]).toEqual([path, 400]);
    }
  },
);

describe('what can’t be answered', () => {
  test('an unknown page is 404 and says so', async () => {
    const { status, body } = await visitorOf(dashboardParts(database)).get('/nowhere');
    expect(status).toBe(404);
    expect(body).toContain('There is no such page.');
  });

  test.each(['/find?q=%00', '/find?q=a&q=b', `/find?q=${'x'.repeat(3000)}`])(
    'a parameter that can’t be read is 400 and says what it takes: %s',
    async (path) => {
      const { status, body } = await visitorOf(dashboardParts(database)).get(path);
      expect(status).toBe(400);
      expect(body).toContain('q takes a text');
    },
  );

  test.each(['999999w', '36501d', '0.5y', '1e9s'])('an age that no clock can go back is 400: %s', async (age) => {
    const visitor = visitorOf(dashboardParts(database));
    const { status, body } = await visitor.get(`/events?older=${age}`);
    expect(status).toBe(400);
    expect(body).toContain('older takes a number and a unit (s, m, h, d or w), e.g. 90m, 12h or 3d, at most 36500d');
    expect((await visitor.get('/events?older=36500d')).status).toBe(200);
  });

  test('an address of something else is 400 and says what it is of', async () => {
    const address = `https://musicbrainz.org/artist/${gid}`;
    const { status, body } = await visitorOf(dashboardParts(database)).get(`/find?q=${encodeURIComponent(address)}`);
    expect(status).toBe(400);
    expect(body).toContain('not that of an artist');
  });

  test('a hostile text comes back as text', async () => {
    const { body } = await visitorOf(dashboardParts(database)).get(
      `/find?q=${encodeURIComponent('<script>alert(1)</script>')}`,
    );
    expect(body).not.toContain('<script>alert');
    expect(body).toContain('&lt;script&gt;alert');
  });

  test('a database that is away is 503, with when to ask again', async () => {
    const away = openDatabase({ host: '127.0.0.1', port: 1 });
    const { status, headers, body } = await visitorOf(dashboardParts({ db: away })).get(`/find?q=${gid}`);
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('10');
    expect(body).toContain('The database can’t be reached');
    await away.close();
  });
});

describe('forms', () => {
  const tokenOf = ({ body }: { readonly body: string }): string => /name="form_token" value="([^"]+)"/.exec(body)![1]!;
  const send = async (headers: Record<string, string>, token?: string) => {
    const visitor = visitorOf(dashboardParts(database));
    // A page with forms: what is refused is not refused for its token.
    await visitor.get('/schedule');
    return visitor.post('/nowhere', token === undefined ? {} : { form_token: token }, headers);
  };

  test.each([
    ['of another origin', { origin: 'https://evil.example' }],
    ['of the null origin', { origin: 'null' }],
    ['that the browser says is of another site', { 'sec-fetch-site': 'cross-site' }],
    ['that the browser says is of a sister site', { 'sec-fetch-site': 'same-site' }],
    ['that the browser says is of no page', { 'sec-fetch-site': 'none' }],
    ['of an origin that is none', { origin: 'x' }],
    ['of another port of this machine', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:9999' }],
  ])('one %s is refused', async (_what, headers) => {
    const { status, body } = await send(headers);
    expect(status).toBe(403);
    expect(body).toContain('Nothing was changed');
  });

  test.each<Record<string, string>>([{}, { origin: 'http://localhost:8080' }, { 'sec-fetch-site': 'same-origin' }])(
    'one of ours is taken, whatever of this the browser says: %j',
    async (headers) => {
      expect((await send(headers)).status).toBe(404);
    },
  );

  test('one without the session’s token is refused, and says to load the page again', async () => {
    const { status, body } = await send({ origin: 'http://localhost:8080' }, 'stale');
    expect(status).toBe(403);
    expect(body).toContain('load the page again');
  });

  test('one with a token beside the right one is refused', async () => {
    const visitor = visitorOf(dashboardParts(database));
    const token = tokenOf(await visitor.get('/schedule'));
    expect((await visitor.post('/nowhere', { form_token: token })).status).toBe(404);
    expect((await visitor.post('/nowhere', { form_token: [token, token] })).status).toBe(403);
  });

  test('one of another browser is refused, and a browser stays the same', async () => {
    const parts = dashboardParts(database);
    const [visitor, other] = [visitorOf(parts), visitorOf(parts)];
    const token = tokenOf(await visitor.get('/schedule'));
    expect(tokenOf(await visitor.get('/schedule'))).toBe(token);
    await other.get('/schedule');
    expect((await other.post('/nowhere', { form_token: token })).status).toBe(403);
  });

  test('whoever sets a browser’s cookie to what is none of ours can’t tell its tokens', async () => {
    const parts = dashboardParts(database);
    const cookie = 'artwork_reconciler_browser=chosen';
    const [one, other] = [
      await visitorOf(parts).get('/schedule', { cookie }),
      await visitorOf(parts).get('/schedule', { cookie }),
    ];
    expect(tokenOf(one)).not.toBe(tokenOf(other));
  });

  test.each([
    ['without an end', 'multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb'],
    ['without its boundary', 'multipart/form-data', 'a'],
    ['of other bytes', 'multipart/form-data; boundary=x', '\u0000\u0001'],
  ])('a multipart body %s is 400', async (_what, type, body) => {
    const app = createDashboard(dashboardParts(database));
    const headers = { host: 'localhost:8080', 'content-type': type };
    const answer = await app.request('http://localhost:8080/nowhere', { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('The form can’t be read');
  });

  test('one of a megabyte and more is refused before it is read', async () => {
    const app = createDashboard(dashboardParts(database));
    const { status } = await app.request('http://localhost:8080/nowhere', {
      method: 'POST',
      headers: { host: 'localhost:8080', 'content-type': 'application/x-www-form-urlencoded' },
      body: `x=${'y'.repeat(1024 * 1024)}`,
    });
    expect(status).toBe(413);
  });
});

describe('without a login', () => {
  test('the dashboard refuses to listen beyond this machine', async () => {
    const parts = dashboardParts({ ...database, settings: { DASHBOARD_LISTEN: '0.0.0.0:0' } });
    await expect(serveDashboard(parts)).rejects.toThrow(/set auth to oauth or proxy.*nothing was started/);
  });

  test('a name of somebody else’s that leads here is refused', async () => {
    const dashboard = await startDashboard(database);
    const status = await new Promise((resolve, reject) => {
      const { port } = new URL(dashboard.url);
      request({ host: '127.0.0.1', port, path: '/find', headers: { host: `evil.example:${port}` } }, (answer) =>
        resolve(answer.resume().statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
    await dashboard.stop();
  });

  const ofProxies = ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Anything', 'X-Real-IP', 'Via'];
  const ofCdns = ['CDN-Loop', 'CF-Connecting-IP', 'True-Client-IP', 'X-Cluster-Client-IP', 'X-Original-Host'];
  test.each([...ofProxies, ...ofCdns])(
    'a request that came through a proxy (%s) is refused, whatever it asks for, and told why',
    async (header) => {
      const visitor = visitorOf(dashboardParts(database));
      for (const path of ['/schedule', '/nowhere', '/healthz', '/assets/x/icon.svg']) {
        const { status, body } = await visitor.get(path, { [header]: '192.0.2.1' });
        expect([path, status]).toEqual([path, 403]);
        expect(body).toContain(`came through a proxy (it has the header ${header.toLowerCase()})`);
        expect(body).toContain('[dashboard] auth');
      }
      const posted = await visitor.post('/schedule/pause', {}, { [header]: '192.0.2.1' });
      expect([posted.status, posted.body]).toEqual([403, expect.stringContaining('came through a proxy')]);
      expect((await visitor.get('/nowhere')).status).toBe(404);
    },
  );

  test.each([
    ['localhost', 404],
    ['LOCALHOST:8080', 404],
    ['127.0.0.1:1', 404],
    ['127.1.2.3', 404],
    ['[::1]:8080', 404],
    ['', 403],
    ['localhost.evil.example', 403],
    ['evil-localhost', 403],
    ['127.0.0.1.evil.example', 403],
    ['127.evil.example', 403],
    ['[::2]:8080', 403],
    ['localhost:8080@evil.example', 403],
  ])('the name %j is answered with %d', async (host, status) => {
    expect((await visitorOf(dashboardParts(database)).get('/nowhere', { host })).status).toBe(status);
  });

  test('a port that is taken is said in one line', async () => {
    const dashboard = await startDashboard(database);
    const listen = new URL(dashboard.url).host;
    const second = serveDashboard(dashboardParts({ ...database, settings: { DASHBOARD_LISTEN: listen } }));
    await expect(second).rejects.toThrow(
      `[dashboard] listen = ${listen} can't be listened at: something else listens there`,
    );
    await dashboard.stop();
  });
});
