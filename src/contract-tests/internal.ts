/** What the command line uses beyond the public exports. */
export { RULES } from './rules.js';
export type { Exchange, Session } from './session.js';
export { createSuite } from './suite.js';
export { Tester } from './tester.js';
