import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { ScheduleClient } from '@temporalio/client';
import { Worker } from '@temporalio/worker';

// Given to Node with `--import`. `BREAK=create QUEUE`: Temporal refuses the worker of that queue, `create workflows` that of
// the workflows. `BREAK=run QUEUE`: that worker breaks once it runs, as its native part does for good reasons.
// `BREAK=schedules`: Temporal makes none. `BREAK=bundle`: the file of the workflows isn't there. `BREAK=hang STEP`: that step
// never ends, nor hears of its cancellation.
const [step, queue] = (process.env.BREAK ?? '').split(' ');
const create = Worker.create.bind(Worker);

if (step === 'schedules') {
  ScheduleClient.prototype.create = async () => {
    throw new Error('schedules are switched off here');
  };
}

if (step === 'bundle') {
  const { readFile } = fs.promises;
  fs.promises.readFile = (path, ...rest) =>
    readFile(String(path).endsWith('workflow-bundle.js') ? `${path}.of-nobody` : path, ...rest);
  syncBuiltinESMExports();
}

Worker.create = async (options) => {
  const isMeant = queue === (options.workflowBundle ? 'workflows' : options.taskQueue);
  if (isMeant && step === 'create') return create({ ...options, namespace: 'of-nobody' });
  if (step === 'hang' && options.activities?.[queue] !== undefined) {
    return create({ ...options, activities: { ...options.activities, [queue]: () => new Promise(() => {}) } });
  }
  const worker = await create(options);
  if (isMeant && step === 'run') breakOnceRunning(worker);
  return worker;
};

function breakOnceRunning(worker) {
  const timer = setInterval(() => {
    if (worker.getState() !== 'RUNNING') return;
    clearInterval(timer);
    worker.instantTerminateErrorSubject.error(new Error('the native part of Temporal broke'));
  }, 10);
}
