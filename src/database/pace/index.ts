export { readFullPass, type FullPass } from './full-pass.ts';
export { changeMode, readMode, ReplicaError, settleMode, type Mode, type ModeInForce } from '../mode.ts';
export { noteBrakes, type BrakeChanges } from './note-brakes.ts';
export { paceTick, type PacedAudit, type PaceTick } from './pace-tick.ts';
export { changePace } from './change-pace.ts';
export { clearPace, readPace, setPace, type Pace, type PaceOrder } from './rate.ts';
export { readRepairModePlan } from './repair-mode-plan.ts';
