import { execFile } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { filesNamed, readCopy, readStages, type Instruction } from './dockerfile.ts';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');

/** What its folder is called inside the image, of every stage. */
const workFolder = '/app/';
const installStep = 'sh scripts/image/install.sh';

/**
 * Does what the Dockerfile says, in folders of their own, and returns the one that would be /app of the image.
 *
 * Some things are done otherwise. Fetching the dependencies needs a network: npm only says whether it would install them,
 * and they are a copy of those that are installed here. What the last stage runs is left out: it installs Debian's
 * packages. What one stage takes from another is moved, which is quicker.
 */
export async function buildImageTree(root: string, buildArguments: Readonly<Record<string, string>>): Promise<string> {
  const stages = readStages(join(repository, 'Dockerfile'));
  for (const { name, instructions } of stages) {
    const folder = folderOf(root, name);
    await mkdir(folder, { recursive: true });
    const given: Record<string, string> = {};
    for (const instruction of instructions) {
      if (instruction.name === 'ARG') Object.assign(given, valueOf(instruction, buildArguments));
      if (instruction.name === 'COPY') await copy(root, folder, instruction);
      if (instruction.name === 'RUN' && name !== null) await runStep(root, folder, instruction.argument, given);
    }
  }
  return folderOf(root, null);
}

/** A stage has a build argument, as a variable of its environment, from where it is named. */
function valueOf({ argument }: Instruction, given: Readonly<Record<string, string>>): Record<string, string> {
  const [name = '', initial = ''] = argument.split('=');
  return { [name]: given[name] ?? initial };
}

function folderOf(root: string, stage: string | null): string {
  return join(root, stage ?? 'image');
}

async function copy(root: string, folder: string, instruction: Instruction): Promise<void> {
  const { from, sources, target } = readCopy(instruction);
  const named = from === null ? sources.flatMap((source) => filesNamed(repository, source)) : sources;
  for (const source of named) {
    const origin =
      from === null ? join(repository, source) : join(folderOf(root, from), source.replace(workFolder, ''));
    // Where the target ends in a slash, it is the folder that the source goes into.
    const to = target.endsWith('/') ? join(folder, target, basename(source)) : join(folder, target);
    await (from === null ? copyTree(origin, to) : rename(origin, to));
  }
}

/** By the system's `cp`, which takes a fraction of the time that Node's takes for so many files. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await run('cp', ['-RPp', from, to]);
}

async function runStep(
  root: string,
  folder: string,
  command: string,
  given: Readonly<Record<string, string>>,
): Promise<void> {
  if (command !== installStep) return runCommand(root, folder, command, given);
  // This is where a lock file that lacks something shows, before everybody's `npm ci` fails.
  await runCommand(root, folder, `${command} --dry-run`);
  await copyTree(join(repository, 'node_modules'), join(folder, 'node_modules'));
}

async function runCommand(
  root: string,
  folder: string,
  command: string,
  given: Readonly<Record<string, string>> = {},
): Promise<void> {
  const env = {
    ...given,
    PATH: process.env.PATH,
    HOME: root,
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  await run('sh', ['-c', command], { cwd: folder, env, maxBuffer: 16 * 1024 * 1024 }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${command}: ${error.stdout}${error.stderr}`, { cause: error });
    },
  );
}
