import { testMixedWorkers } from './mixed-workers.ts';

// 2,000 events.
testMixedWorkers({ deindex: 1500, delete: 280, index: 70, move: 40, failing: 15 });
