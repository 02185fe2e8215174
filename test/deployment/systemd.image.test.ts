import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { queueIndex } from '../../src/database/queue/queue-event.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { docker, run } from './composed.ts';

// Debian with systemd is installed, on a machine that may be busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 1_200_000 });
const patience = { timeout: 120_000, interval: 500 };

const host = `ar-systemd-${process.pid}`;
const inHost = (...command: readonly string[]): Promise<string> => docker('exec', host, ...command);
const journalOf = (unit: string): Promise<string> => inHost('journalctl', '--unit', unit, '--output=cat', '--no-pager');
const stateOf = async (unit: string, property: string): Promise<string> =>
  inHost('systemctl', 'show', '--value', '--property', property, unit);

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
  const settings = { ...deployment.environment, DASHBOARD_LISTEN: pages };
  const environment = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const write = 'umask 077; cd /etc/artwork-reconciler; printf "%s\\n" "$@" >environment; umask 022; : >config.ini';
  await vi.waitFor(() => inHost('sh', '-c', write, 'sh', ...environment), patience);
  await vi.waitFor(() => inHost('systemctl', 'daemon-reload'), patience);
});
afterAll(async () => {
  await docker('stop', '--time', '5', host).catch(() => undefined);
  await deployment?.stop();
});

test('the worker’s unit: works as its own user, takes a reload, ends with its event completed', async () => {
  const unit = 'artwork-reconciler-worker';
  await inHost('systemctl', 'start', unit);
  await vi.waitFor(
    async () => expect(await journalOf(unit)).toMatch(/"msg":"artwork-reconciler\/\S+ works"/),
    patience,
  );
  const pid = await stateOf(unit, 'MainPID');
  expect(await inHost('stat', '--format', '%U', `/proc/${pid}`)).toBe('artwork-reconciler');

  const { gid } = await addRelease(deployment.db, { images: 1 });
  await deployment.db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));
  await vi.waitFor(async () => {
    const { rows } = await deployment.db.query<{ state: string }>('select state from artwork_indexer.event_queue');
    expect(rows).toEqual([{ state: 'completed' }]);
  }, patience);

  const before = await journalOf(unit);
  await inHost('systemctl', 'reload', unit);
  await vi.waitFor(
    async () => expect((await journalOf(unit)).slice(before.length)).toMatch(/configuration/i),
    patience,
  );
  await inHost('systemctl', 'stop', unit);
  expect([await stateOf(unit, 'Result'), await stateOf(unit, 'ExecMainStatus')]).toEqual(['success', '0']);
});

test('the dashboard’s unit: answers, and ends', async () => {
  const unit = 'artwork-reconciler-dashboard';
  await inHost('systemctl', 'start', unit);
  await vi.waitFor(async () => expect((await fetch(`http://${pages}/`)).status).toBeLessThan(500), patience);
  await inHost('systemctl', 'stop', unit);
  expect([await stateOf(unit, 'Result'), await stateOf(unit, 'ExecMainStatus')]).toEqual(['success', '0']);
});

test('a unit with a wrong setting says which, and is tried again later, not at once', async () => {
  const unit = 'artwork-reconciler-worker';
  await inHost('sh', '-c', 'printf "[events]\\nconcurrency = many\\n" >/etc/artwork-reconciler/config.ini');
  await inHost('systemctl', 'start', unit);
  await vi.waitFor(async () => expect(await stateOf(unit, 'SubState')).toBe('auto-restart'), patience);
  expect(await journalOf(unit)).toContain('[events] concurrency takes');
  await inHost('systemctl', 'stop', unit);
});
