/** Control characters, line separators, bidi marks and lone surrogates. */
export const CONTROL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_C}]/gu;

/**
 * Writes these as visible escapes such as `\u001b`, so that a server's text can neither forge a line of a log
 * (`\n::error::`) nor move the cursor or reorder a terminal. Backslashes stay single: the result is for readers, not for
 * parsers.
 */
export const escapeControls = (text: string): string => text.replace(CONTROL, escaped);

/** One UTF-16 code unit as its escape. */
export const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
