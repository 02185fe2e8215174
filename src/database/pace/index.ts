export { type FullPass, readFullPass } from './full-pass.ts';
export { changeMode, type Mode, type ModeInForce, readMode, ReplicaError, settleMode } from '../mode.ts';
export { type BrakeChanges, noteBrakes } from './note-brakes.ts';
export { type PacedAudit, type PaceTick, paceTick } from './pace-tick.ts';
export { changePace } from './change-pace.ts';
export { clearPace, type Pace, type PaceOrder, readPace, setPace } from './rate.ts';
export { readRepairModePlan } from './repair-mode-plan.ts';
