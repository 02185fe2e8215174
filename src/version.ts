import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const packageFile = new URL('../package.json', import.meta.url);
const { name, version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { name: string; version: string };

/** Written by the build (scripts/write-commit.js), beside this file's compiled form. */
const commitFile = new URL('commit.txt', import.meta.url);
const repository = fileURLToPath(new URL('..', import.meta.url));

/** The program as it calls itself to the services it asks: name and version. */
export const program = `${name}/${version}`;
export { version };

/** The commit that this was built from, in full; `unknown` where neither the build nor a checkout tells. */
export function commit(): string {
  if (existsSync(commitFile)) return readFileSync(commitFile, 'utf8').trim();
  // Sources that run as they are. A checkout of something else that this lies in would tell its own.
  if (!existsSync(`${repository}.git`)) return 'unknown';
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: repository, stdio: [...stdio], encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
