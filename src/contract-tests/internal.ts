/** What the command line uses beyond the public exports. */
export { RULES, Tester } from './check.js';
export type { Exchange, Session } from './session.js';
export { createSuite } from './suite.js';
