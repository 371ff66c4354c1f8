/**
 * Writes control characters, line separators, bidi marks and lone surrogates as visible escapes such as `\u001b`, so
 * that a server's text can neither forge a line of a log (`\n::error::`) nor move the cursor or reorder a terminal.
 *
 * Apply it to each message and each field of an error that holds text of others, and to the `requestId` of an event:
 * last, after `redact`, which has to see the text as it was sent. Backslashes stay single: the result is for readers,
 * not for parsers.
 */
export function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_C}]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
