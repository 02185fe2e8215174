import { register } from 'node:module';

// Given to Node with `--import`: the process gets a SIGHUP while it loads Temporal's packages, as a worker does for a
// second before it comes to its own signal handlers.
const hooks = `
  let sent = false;
  export async function resolve(specifier, context, next) {
    if (!sent && specifier.startsWith('@temporalio/')) {
      sent = true;
      process.kill(process.pid, 'SIGHUP');
    }
    return next(specifier, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
