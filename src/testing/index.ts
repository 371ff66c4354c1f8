/**
 * An in-memory Cortex for tests: {@link createFakeCortex} makes one.
 *
 * @module cortex-secrets/testing
 */
export { createFakeCortex, type FakeClientOptions, type FakeCortex } from './fake-cortex.js';
export type {
  DelayFault,
  FakeOperation,
  FakeRequest,
  Fault,
  FaultOptions,
  RedirectFault,
  SlowBodyFault,
  StatusFault,
} from './faults.js';
export type { FakeFetch } from './fetch.js';
export type { FakeCortexOptions } from './options.js';
export type { RateLimit } from './rate-limiter.js';
export type { SeedSecret } from './store.js';
