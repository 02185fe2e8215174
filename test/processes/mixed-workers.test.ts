import { testMixedWorkers } from './mixed-workers.ts';

testMixedWorkers({ deindex: 120, delete: 30, index: 12, move: 8, failing: 3 });
