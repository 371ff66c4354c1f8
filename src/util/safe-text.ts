/** Text of a server, or of a custom `fetch`, for messages, fields and events. */
import { escapeControls } from './escape-controls.js';
import { redact, type SensitiveValues } from './redact.js';

/** `text` without the values, and with its control characters escaped. */
export const safeText = (text: string, values: SensitiveValues): string => escapeControls(redact(text, values));
