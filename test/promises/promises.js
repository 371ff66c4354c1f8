// What each call promises, sentence by sentence, and the entries of `test/mutations.js` that break the sentence. A new
// promise gets a line here and an entry there; `test/mutations.test.ts` compares the two.

/** @type {Record<string, Record<string, string[]>>} */
export const promises = {
  Retry: {
    'A 429 is retried for any method.': ['retry: a throttled create is not retried'],
    '408, 502, 503, 504, an interrupted connection or a timed-out attempt: idempotent methods only.': [
      'retry: 408 is not retried',
      'retry: 502 is not retried',
      'retry: 503 is not retried',
      'retry: 504 is not retried',
      'retry: an interrupted connection is not retried',
      'retry: a timed-out attempt is not retried',
      'retry: a create is retried after 503',
      'retry: a create is retried after an interrupted connection',
    ],
    'Idempotent are GET, PUT, DELETE, and all of set.': [
      'retry: GET is not idempotent',
      'retry: PUT is not idempotent',
      'retry: DELETE is not idempotent',
      'set: its create is not retried',
    ],
    'A connection that was never made: any method.': ['retry: a refused connection is not retried for a create'],
    'Nothing else is retried: 500, an abort, a contract error, an error of the apiKey function, a rejected certificate.':
      [
        'retry: 500 is retried',
        'retry: an abort of the caller is retried',
        'retry: a contract error is retried',
        'retry: an error of the apiKey function is retried',
        'failures: a rejected certificate is retried',
      ],
    'The delay is random from 0 to min(maxDelayMs, baseDelayMs * 2^n).': [
      'retry: no jitter',
      'retry: the delay does not double',
      'retry: the delay has no upper bound',
    ],
    'It is never below Retry-After, which counts in the forms of RFC 9110 only.': [
      'retry: the delay is below Retry-After',
      'Retry-After: any number',
      'Retry-After: any date',
      'Retry-After: 31 Feb becomes a day of March',
    ],
    'A Retry-After above maxRetryAfterMs ends the call with its error.': ['retry: any Retry-After is waited for'],
    'Waits end at once on abort, and leave no timer and no listener.': [
      'retry: a delay ignores the abort',
      'time: the timer of a delay stays',
      'time: the listener of an aborted wait stays',
    ],
    'An attempt lasts until its body has been read: the time limit covers the body.': [
      'time: the body is outside the time limit',
    ],
    'A truncated body is an interrupted connection.': ['failures: an interrupted value is a response'],
  },
  Ambiguity: {
    'Every error has an outcome; when in doubt, it is unknown.': [
      'ambiguity: 408 is rejected',
      'ambiguity: 5xx is rejected',
      'ambiguity: an earlier unknown outcome is forgotten',
      'ambiguity: an attempt under way is not unknown',
      'ambiguity: an attempt that was never sent is unknown',
      'ambiguity: a rejected retry hides an unknown attempt',
      'ambiguity: a failed connection hides an unknown attempt',
      'ambiguity: a deadline hides an unknown attempt',
    ],
    'A create with an unknown outcome is not retried.': [
      'retry: a create is retried after an interrupted connection',
      'retry: a create is retried after 503',
    ],
    'A 2xx that is not JSON is unknown; JSON that breaks the contract is processed.': [
      'ambiguity: a 2xx that is not JSON is processed',
      'ambiguity: JSON that breaks the contract is unknown',
    ],
    '301, 302, 303, 0 and 1xx after a request that is not safe are unknown; 307 and 308 are rejected.': [
      'ambiguity: 301 and 302 are rejected',
      'ambiguity: 303 is rejected',
      'ambiguity: 0 and 1xx are rejected',
      'ambiguity: 307 is unknown',
      'ambiguity: 308 is unknown',
      'ambiguity: a redirect of a get is unknown',
    ],
    'A DELETE that is retried after an unknown outcome treats Cortex’s own 404, and no other, as success.': [
      'ambiguity: a 404 after an unknown delete is an error',
      'ambiguity: every 404 is a successful delete',
      'ambiguity: a 404 in another JSON is a successful delete',
      'ambiguity: a 404 that is not JSON is a successful delete',
    ],
    'A 200 to a delete is success if it is empty, JSON or "No content", and not if it is HTML.': [
      'secrets: a delete with an empty response fails',
      'secrets: a delete that answers JSON fails',
      'secrets: a delete that answers "No content" fails',
      'secrets: a page of HTML is a delete',
    ],
  },
  Throttle: {
    'A 429 with Retry-After pauses every call of the client.': ['throttle: a 429 pauses no other call'],
    'After it one call probes first, and throttled calls stand at the head of the queue.': [
      'throttle: no probe after a pause',
      'throttle: throttled calls go to the end of the queue',
      'throttle: unsent calls go before throttled ones',
    ],
    'No pause is longer than maxRetryAfterMs, and at most an hour.': [
      'throttle: a pause is longer than maxRetryAfterMs',
      'throttle: a pause is longer than an hour',
      'throttle: an absurd Retry-After outlives its pause',
    ],
    'While a pause lasts that is longer than the call’s own limit, the call fails at once, unsent.': [
      'throttle: a new call waits out any pause',
      'throttle: a queued call waits out any pause',
    ],
    'No function of the user keeps a slot or the probe from other calls.': [
      'pipeline: the key is asked for after a slot is taken',
      'throttle: a call that failed keeps its slot',
    ],
    'At most maxConcurrency attempts run at once.': ['throttle: no limit of attempts at once'],
  },
  Key: {
    'A function is asked before each attempt, before a slot is taken, and within timeoutMs.': [
      'key: asked for once only',
      'pipeline: the key is asked for after a slot is taken',
      'key: the wait for it has no time limit',
    ],
    'After a 401 it is asked once more, and a different key gets one more attempt.': [
      'key: not asked for again after a 401',
      'key: the same key gets another attempt',
      'key: another key after a 401 is not sent',
      'key: asked for again and again after a 401',
    ],
    'A key with other characters than visible ASCII is a TypeError that does not quote it.': [
      'key: not validated',
      'key: not validated by createSecretsClient',
      'key: is empty',
      'key: has spaces, line breaks or characters outside ASCII',
      'key: quoted if it is wrong',
    ],
    'With null no Authorization header is sent.': ['key: null is sent as a key', 'key: null sends the key of a caller'],
  },
  Address: {
    'https only; http for loopback hosts.': [
      'address: http to any host',
      'address: http to a loopback host is refused',
    ],
    'http for any host with allowInsecureConnection: true, and only with it.': [
      'address: http to any host',
      'address: allowInsecureConnection has no effect',
      'address: a string turns allowInsecureConnection on',
    ],
    'No user and password in the URL.': ['address: user and password are allowed'],
    'A path prefix is kept; a trailing /api/v1 is taken off.': [
      'address: the path prefix is lost',
      'address: /api/v1 at its end is kept',
    ],
    'Redirects are not followed.': ['address: redirects are followed'],
    'A tagOrId that is empty, ".", "..", ill-formed or no string is a TypeError before anything is sent.': [
      'address: an empty tag reaches the collection',
      'address: "." reaches the collection',
      'address: ".." reaches the collection',
      'address: a lone surrogate becomes another character',
      'address: a tag that is no string is sent',
    ],
  },
  Input: {
    'What the types forbid is refused before anything is sent.': [
      'input: unknown options are ignored',
      'input: unknown fields are ignored',
      'input: a value that is no string is sent',
      'input: an update of nothing is sent',
      'input: any page size',
    ],
    'No message quotes a value, a key, or a field name that may be one.': [
      'input: any unknown option is quoted',
      'input: an unknown field is quoted',
    ],
  },
  Responses: {
    'Every 2xx body is validated.': ['responses: not validated', 'responses: a truncated one is parsed'],
    'A method returns only what the contract names.': ['responses: unknown fields are kept'],
    '16 MiB for a list, 1 MiB for one secret, 64 kB for an error.': [
      'bodies: a list has no size limit',
      'bodies: a list is limited to 1 MiB',
      'bodies: one secret is limited to 16 MiB',
      'bodies: errors have no size limit',
    ],
    'Statuses outside 100-599 are a CortexError, in secrets.api too.': [
      'methods: a status over 599 is a success',
      'api: a status over 599 is a RangeError',
    ],
  },
  Redaction: {
    'No error, and no event, has the key or the value of the call.': [
      'redaction: the failure of the network is kept as the cause',
      'redaction: the error of fetch passes through',
      'redaction: the reason of a failure is not redacted',
      'redaction: a code is not redacted',
      'redaction: fields of an error are not redacted',
      'redaction: a request id is not redacted',
      'redaction: a tag is not redacted',
      'redaction: a SyntaxError passes through',
      'redaction: the value of a create is not sensitive',
      'redaction: the value of an update is not sensitive',
      'redaction: the value of set is not sensitive',
      'key: not redacted',
    ],
    'Nor any 8 consecutive characters: head, middle or tail.': [
      'redaction: every other window is left out',
      'redaction: the last character of a value does not count',
    ],
    'In any letter case, trimmed, re-wrapped, JSON-escaped, percent-encoded, HTML-escaped, base64, base64url or hex.': [
      'redaction: letter case counts',
      'redaction: wrapped text gets through',
      'redaction: escapes of JSON get through',
      'redaction: percent-encoding gets through',
      'redaction: escapes of HTML get through',
      'redaction: base64 gets through',
      'redaction: base64url gets through',
      'redaction: hexadecimal gets through',
    ],
    'Two layers deep.': ['redaction: one layer of encoding is enough'],
    'Values of 4 to 7 characters are found whole, also trimmed.': [
      'redaction: short values get through',
      'redaction: short values are found only with what stands around them',
    ],
    'A value of under 4 characters drops the whole text.': ['redaction: a value of under 4 characters is only blanked'],
    'White space alone does not count, and text that does not come from the value stays.': [
      'redaction: white space alone counts',
      'redaction: text that does not come from a value is blanked',
    ],
    'The work is linear.': ['redaction: each text reads the values again'],
    'Control characters and bidi marks are escaped.': [
      'redaction: control characters pass',
      'redaction: bidi marks pass',
    ],
  },
  'The limiter': {
    'It is asked before every attempt, after a slot was taken, and again after a pause that began meanwhile.': [
      'limiter: not asked',
      'limiter: asked before a slot is free',
      'limiter: a pause that began meanwhile is ignored',
      'limiter: not asked again after a pause',
    ],
    'It keeps neither a slot nor the probe from other calls.': [
      'limiter: a slow one keeps the slot',
      'limiter: calls that ask hold up those with a permission',
      'limiter: a call that asks holds up the probe',
      'limiter: a slow probe ends the probing',
      'limiter: an aborted call keeps its slot',
    ],
    'It is bounded by the time limit, the deadline and the abort.': [
      'limiter: no time limit',
      'limiter: the abort does not end it',
      'limiter: its timer stays',
    ],
    'If it throws or hangs, no call is lost: the attempt is sent without it, and this is told once.': [
      'limiter: an error of it fails the call',
      'limiter: an error that can not be read is thrown',
      'limiter: a Proxy that it throws fails the call',
      'limiter: an error of pause is thrown',
      'limiter: asked again at once after it hung',
      'limiter: not told',
      'limiter: told at each failure',
    ],
    'Its error is told without its message, and without a key or a value.': [
      'limiter: the name of its error is told as it is',
      'limiter: the key is told as the name of its error',
    ],
  },
  Headers: {
    'A header of the client, of the connection, or one that changes the body or the method is a TypeError.': [
      'headers: a reserved one is sent',
      'headers: a reserved one in capitals is sent',
    ],
    'What is no object of headers is a TypeError, and no value is quoted.': [
      'headers: a promise is an object without headers',
      'headers: a wrong value is quoted',
      'headers: a wrong name is quoted',
      'api: a TypeError quotes a wrong header',
    ],
    'A function is called before a slot is taken.': ['headers: a function holds a slot'],
    'Their values are redacted.': [
      'headers: their values are not redacted',
      'headers: the values of a function are not redacted',
    ],
  },
  'A fetch without signals': {
    'It is called again without one, from then on at once, and only if nothing was sent.': [
      'plugins: a fetch that takes no signal gets one again and again',
      'plugins: any error of fetch is answered by a second call',
      'plugins: a late DataCloneError sends the request again',
      'plugins: a DataCloneError after a success sends the request again',
    ],
    'Its body may be no stream of bytes.': ['plugins: a body that is no stream of bytes is an error'],
  },
  Listing: {
    'listAll asks for 1000 a page.': ['listing: asks for pages of 250'],
    'It fetches a bounded number of pages ahead.': [
      'listing: nothing is fetched ahead',
      'listing: everything is fetched ahead',
    ],
    'The pages ahead are counted against maxConcurrency.': ['throttle: no limit of attempts at once'],
    'It yields in order, and never an id twice.': [
      'listing: the last page that was requested comes first',
      'listing: ids come twice',
    ],
    'It ends also for servers that lie.': [
      'listing: an endless list',
      'listing: a wrong total is read again for ever',
      'listing: a list that changes for ever is read longer',
    ],
    'It stops fetching when the loop is left.': ['listing: fetching goes on when the loop is left'],
  },
  Leftovers: {
    'The body of a late response is cancelled.': ['failures: the body of a late response is not cancelled'],
    'A rejecting or thenable result of onAttempt is swallowed.': ['events: a hook that rejects ends the process'],
    'durationMs is the attempt alone.': [
      'events: the duration includes the wait for a newer key',
      'pipeline: the wait for a slot counts as part of the attempt',
    ],
  },
};
