import { userInfo } from 'node:os';

/** The name of the user that this process runs as; of a number that no user has, as in a container, what there is. */
export function loginName(env: NodeJS.ProcessEnv = process.env): string {
  try {
    return userInfo().username;
  } catch {
    return env.LOGNAME ?? env.USER ?? `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
