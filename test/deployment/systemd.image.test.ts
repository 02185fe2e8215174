import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { sectionsOf } from '../docs/documented-lines.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { docker, run } from './composed.ts';

// Debian with systemd is installed, on a machine that may be busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 1_200_000 });
const patience = { timeout: 120_000, interval: 500 };

const host = `ar-systemd-${process.pid}`;
const inHost = (...command: readonly string[]): Promise<string> => docker('exec', host, ...command);
const stateOf = async (unit: string, property: string): Promise<string> =>
  inHost('systemctl', 'show', '--value', '--property', property, unit);

const units = ['artwork-reconciler-worker', 'artwork-reconciler-dashboard'] as const;
const folder = '/etc/artwork-reconciler';
const page = sectionsOf('docs/install-systemd.md');
const [installed, daily] = [page.get('Once')!, page.get('Day by day')!];

/** Of a container's systemd some units fail that have to do with devices. */
function unlessDegraded(error: Error): void {
  if (!error.message.includes('degraded')) throw error;
}

let deployment: Deployment;
let pages: string;
beforeAll(async () => {
  await run('scripts/image/prepare.sh', []);
  await docker('build', '--build-arg', 'COMMIT=c0ffee', '--tag', 'artwork-reconciler:tested', '.');
  const stated = ['--file', 'scripts/image/stand-ins/systemd.Dockerfile', 'deployment/systemd'];
  await docker('build', '--tag', 'artwork-reconciler/systemd', ...stated);
  deployment = await startDeployment();
  pages = `127.0.0.1:${await findFreePort()}`;
  // systemd needs the control groups; the network is this machine's, where database and Temporal are.
  const rights = ['--cap-add=SYS_ADMIN', '--security-opt=seccomp=unconfined', '--security-opt=apparmor=unconfined'];
  const groups = ['--cgroupns=host', '--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw'];
  const places = ['/run', '/run/lock', '/tmp'].map((folder) => `--tmpfs=${folder}`);
  await docker(
    'run',
    '--detach',
    '--rm',
    `--name=${host}`,
    '--network=host',
    ...rights,
    ...groups,
    ...places,
    'artwork-reconciler/systemd',
  );
  await vi.waitFor(() => inHost('systemctl', 'is-system-running', '--wait').catch(unlessDegraded), patience);
  const filledIn = installed.findIndex((line) => line.startsWith('systemd-run'));
  for (const line of installed.slice(0, filledIn)) await inHost('sh', '-c', line);
  const settings = { ...deployment.environment, DASHBOARD_LISTEN: pages };
  const environment = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  await inHost('sh', '-c', `printf "%s\\n" "$@" >${folder}/environment`, 'sh', ...environment);
  for (const line of installed.slice(filledIn)) await inHost('sh', '-c', line);
});
afterAll(async () => {
  await docker('stop', '--time', '5', host).catch(() => undefined);
  await deployment?.stop();
});

test('both units work as their own user, are reloaded and end, and what was queued is carried out', async () => {
  expect(daily.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'systemctl enable',
    'journalctl --unit',
    'systemctl reload',
    'systemctl stop',
  ]);
  const [enable, journal, reload, stop] = daily.map((line) => () => inHost('sh', '-c', line));
  await enable!();
  await vi.waitFor(async () => expect(await journal!()).toMatch(/"msg":"artwork-reconciler\/\S+ works"/), patience);
  await vi.waitFor(async () => expect((await fetch(`http://${pages}/`)).status).toBeLessThan(500), patience);
  for (const unit of units) {
    const pid = await stateOf(unit, 'MainPID');
    expect(await inHost('stat', '--format', '%U', `/proc/${pid}`)).toBe('artwork-reconciler');
    expect(await inHost('systemctl', 'is-enabled', unit)).toBe('enabled');
  }

  const { gid } = await addRelease(deployment.db, { images: 1 });
  await deployment.db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));
  await vi.waitFor(async () => {
    const { rows } = await deployment.db.query<{ state: string }>('select state from artwork_indexer.event_queue');
    expect(rows).toEqual([{ state: 'completed' }]);
  }, patience);

  const before = await journal!();
  await reload!();
  await vi.waitFor(async () => expect((await journal!()).slice(before.length)).toMatch(/configuration/i), patience);
  await stop!();
  for (const unit of units) {
    expect([await stateOf(unit, 'Result'), await stateOf(unit, 'ExecMainStatus')]).toEqual(['success', '0']);
  }
});

test('a unit with a wrong setting says which, and is tried again later, not at once', async () => {
  const [unit] = units;
  await inHost('sh', '-c', `printf "[events]\\nconcurrency = many\\n" >${folder}/config.ini`);
  await inHost('systemctl', 'start', unit);
  await vi.waitFor(async () => expect(await stateOf(unit, 'SubState')).toBe('auto-restart'), patience);
  const journal = await inHost('journalctl', '--unit', unit, '--output=cat', '--no-pager');
  expect(journal).toContain('[events] concurrency takes');
  await inHost('systemctl', 'stop', unit);
});
