export * from '../../src/workflows/versioned.ts';
export { auditEntity } from './changed-unpatched.ts';
