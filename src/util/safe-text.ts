/** Text of a server, or of a custom `fetch`, for messages, fields and events. */
import { escapeControls } from './escape-controls.js';
import { redactAll, type SensitiveValues } from './redact.js';

/** The texts without the values, and with their control characters escaped. Each value is read once for all of them. */
export const safeTexts = (texts: readonly string[], values: SensitiveValues): string[] =>
  redactAll(texts, values).map(escapeControls);

/** One text by itself. */
export const safeText = (text: string, values: SensitiveValues): string => safeTexts([text], values)[0] as string;
