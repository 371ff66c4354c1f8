/**
 * Each promise of the client, sentence by sentence, and one or two faults that break it: what `npm run mutations` seeds.
 * Those that Stryker can't make: another order, a moved line, another field. A fault is found by its text, whatever its
 * layout and its module, and stands once in the client.
 */

/** @type {Record<string, Record<string, { name: string, find: string, replace: string }[]>>} */
export const promises = {
  Retry: {
    'A 429 is retried for any method.': [
      {
        name: 'retry: a throttled create is not retried',
        find: 'result.status === THROTTLED || (isIdempotent',
        replace: '(result.status === THROTTLED && isIdempotent) || (isIdempotent',
      },
    ],
    '408, 502, 503, 504, an interrupted connection or a timed-out attempt: idempotent methods only.': [
      { name: 'retry: 408 is not retried', find: 'statusCodes: [408, 502,', replace: 'statusCodes: [502,' },
      { name: 'retry: 502 is not retried', find: 'statusCodes: [408, 502,', replace: 'statusCodes: [408,' },
    ],
    'Idempotent are GET, PUT, DELETE, and all of set.': [
      { name: 'retry: GET is not idempotent', find: "new Set(['GET',", replace: 'new Set([' },
      { name: 'retry: PUT is not idempotent', find: "'PUT', 'DELETE']", replace: "'DELETE']" },
    ],
    'A connection that was never made: any method.': [
      {
        name: 'retry: a refused connection is not retried for a create',
        find: "result.kind === 'not-connected' ||",
        replace: "(result.kind === 'not-connected' && isIdempotent) ||",
      },
    ],
    'Nothing else is retried: 500, an abort, a contract error, an error of the apiKey function, a rejected certificate.':
      [
        { name: 'retry: 500 is retried', find: 'statusCodes: [408, 502,', replace: 'statusCodes: [408, 500, 502,' },
        {
          name: 'retry: an error of the apiKey function is retried',
          find: 'result = await next(request, attempt);',
          replace:
            "result = await next(request, attempt).catch((error) => {\n          throw error instanceof NetworkFailure || !(error instanceof Error) ? error : new NetworkFailure('not-connected', error.message, {});\n        });",
        },
      ],
    'The delay is random from 0 to min(maxDelayMs, baseDelayMs * 2^n).': [
      { name: 'retry: no jitter', find: 'Math.random() * Math.min', replace: '1 * Math.min' },
      { name: 'retry: the delay does not double', find: 'baseDelayMs * 2 ** retryCount', replace: 'baseDelayMs' },
    ],
    'It is never below Retry-After, which counts in the forms of RFC 9110 only.': [
      { name: 'retry: the delay is below Retry-After', find: 'Math.max(retryAfterMs,', replace: 'Math.max(0,' },
      { name: 'Retry-After: any number', find: '/^\\d+$/.test(value)', replace: '!Number.isNaN(Number(value))' },
    ],
    'A Retry-After above maxRetryAfterMs ends the call with its error.': [
      { name: 'retry: any Retry-After is waited for', find: '|| retryAfterMs > maxRetryAfterMs', replace: '' },
    ],
    'Waits end at once on abort, and leave no timer and no listener.': [
      {
        name: 'time: the listener of an aborted wait stays',
        find: 'removeListener(); // the work may never settle',
        replace: '',
      },
    ],
    'A truncated body is an interrupted connection.': [
      {
        name: 'failures: an interrupted value is a response',
        find: 'if (isOk(status)) throw cause;\n    truncated = true;',
        replace: 'truncated = true;',
      },
    ],
    'An attempt lasts until its body has been read: the time limit covers the body.': [
      {
        name: 'retry: a body that is interrupted counts as rejected',
        find: "throw networkFailure({ ...classifyFailure(error), kind: 'interrupted' }, call);",
        replace: "settle('rejected'); throw networkFailure({ ...classifyFailure(error), kind: 'interrupted' }, call);",
      },
    ],
  },
  Ambiguity: {
    'Every error has an outcome; when in doubt, it is unknown.': [
      { name: 'ambiguity: 408 is rejected', find: 'status === 408 || status === 460', replace: 'status === 460' },
      {
        name: 'ambiguity: an earlier unknown outcome is forgotten',
        find: 'progress.maybeProcessed = maybeProcessed;',
        replace: 'progress.maybeProcessed = false;',
      },
    ],
    'A create with an unknown outcome is not retried.': [
      {
        name: 'retry: a create is retried after an interrupted connection',
        find: "(result.kind === 'interrupted' && isIdempotent)",
        replace: "result.kind === 'interrupted'",
      },
      {
        name: 'retry: a create is retried after 503',
        find: '(isIdempotent && call.limits.statusCodes.includes(result.status))',
        replace: 'call.limits.statusCodes.includes(result.status)',
      },
    ],
    '301, 302, 303, 0 and 1xx after a request that is not safe are unknown; 307 and 308 are rejected.': [
      {
        name: 'ambiguity: 301 and 302 are rejected',
        find: 'status !== 307 &&',
        replace: 'status > 302 && status !== 307 &&',
      },
      { name: 'ambiguity: 303 is rejected', find: 'status !== 307 &&', replace: 'status !== 303 && status !== 307 &&' },
    ],
    'A DELETE that is retried after an unknown outcome treats Cortex’s own 404, and no other, as success.': [
      {
        name: 'ambiguity: a 404 of something before Cortex is a successful delete',
        find: 'progress.maybeProcessed && isCortexNotFound(response)',
        replace: 'progress.maybeProcessed && response.status === 404',
      },
    ],
    'A 2xx shows that Cortex processed the request only with the id or the tag that was asked for.': [
      {
        name: 'responses: a secret with another tag is taken',
        find: 'if (isAsked) return secret;',
        replace: 'return secret;',
      },
      {
        name: 'responses: any JSON is processed',
        find: '{ kind, isProcessed: isAsked });',
        replace: '{ kind, isProcessed: true });',
      },
    ],
    'A 200 to a delete is success if it is empty, {}, "No content" or the secret, and nothing else.': [
      {
        name: 'secrets: any JSON is a delete',
        find: 'if (isSecretOf(parseJson(response, call), call)) return;',
        replace: 'parseJson(response, call); return;',
      },
      {
        name: 'secrets: a delete that answers "No content" fails',
        find: '(no content|\\{\\s*\\})?',
        replace: '(\\{\\s*\\})?',
      },
    ],
  },
  Throttle: {
    'A 429 with Retry-After pauses every call of the client.': [
      {
        name: 'throttle: a 429 pauses no other call',
        find: 'if (response.status === THROTTLED && response.retryAfterMs) beginPause(response.retryAfterMs, pass, call);',
        replace: '',
      },
    ],
    'After it one call probes first, and throttled calls stand at the head of the queue.': [
      {
        name: 'throttle: no probe after a pause',
        find: 'this.#count++;\n    this.#isProbing = true;',
        replace: 'this.#count++;',
      },
      {
        name: 'throttle: throttled calls go to the end of the queue',
        find: 'const isFirst = call.progress.attempts > 0;',
        replace: 'const isFirst = false;',
      },
    ],
    'A probe without a response lets the next call try after 5 s.': [
      {
        name: 'throttle: a hanging probe holds all calls',
        find: 'return this.#probeStartedAt + PROBE_PATIENCE_MS - now;',
        replace: 'return Number.POSITIVE_INFINITY;',
      },
    ],
    'A pause whose probe is throttled counts as a retry of every call that waits; one after which requests succeed counts for none.':
      [
        {
          name: 'throttle: a failed probe counts for no call',
          find: 'if (this.#isProbing && !this.hasBegunSince(pass)) {\n      this.#failedInARow++;',
          replace: 'if (this.#isProbing && !this.hasBegunSince(pass)) {',
        },
        {
          name: 'throttle: failed probes count for ever',
          find: 'this.#isProbing = false;\n    this.#failedInARow = 0;',
          replace: 'this.#isProbing = false;',
        },
      ],
    'No pause is longer than the client’s maxRetryAfterMs, and at most an hour.': [
      {
        name: 'throttle: a pause is longer than an hour',
        find: 'this.#maxMs = Math.min(maxMs, MAX_PAUSE_MS);',
        replace: 'this.#maxMs = maxMs;',
      },
      {
        name: 'throttle: a pause is as long as the server asks for',
        find: 'const ms = Math.min(retryAfterMs, this.#maxMs);',
        replace: 'const ms = retryAfterMs;',
      },
    ],
    'While a pause lasts that is longer than the call’s own limit, the call fails at once, unsent.': [
      {
        name: 'throttle: a new call waits out any pause',
        find: 'const error = throttledError(request, call, pause, now);\n    if (error) throw error;',
        replace: '',
      },
      {
        name: 'throttle: a queued call waits out any pause',
        find: 'slots.rejectWaiters((waiting) => throttledError(waiting.request, waiting.call, pause, now));',
        replace: '',
      },
    ],
    'At most maxConcurrency attempts run at once.': [
      {
        name: 'throttle: no limit of attempts at once',
        find: 'return this.#held < this.#max;',
        replace: 'return true;',
      },
    ],
  },
  Key: {
    'After a 401 it is asked once more, and a different key gets one more attempt.': [
      { name: 'key: not asked for again after a 401', find: 'response.status !== 401', replace: 'true as boolean' },
      { name: 'key: the same key gets another attempt', find: 'if (newKey === key) return response;', replace: '' },
    ],
    'A key with other characters than visible ASCII is a TypeError that does not quote it.': [
      { name: 'key: not validated', find: 'assertApiKey(key);', replace: '' },
      {
        name: 'key: not validated by createSecretsClient',
        find: "if (apiKey !== null && typeof apiKey !== 'function')",
        replace: 'if (false as boolean)',
      },
    ],
    'With null no Authorization header is sent.': [
      {
        name: 'key: null is sent as a key',
        find: 'return next({ ...request, headers }, call);',
        replace: "return next({ ...request, headers: { ...headers, authorization: 'Bearer null' } }, call);",
      },
      {
        name: 'key: null sends the key of a caller',
        find: 'return next({ ...request, headers }, call);',
        replace: 'return next(request, call);',
      },
    ],
    'A function is asked before each attempt, before a slot is taken, and within timeoutMs.': [
      { name: 'key: a result is kept', find: 'if (pending === asked) pending = undefined;', replace: '' },
    ],
    'Attempts that start while the function is pending share its result; a 401 asks anew.': [
      { name: 'key: each attempt of a burst asks', find: 'if (!joined) return ask();', replace: 'return ask();' },
      {
        name: 'key: after a 401 a pending result is taken',
        find: 'const newKey = await getKey(call, true);',
        replace: 'const newKey = await getKey(call, false);',
      },
    ],
  },
  Address: {
    'http for any host with allowInsecureConnection: true, and only with it.': [
      {
        name: 'address: a string turns allowInsecureConnection on',
        find: "if (typeof allowInsecureConnection !== 'boolean') throw",
        replace: 'if (allowInsecureConnection === null) throw',
      },
    ],
    'No user and password in the URL.': [
      {
        name: 'address: user and password are allowed',
        find: 'else if (username || password)',
        replace: 'else if (false as boolean)',
      },
    ],
    'A path prefix is kept; a trailing /api/v1 is taken off.': [
      {
        name: 'address: the path prefix is lost',
        find: "else return href.replace(API_PATH, '');",
        replace: 'else return new URL(href).origin;',
      },
      { name: 'address: /api/v1 at its end is kept', find: '/(\\/+api\\/+v1)?\\/*$/', replace: '/\\/*$/' },
    ],
    'Redirects are not followed.': [
      {
        name: 'address: redirects are followed',
        find: "{ method, headers, redirect: 'manual' }",
        replace: "{ method, headers, redirect: 'follow' as 'manual' }",
      },
    ],
    'A tagOrId that is empty, ".", "..", ill-formed or no string is a TypeError before anything is sent.': [
      { name: 'address: "." reaches the collection', find: "&& value !== '.' &&", replace: '&&' },
      { name: 'address: ".." reaches the collection', find: "&& value !== '..'", replace: '' },
    ],
    'https only; http for loopback hosts.': [
      {
        name: 'address: http to any host',
        find: "(protocol !== 'http:' || (isInsecure && !isLoopback(hostname)))",
        replace: "protocol !== 'http:'",
      },
      {
        name: 'address: http to a loopback host is refused',
        find: '(isInsecure && !isLoopback(hostname))',
        replace: 'isInsecure',
      },
    ],
    'No http address whose requests the runtime would send to a proxy.': [
      {
        name: 'address: http to a loopback host goes to a proxy',
        find: 'else if (isInsecure && runtime && goesToProxy(url, runtime))',
        replace: 'else if (false)',
      },
    ],
  },
  Input: {
    'What the types forbid is refused before anything is sent.': [
      {
        name: 'input: unknown options are ignored',
        find: 'Object.keys(given).find((name) => !names.includes(name));',
        replace: 'undefined as string | undefined;',
      },
      { name: 'input: unknown fields are ignored', find: 'if (Object.keys(given).some(', replace: 'if ([].some(' },
    ],
    'No message quotes a value, a key, or a field name that may be one.': [
      { name: 'input: any unknown option is quoted', find: '/^[A-Za-z]{1,24}$/.test(unknown)', replace: 'unknown' },
      {
        name: 'input: an unknown field is quoted',
        find: 'unknown field; expected',
        replace: 'unknown field ${Object.keys(given).join()}; expected',
      },
    ],
  },
  Responses: {
    'Every 2xx body is validated.': [
      {
        name: 'responses: a truncated one is parsed',
        find: 'if (truncated) throw',
        replace: 'if (false as boolean) throw',
      },
    ],
    '16 MiB for a list, 1 MiB for one secret, 64 kB for an error.': [
      { name: 'bodies: errors have no size limit', find: '64 * 1024;', replace: '16 * 1024 * 1024;' },
    ],
    'Statuses outside 100-599 are a CortexError, in secrets.api too.': [
      {
        name: 'methods: a status over 599 is a success',
        find: 'status >= 200 && status < 300',
        replace: 'status >= 200 && (status < 300 || status > 599)',
      },
      { name: 'api: a status over 599 is a RangeError', find: 'status > 599 ||', replace: '' },
    ],
    'A method returns only what the contract names.': [
      {
        name: 'responses: unknown fields are kept',
        find: 'return name === null || name === undefined ? { id, tag } : { id, tag, name };',
        replace: 'return name === null || name === undefined ? { ...value, name: undefined } : value;',
      },
    ],
    'A list has at most the bytes that its page can need.': [
      { name: 'responses: a list of any size is read', find: 'Math.max(MIB, pageSize * 2 * KIB)', replace: '2 ** 30' },
    ],
  },
  Redaction: {
    'No error, and no event, has the key or the value of the call.': [
      { name: 'redaction: the error of fetch passes through', find: 'throw failure;', replace: 'throw cause;' },
      {
        name: 'key: not redacted',
        find: 'return (request, call) => {\n      call.sensitiveValues.add(apiKey);',
        replace: 'return (request, call) => {',
      },
    ],
    'Nor any 8 consecutive characters: head, middle or tail.': [
      {
        name: 'redaction: every other window is left out',
        find: 'if (slots[slot] !== 0) return;',
        replace: 'if (slots[slot] !== 0 || low % 2 === 0) return;',
      },
    ],
    'In any letter case, trimmed, re-wrapped, JSON-escaped, percent-encoded, HTML-escaped, base64, base64url or hex.': [
      {
        name: 'redaction: letter case counts',
        find: ".normalize('NFKD').toLowerCase()",
        replace: ".normalize('NFKD')",
      },
      {
        name: 'redaction: escapes of JSON get through',
        find: '([0-3][0-7]{2})|([^ux]))/gi, ofBackslash]',
        replace: "([0-3][0-7]{2})|([^ux]))/gi, ([all = '']) => all]",
      },
    ],
    'Two layers deep.': [
      { name: 'redaction: one layer of encoding is enough', find: ', ...layer.flatMap(decoded)', replace: '' },
    ],
    'Values of 4 to 7 characters are found whole, also trimmed.': [
      {
        name: 'redaction: short values are found only with what stands around them',
        find: "const unquoted = trimmed.replace(/^[\\s\\p{C}\"'`]+|[\\s\\p{C}\"'`]+$/gu, '');",
        replace: 'const unquoted = value;',
      },
    ],
    'Control characters and bidi marks are escaped.': [
      { name: 'redaction: bidi marks pass', find: '\\p{Zp}\\p{Bidi_C}]', replace: '\\p{Zp}]' },
    ],
    'A value of under 4 characters drops what others wrote.': [
      {
        name: 'redaction: a value of under 4 characters is only blanked',
        find: 'if (size >= SHORT) markRange(fate, start, end);\n      else if (fate.slice(start, end).some((each) => each !== OWN)) markRange(fate, 0, fate.length);',
        replace: 'markRange(fate, start, end);',
      },
    ],
    'What we write is never dropped.': [
      {
        name: 'redaction: our own words are dropped',
        find: 'if (fate[i] !== OWN) fate[i] = SECRET;',
        replace: 'fate[i] = SECRET;',
      },
    ],
    'Control characters are escaped in messages.': [
      { name: 'redaction: control characters stay', find: 'escapeControls(blanked(one))', replace: 'blanked(one)' },
    ],
  },
  'The limiter': {
    'It is bounded by the time limit, the deadline and the abort.': [
      {
        name: 'limiter: its timer stays',
        find: '} finally {\n        clearTimeout(timer);\n      }',
        replace: '} finally {\n      }',
      },
    ],
    'If it throws or hangs, no call is lost: the attempt is sent without it, and this is told once.': [
      {
        name: 'limiter: an error of it fails the call',
        find: 'fail(error, call);\n      }',
        replace: 'fail(error, call);\n        throw error;\n      }',
      },
      {
        name: 'limiter: an error that can not be read is thrown',
        find: "} catch {\n    return { name: 'Error' };\n  }",
        replace: '} finally {\n    String();\n  }',
      },
    ],
    'Its error is told without its message, and without a key or a value.': [
      {
        name: 'limiter: the name of its error is told as it is',
        find: "{ name: safeName ?? 'Error',",
        replace: '{ name: String(name),',
      },
    ],
    'It is asked before every attempt, after a slot was taken, and again after a pause that began meanwhile.': [
      { name: 'limiter: not asked', find: 'await limiter?.acquire(call);', replace: '' },
      {
        name: 'limiter: a pause that began meanwhile is ignored',
        find: 'if (pause.hasBegunSince(pass)) continue;',
        replace: '',
      },
    ],
    'One that hangs is left out after timeoutMs.': [
      {
        name: 'limiter: a hang is asked again for each slot',
        find: 'if (isTimeout(error) && timeoutMs >= ownTimeoutMs) skippedUntil = performance.now() + ownTimeoutMs;',
        replace: '',
      },
    ],
  },
  Headers: {
    'A header of the client, of the connection, or one that changes the body or the method is a TypeError.': [
      {
        name: 'headers: a reserved one is sent',
        find: 'if (RESERVED.test(lowerCase))',
        replace: 'if (lowerCase === "")',
      },
      {
        name: 'headers: a reserved one in capitals is sent',
        find: 'RESERVED.test(lowerCase)',
        replace: 'RESERVED.test(name)',
      },
    ],
    'What is no object of headers is a TypeError, and no value is quoted.': [
      {
        name: 'headers: a promise is an object without headers',
        find: '|| !(Symbol.iterator in given || isPlain(given))',
        replace: '',
      },
      {
        name: 'headers: a wrong value is quoted',
        find: 'the value of ${lowerCase} must',
        replace: 'the value ${value} of ${lowerCase} must',
      },
    ],
    'Their values are redacted.': [
      {
        name: 'headers: their values are not redacted',
        find: 'for (const text of sensitiveTexts) sensitiveValues.add(text);',
        replace: '',
      },
      {
        name: 'headers: the values of a function are not redacted',
        find: 'for (const value of sensitiveFields(fields)) call.sensitiveValues.add(value);',
        replace: '',
      },
    ],
  },
  'A fetch without signals': {
    'It is called again without one, from then on at once, and only if nothing was sent.': [
      {
        name: 'plugins: a fetch that takes no signal gets one again and again',
        find: 'takesSignal = false;',
        replace: '',
      },
    ],
    'Its body may be no stream of bytes.': [
      {
        name: 'plugins: a body that is no stream of bytes is an error',
        find: 'cancel();\n        return await readText(response, limit);',
        replace: "throw new TypeError('no bytes');",
      },
    ],
  },
  Listing: {
    'listAll asks for 1000 a page.': [
      { name: 'listing: asks for pages of 250', find: 'const PAGE_SIZE = 1000;', replace: 'const PAGE_SIZE = 250;' },
    ],
    'It fetches a bounded number of pages ahead.': [
      { name: 'listing: nothing is fetched ahead', find: 'const PREFETCH = 8;', replace: 'const PREFETCH = 0;' },
      { name: 'listing: everything is fetched ahead', find: 'const PREFETCH = 8;', replace: 'const PREFETCH = 100;' },
    ],
    'It yields in order, and never an id twice.': [
      {
        name: 'listing: the last page that was requested comes first',
        find: 'requested.shift()',
        replace: 'requested.pop()',
      },
    ],
    'It ends also for servers that lie.': [
      {
        name: 'listing: a list that changes for ever is read longer',
        find: 'const MAX_PASSES = 10;',
        replace: 'const MAX_PASSES = 11;',
      },
    ],
    'It stops fetching when the loop is left.': [
      {
        name: 'listing: fetching goes on when the loop is left',
        find: 'controller.abort();\n      return end(given as never);',
        replace: 'return end(given as never);',
      },
    ],
    'A list of more than one page is complete after two equal readings.': [
      {
        name: 'listing: one reading proves a list of many pages',
        find: 'return this.#pagesRead === 1 && this.#ids.size >= this.#total;',
        replace: 'return this.#ids.size >= this.#total;',
      },
      {
        name: 'listing: readings of the same length are equal',
        find: 'return a.length === b.length && a.every((each, i) => each === b[i]);',
        replace: 'return a.length === b.length;',
      },
    ],
    'A wrong page, and fewer secrets than total, are an error at the end.': [
      {
        name: 'listing: a wrong page is taken',
        find: 'if (page !== this.#pagesRead) this.#wrongPage ??= { asked: this.#pagesRead, got: page };',
        replace: '',
      },
      {
        name: 'listing: a list that stands still may lack secrets',
        find: 'if (problem) throw incomplete(...problem);',
        replace: '',
      },
    ],
    'deadlineMs limits the time for all pages together.': [
      {
        name: 'listing: each page has the whole deadline',
        find: 'getPage(page, pageSize, ended, timeLeftMs())',
        replace: 'getPage(page, pageSize, ended, deadlineMs)',
      },
    ],
    'return() ends a page that is pending.': [
      {
        name: 'listing: return waits for the page',
        find: 'controller.abort();\n      return end(given as never);',
        replace: 'return end(given as never);',
      },
    ],
  },
  Leftovers: {
    'durationMs is the attempt alone.': [
      {
        name: 'events: the duration includes the wait for a newer key',
        find: 'Math.round(call.progress.attemptDurationMs)',
        replace: 'Math.round(performance.now() - call.progress.attemptStartedAt)',
      },
    ],
    'The body of a late response is cancelled.': [
      {
        name: 'leftovers: the body of a late response is not cancelled',
        find: "if ('response' in sent) discard(sent.response);",
        replace: '',
      },
    ],
    'A rejecting or thenable result of a user’s function ends no process.': [
      {
        name: 'foreign: a rejection of a hook ends the process',
        find: 'settled(work).catch(() => {});',
        replace: 'void settled(work);',
      },
      {
        name: 'foreign: a rejected promise in place of a member ends the process',
        find: 'runDetached(() => value);',
        replace: '',
      },
    ],
    'An error of a user’s function after an attempt has the outcome.': [
      {
        name: 'leftovers: an error after an attempt is thrown as it is',
        find: 'if (call.progress.attempts === 0) return cause;',
        replace: 'return cause;',
      },
    ],
  },
};

export const mutations = Object.values(promises).flatMap((sentences) => Object.values(sentences).flat());
