export { createFakeCortex, type FakeCortex, type FakeCortexOptions } from './fake.js';
export type { FakeOperation, FakeRequest, Fault, FaultOptions, StatusFault } from './faults.js';
export type { FakeFetch } from './fetch.js';
export type { RateLimit } from './limiter.js';
export type { SeedSecret } from './store.js';
