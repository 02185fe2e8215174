import { Worker } from '@temporalio/worker';

// Given to Node with `--import`. `BREAK=create QUEUE`: Temporal refuses the worker of that queue, `create workflows` that of
// the workflows. `BREAK=run QUEUE`: that worker breaks once it runs, as its native part does for good reasons.
const [step, queue] = (process.env.BREAK ?? '').split(' ');
const create = Worker.create.bind(Worker);

Worker.create = async (options) => {
  const isMeant = queue === (options.workflowBundle ? 'workflows' : options.taskQueue);
  if (isMeant && step === 'create') return create({ ...options, namespace: 'of-nobody' });
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
