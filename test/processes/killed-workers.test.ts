import { testKilledWorkers } from './killed-workers.ts';

testKilledWorkers(1);
