import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { linesOf } from '../docs/documented-lines.ts';
import { Composed, docker, run } from './composed.ts';

// Containers of eight services are made, on a machine that may be busy.
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 1_200_000 });

const tag = 'tested';
const image = `artwork-reconciler:${tag}`;

/** MB of /app, beside Debian, Node, certificates and tini: what a worker loads, and the bundler that Temporal's SDK loads. */
const sizeBudget = 200;

/** What was measured, for docs/figures.md. */
const figures: Record<string, number> = {};
const since = (start: number): number => (performance.now() - start) / 1000;
afterAll(() => process.stderr.write(`${JSON.stringify(figures)}\n`));

let compose: string;
beforeAll(async () => {
  compose = (await run('scripts/image/prepare.sh', [])).trim();
  await docker('build', '--build-arg', 'COMMIT=c0ffee', '--tag', image, '.');
});

const inImage = (...command: readonly string[]): Promise<string> =>
  docker(
    'run',
    '--rm',
    '--network=none',
    '--read-only',
    '--cap-drop=ALL',
    '--entrypoint',
    command[0]!,
    image,
    ...command.slice(1),
  );

// What is in it and what is not: image.long.test.ts, which does the Dockerfile's steps without Docker.
describe('the image', () => {
  let files: readonly string[];
  beforeAll(async () => {
    files = (await inImage('find', '/app', '-printf', '%P\n')).split('\n');
  });

  test('starts as it is, without a network, a right or a place to write to', async () => {
    expect(await docker('run', '--rm', '--network=none', '--read-only', '--cap-drop=ALL', image, '--help')).toMatch(
      /^Usage: artwork-reconciler[^]*\n {2}worker /,
    );
  });

  test('says its version with the commit that it was built from', async () => {
    expect(await inImage('artwork-reconciler', '--version')).toMatch(/^\d+\.\d+\.\d+ \(commit c0ffee\)$/);
  });

  test('has what the worker loads: its modules, Temporal’s native part, the bundled workflows', async () => {
    const load = `await import('./dist/worker.js'); const { Runtime } = await import('@temporalio/worker'); Runtime.instance();`;
    await inImage('node', '--input-type=module', '--eval', `${load} process.exit(0)`);
    expect(files).toEqual(expect.arrayContaining(['dist/workflow-bundle.js', 'dist/workflow-bundle-versioned.js']));
    expect(files).toContain('config.default.ini');
    expect(files.some((file) => /^migrations\/.+\.sql$/.test(file))).toBe(true);
    expect(files.filter((file) => file.endsWith('.node'))).toHaveLength(1);
  });

  test('has no secret: no file of settings, no key, nothing of the environment that it was built in', async () => {
    const settings = files.filter((file) => /(^|\/)(\.env|config\.ini|\.npmrc|\.git|id_rsa|.+\.(pem|key))$/.test(file));
    expect(settings.filter((file) => !file.startsWith('node_modules/'))).toEqual([]);
    const { Env: environment } = JSON.parse(await docker('inspect', '--format', '{{json .Config}}', image)) as {
      Env: readonly string[];
    };
    expect(
      environment
        .map((line) => line.split('=')[0]!)
        .filter((name) => !/^(NODE|YARN)_VERSION$/.test(name))
        .sort(),
    ).toEqual(['MONITORING_LISTEN', 'NODE_ENV', 'PATH']);
  });

  test('nothing in it belongs to whom it runs as, nor can be written by all', async () => {
    expect(await inImage('id', '--user')).toBe('1000');
    expect(await inImage('find', '/app', '(', '-user', 'node', '-o', '-perm', '-o+w', ')', '-not', '-type', 'l')).toBe(
      '',
    );
  });

  test(`has no more than ${sizeBudget} MB of its own`, async () => {
    const [megabytes] = (await inImage('du', '--summarize', '--block-size=1000000', '/app')).split('\t');
    figures['MB of the image that are its own'] = Number(megabytes);
    expect(Number(megabytes)).toBeLessThan(sizeBudget);
  });
});

/*
 * By the lines of the docs' pages. Where no registry is reached, Temporal's development server is `temporal`, and keeps its
 * state in its container; its UI only takes connections.
 */
describe('what docker-compose.yml describes', () => {
  let up: Composed;
  beforeAll(async () => {
    const busy = { AUDIT_PER_HOUR: 36_000, AUDIT_TICK_SECONDS: 1, AUDIT_SETTLE_MINUTES: 0.03, AUDIT_BREAKER_SHARE: 1 };
    const quick = { ARCHIVE_REQUESTS_PER_SECOND: 50, MUSICBRAINZ_REQUESTS_PER_SECOND: 50, HOUSEKEEPING_SECONDS: 2 };
    const environment = { ...busy, ...quick, EVENTS_ATTEMPT_DELAY_SECONDS: 2 };
    const healthcheck = { interval: '2s', start_period: '60s' };
    up = new Composed(
      compose,
      `ar-image-${process.pid}`,
      {
        RECONCILER_TAG: tag,
        ARCHIVE_CONTACT: 'archive@example.org',
        DATABASE_PASSWORD: 'one secret',
        TEMPORAL_DATABASE_PASSWORD: 'another',
        AUDIT_MODE: 'repair',
        S3_CAA_ACCESS: 'any',
        S3_CAA_SECRET: 'any',
        S3_EAA_ACCESS: 'any',
        S3_EAA_SECRET: 'any',
        DASHBOARD_PUBLIC_URL: 'http://127.0.0.1:8080',
        DASHBOARD_SECRET: 'x'.repeat(32),
        DASHBOARD_OPERATORS: 'somebody',
        DASHBOARD_OAUTH_AUTHORIZATION_URL: 'http://127.0.0.1:1/authorize',
        DASHBOARD_OAUTH_TOKEN_URL: 'http://127.0.0.1:1/token',
        DASHBOARD_OAUTH_USERINFO_URL: 'http://127.0.0.1:1/userinfo',
        DASHBOARD_OAUTH_CLIENT_ID: 'reconciler',
      },
      { services: { worker: { environment, healthcheck }, dashboard: { healthcheck } } },
    );
    const start = performance.now();
    // The first line makes .env.
    for (const line of lines.slice(
      1,
      lines.findIndex((each) => each.includes(' exec ')),
    ))
      await runLine(line);
    await untilHealthy('worker', 1);
    figures['seconds from `up` to a healthy worker'] = since(start);
  });
  afterEach(({ task }) => {
    hasFailed ||= task.result?.state === 'fail';
  });
  let hasFailed = false;
  afterAll(async () => {
    if (hasFailed) process.stderr.write(await up.compose('logs', '--no-color', '--tail', '60'));
    await up.remove();
  });

  const lines = linesOf('docs/install-compose.md').map(({ line }) => line);

  /** A line of the docs as it stands there, but for its moment; the image is the one that this file has built. */
  async function runLine(line: string): Promise<void> {
    if (line.endsWith(' build')) return;
    const written = line.replace('2027-01-31T12:00:00Z', new Date().toISOString());
    const words = [...written.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
    expect(words.slice(0, 2)).toEqual(['docker', 'compose']);
    const carryOut = () => up.compose(...words.slice(2));
    // On a busy machine a command that asks may find its time over; asking again is harmless.
    if (line.includes(' exec ')) await vi.waitFor(carryOut, { timeout: 600_000, interval: 1000 });
    else await carryOut();
  }

  async function untilHealthy(service: string, number: number): Promise<void> {
    await vi.waitFor(
      async () => {
        const ids = await up.containers(service);
        const states = await Promise.all(
          ids.map((id) => docker('inspect', '--format', '{{.State.Health.Status}}', id)),
        );
        expect(states).toEqual(Array.from({ length: number }, () => 'healthy'));
      },
      { timeout: 240_000, interval: 500 },
    );
  }

  async function untilNone(what: string, query: string): Promise<void> {
    await vi.waitFor(async () => expect(await up.query(query), what).toEqual([]), { timeout: 900_000, interval: 1000 });
  }

  const unsettled = `select gid || ': ' || status from artwork_reconciler.audit_entity
    where status not in ('clean', 'legacy', 'manual_review')`;
  const openEvents = `select id || ': ' || state from artwork_indexer.event_queue where state in ('queued', 'running')`;
  const lostEvents = `select id || ': ' || state from artwork_indexer.event_queue where state <> 'completed'`;

  /** Asks again until there is something. @returns what there is */
  async function untilSome(query: string): Promise<readonly string[]> {
    return vi.waitFor(
      async () => {
        const rows = await up.query(query);
        expect(rows, query).not.toEqual([]);
        return rows;
      },
      { timeout: 300_000, interval: 20 },
    );
  }

  /** Index events of at most so many entities that are clean, as soon as some are: those indexed before are audited first. */
  async function queueEvents(number: number): Promise<void> {
    await untilSome(`with chosen as (
        select entity_type, gid from artwork_reconciler.audit_entity where status = 'clean' order by gid limit ${number}
      ), queued as (
        insert into artwork_indexer.event_queue (entity_type, action, message)
        select entity_type::artwork_indexer.indexable_entity_type, 'index', jsonb_build_object('gid', gid) from chosen
        on conflict do nothing returning id
      ) select id from queued`);
  }

  test('health turns green, and what only prepares has ended by itself', async () => {
    await untilHealthy('dashboard', 1);
    for (const service of ['migrate', 'temporal-schema', 'temporal-namespace']) {
      const ended = await up.compose('ps', '--all', '--format', '{{.State}} {{.ExitCode}}', service);
      expect(ended, service).toBe('exited 0');
    }
  });

  test('drift that was seeded is found and mended', async () => {
    for (const line of lines.filter((each) => each.includes(' exec '))) await runLine(line);
    await untilNone('not settled', unsettled);
    await untilNone('open', openEvents);
    const [completed] = await up.query(`select count(*) from artwork_indexer.event_queue where state = 'completed'`);
    expect(Number(completed)).toBeGreaterThan(0);
  });

  test('the dashboard asks for its login', async () => {
    const asked = await fetch('http://127.0.0.1:8080/', { redirect: 'manual' });
    expect(asked.status).toBe(401);
    expect(await asked.text()).toContain('/login');
  });

  test('no process is root, and the file system is read-only but for /tmp', async () => {
    for (const service of ['worker', 'dashboard', 'simulator']) {
      const [id] = await up.containers(service);
      const [, ...processes] = (await docker('top', id!, '-eo', 'pid,uid')).split('\n');
      expect(processes.length, service).toBeGreaterThan(0);
      for (const line of processes) expect(line.trim().split(/\s+/)[1], service).toBe('1000');
      await docker('exec', id!, 'touch', '/tmp/written');
      await expect(docker('exec', '--user=0', id!, 'touch', '/app/written')).rejects.toThrow('Read-only file system');
    }
  });

  test('a second worker shares the work', async () => {
    for (const line of lines.filter((each) => each.includes(' --scale '))) await runLine(line);
    await untilHealthy('worker', 2);
    const read = `const text = await (await fetch('http://127.0.0.1:9464/metrics')).text();
      const lines = [...text.matchAll(/^artwork_reconciler_event_attempts_total{.*} (\\d+)/gm)];
      process.stdout.write(String(lines.reduce((sum, [, number]) => sum + Number(number), 0)))`;
    await vi.waitFor(
      async () => {
        await queueEvents(20);
        for (const id of await up.containers('worker')) {
          const attempts = await docker('exec', id, 'node', '--input-type=module', '--eval', read);
          expect(Number(attempts), id).toBeGreaterThan(0);
        }
      },
      { timeout: 900_000, interval: 1000 },
    );
    await untilNone('open', openEvents);
  });

  test('`docker stop` while the archive is slow to take a file ends the event as completed, within 25 s', async () => {
    const [first, second] = await up.containers('worker');
    await docker('stop', second!);
    const [simulator] = await up.containers('simulator');
    let claimed: readonly string[];
    let stopped: Promise<number>;
    // So slow is the archive: no answer comes from now on.
    await docker('pause', simulator!);
    try {
      await queueEvents(20);
      claimed = await untilSome(running);
      const start = performance.now();
      stopped = docker('stop', '--time', '30', first!).then(() => since(start));
      await new Promise((resolve) => setTimeout(resolve, 3000));
    } finally {
      await docker('unpause', simulator!);
    }
    const seconds = await stopped;
    figures['seconds to stop during a slow upload (3 s of them the archive’s)'] = seconds;
    expect(seconds).toBeLessThan(25);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', first!)).toBe('0');
    const ended = `select state from artwork_indexer.event_queue where id in (${claimed.join(', ')})`;
    expect(new Set(await up.query(ended))).toEqual(new Set(['completed']));
  });
  const running = `select id from artwork_indexer.event_queue where state = 'running'`;

  test('PostgreSQL and Temporal are restarted in turn, and nothing is lost', async () => {
    await up.compose('up', '--detach', '--no-build', '--no-recreate', '--scale', 'worker=2', 'worker');
    await untilHealthy('worker', 2);
    for (const service of ['postgresql', 'temporal']) {
      await queueEvents(20);
      await up.compose('restart', service);
      await untilNone(`open after ${service} was restarted`, openEvents);
    }
    const lost = await up.query(lostEvents);
    figures['events lost'] = lost.length;
    expect(lost).toEqual([]);
  });

  test('the memory limit holds under load', async () => {
    await up.query(`update artwork_reconciler.audit_entity set status = 'unchecked' where status = 'clean'`);
    await untilNone('not settled', unsettled);
    for (const id of await up.containers('worker')) {
      const [limit, killed] = (
        await docker('inspect', '--format', '{{.HostConfig.Memory}} {{.State.OOMKilled}}', id)
      ).split(' ');
      expect([limit, killed]).toEqual([String(2 ** 30), 'false']);
      const peak = 'cat /sys/fs/cgroup/memory.peak 2>/dev/null || cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes';
      const bytes = Number(await docker('exec', id, 'sh', '-c', peak));
      figures['MB of memory at most, page cache included'] = Math.max(
        bytes / 1e6,
        figures['MB of memory at most, page cache included'] ?? 0,
      );
      expect(bytes).toBeLessThan(2 ** 30);
    }
  });

  test('docs/backup.md: what was backed up is restored, and the work goes on', async () => {
    await untilNone('open', openEvents);
    const reviews = 'select id, status from artwork_reconciler.needs_manual_review order by id';
    const before = await up.query(reviews);
    expect(before.length).toBeGreaterThan(0);
    for (const { line } of linesOf('docs/backup.md')) await runLine(line);
    await untilHealthy('worker', 1);
    expect(await up.query(reviews)).toEqual(before);
    await queueEvents(5);
    await untilNone('open', openEvents);
    await untilNone('not settled', unsettled);
    await up.reconciler('check');
  });

  test('docs/upgrade.md: the same version is taken for a new one', async () => {
    for (const { line } of linesOf('docs/upgrade.md')) {
      await runLine(line.replace('up --detach', 'up --detach --force-recreate worker'));
    }
    await untilHealthy('worker', 1);
  });

  test('stops at once where nothing is in progress', async () => {
    const [id] = await up.containers('worker');
    const start = performance.now();
    await docker('stop', '--time', '30', id!);
    figures['seconds to stop an idle worker'] = since(start);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', id!)).toBe('0');
  });
});
