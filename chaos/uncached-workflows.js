import { Worker } from '@temporalio/worker';

// Given to Node with `--import`: its workers keep no workflow in memory. No deployment wants that, so it is no setting.
const create = Worker.create.bind(Worker);
Worker.create = (options) => create({ ...options, maxCachedWorkflows: 0 });
