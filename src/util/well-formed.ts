/** Whether a text has half of a surrogate pair: it has no UTF-8, and a server would store another character. */
export const hasLoneSurrogate = (text: string): boolean => /\p{Cs}/u.test(text);
