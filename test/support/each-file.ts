import { afterAll } from 'vitest';
import { dropTestDatabases } from './database.ts';
import { endNamespaces } from './temporal.ts';

/** Hooks run in reverse order: this is the file's last, when its own have closed their connections. */
afterAll(async ({}, file) => {
  await dropTestDatabases(file.result?.state === 'fail' || hasFailed(file.tasks));
});

// The last but one: the file's own have ended its workers by then.
afterAll(endNamespaces);

type Tasks = Parameters<Parameters<typeof afterAll>[0]>[1]['tasks'];

function hasFailed(tasks: Tasks): boolean {
  return tasks.some((task) => task.result?.state === 'fail' || (task.type === 'suite' && hasFailed(task.tasks)));
}
