/**
 * Servers that behave like the in-memory Cortex but for one fault each, by the kinds of fault that contract tests must
 * find. They are written from the contract, not from the checks.
 */
import { WRONG_LISTS } from './lists.js';
import { WRONG_REQUESTS } from './requests.js';
import { WRONG_RESPONSES } from './responses.js';
import { WRONG_STATE } from './state.js';
import type { WrongServer } from './support.js';

export const WRONG_SERVERS: readonly WrongServer[] = [
  ...WRONG_RESPONSES,
  ...WRONG_REQUESTS,
  ...WRONG_STATE,
  ...WRONG_LISTS,
];
