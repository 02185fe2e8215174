import { readFileSync } from 'node:fs';

const packageFile = new URL('../package.json', import.meta.url);
const { name, version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { name: string; version: string };

/** The program as it calls itself to the services it asks: name and version. */
export const program = `${name}/${version}`;
export { version };
