// Generated from spec/openapi.yaml by `npm run generate`. Do not edit.

export interface paths {
    "/api/v1/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List secrets
         * @description Returns one page of the workspace's secrets, without their values. Needs the `Create secrets` permission.
         *
         *     **Assumption:** both query parameters are optional, since both have defaults (the vendor's OpenAPI description
         *     marks them as required, its prose leaves them out). A page past the end is empty. The order is not specified.
         */
        get: operations["listSecrets"];
        put?: never;
        /**
         * Create a secret
         * @description Stores a new value under a new tag. Needs the `Create secrets` permission. The body may have up to 2 MB.
         *
         *     Success is 200, not 201. Do not retry a create if its outcome is unknown: get the tag first, or update.
         *
         *     **Assumption:** the response for a tag that is taken is not documented. Handle 400 and 409 (`CONFLICT`).
         */
        post: operations["createSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets/{tagOrId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a secret
         * @description Returns the secret's id, tag and name, never its value. Needs the `Create secrets` permission.
         *
         *     **Assumption:** the vendor's reference does not list 400 for this operation.
         */
        get: operations["getSecret"];
        /**
         * Update (rotate) a secret
         * @description Changes the name, the value, or both. The tag cannot be changed. **Observed:** an omitted field keeps its value.
         *     Needs the `Create secrets` permission. The body may have up to 2 MB. An update is idempotent and can be retried.
         *
         *     **Assumption:** a body with neither field is rejected with 400.
         */
        put: operations["updateSecret"];
        post?: never;
        /**
         * Delete a secret
         * @description Deletes the secret and its value. Needs the `Create secrets` permission. Success is 200, not 204. A retried
         *     delete gets 404.
         *
         *     **Assumption:** the deletion is permanent, and the 200 has no body: the vendor's reference prints `No content`,
         *     which may be a body or its words for none. Ignore a body.
         */
        delete: operations["deleteSecret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The body of an error response. */
        ErrorBody: {
            /**
             * @description Details of the reason.
             * @example tag: my-secret
             */
            details?: string;
            /**
             * Format: int32
             * @description **Assumption:** the status of a response that Cortex got from another system.
             * @example 502
             */
            gatewayHttpStatus?: number;
            /**
             * Format: int32
             * @description **Assumption:** the status of this response.
             * @example 404
             */
            httpStatus?: number;
            /**
             * @description The reason, for people.
             * @example Secret not found
             */
            message: string;
            /**
             * @description **Assumption:** identifies the request for the vendor's support.
             * @example 7c1f6a52
             */
            requestId?: string;
            /**
             * @description The reason, for programs. **Assumption:** the list is open, Cortex may add types (the vendor's reference has
             *     a closed enum).
             * @example NOT_FOUND
             */
            type: string;
        };
        /** @description A secret to create. **Assumption:** unknown fields are rejected. */
        NewSecret: {
            /**
             * @description A label for people. **Assumption:** it may be empty.
             * @example My secret
             */
            name: string;
            /**
             * Format: password
             * @description The value. Cortex encrypts it and never returns it. **Assumption:** an empty value is rejected: it is usually
             *     an unset variable.
             * @example example-value-not-a-real-one
             */
            secret: string;
            /**
             * @description Unique in the workspace; cannot be changed later. **Assumption:** letters, digits, `-` and `_`. The vendor's
             *     pages disagree on which of `-` and `_` is allowed, and use both. Tags that differ in letter case are two tags
             *     (assumption). Plugin proxies refer to a secret as `{{{secrets.my_secret}}}`, other features as
             *     `{{ secrets.my_secret }}`; use underscores for that.
             * @example my-secret
             */
            tag: string;
        };
        /** @description A secret in a response. It never contains the value. */
        Secret: {
            /**
             * @description Generated by Cortex; unique, immutable, 18 characters.
             * @example se2da8159dbeefb974
             */
            id: string;
            /**
             * @description A label for people. May be missing. **Assumption:** it is never null; a client takes null as missing.
             * @example My secret
             */
            name?: string;
            /**
             * @description Unique in the workspace; cannot be changed. **Assumption:** a response may contain any string, since the
             *     vendor's pages disagree on the characters.
             * @example my-secret
             */
            tag: string;
        };
        /** @description One page of secrets. */
        SecretPage: {
            /**
             * Format: int32
             * @description The number of this page, counted from 0. The vendor's example shows 1 for the first page.
             * @example 0
             */
            page: number;
            /** @description The secrets of this page. The order is not specified. */
            secrets: components["schemas"]["Secret"][];
            /**
             * Format: int32
             * @description The number of secrets on all pages.
             * @example 1
             */
            total: number;
            /**
             * Format: int32
             * @description The number of pages of the requested size.
             * @example 1
             */
            totalPages: number;
        };
        /** @description The changes to a secret. **Assumption:** at least one field is required, and unknown fields are rejected. */
        SecretUpdate: {
            /**
             * @description The new label. If omitted, the name stays (observed).
             * @example Main secret
             */
            name?: string | undefined;
            /**
             * Format: password
             * @description The new value. If omitted, the value stays (observed). **Assumption:** an empty value is rejected.
             * @example example-value-rotated
             */
            secret?: string | undefined;
        };
    };
    responses: {
        /** @description **Assumption:** the tag or id is not valid. */
        BadTagOrId: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description The key lacks the `Create secrets` permission (observed; not in the vendor's reference). */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description No secret has this tag or id. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /**
         * @description Throttled, more than 1000 requests per minute. **Assumption:** the request was not processed, and the response
         *     has the body of other errors. No body is documented: accept an empty one.
         */
        TooManyRequests: {
            headers: {
                /**
                 * @description The number of seconds until the limit resets, an integer (RFC 9110, section 10.2.3).
                 * @example 1
                 */
                "Retry-After": number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /**
         * @description The key is missing, unknown or expired. **Assumption:** the vendor's reference does not list 401; the body has
         *     the shape of other errors, and `WWW-Authenticate` is sent, as RFC 9110 requires.
         */
        Unauthorized: {
            headers: {
                /**
                 * @description The scheme of the key (RFC 9110, section 11.6.1).
                 * @example Bearer
                 */
                "WWW-Authenticate"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /**
         * @description Any other status. After a 5xx or 408 the request may or may not have been processed. **Assumption:** the
         *     vendor's reference lists none of these statuses.
         */
        Unexpected: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
/**
 * The body of an error response.
 * @interface
 */
export type ErrorBody = components['schemas']['ErrorBody'];
/**
 * A secret to create. **Assumption:** unknown fields are rejected.
 * @interface
 */
export type NewSecret = components['schemas']['NewSecret'];
/**
 * A secret in a response. It never contains the value.
 * @interface
 */
export type Secret = components['schemas']['Secret'];
/**
 * One page of secrets.
 * @interface
 */
export type SecretPage = components['schemas']['SecretPage'];
/**
 * The changes to a secret. **Assumption:** at least one field is required, and unknown fields are rejected.
 * @interface
 */
export type SecretUpdate = components['schemas']['SecretUpdate'];
export type ResponseBadTagOrId = components['responses']['BadTagOrId'];
export type ResponseForbidden = components['responses']['Forbidden'];
export type ResponseNotFound = components['responses']['NotFound'];
export type ResponseTooManyRequests = components['responses']['TooManyRequests'];
export type ResponseUnauthorized = components['responses']['Unauthorized'];
export type ResponseUnexpected = components['responses']['Unexpected'];
export type $defs = Record<string, never>;
export interface operations {
    listSecrets: {
        parameters: {
            query?: {
                /** @description The page to return, counted from 0. */
                page?: number | undefined;
                /** @description The maximum number of secrets per page. */
                pageSize?: number | undefined;
            } | undefined;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of secrets. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretPage"];
                };
            };
            /** @description A query parameter is out of bounds. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Unexpected"];
        };
    };
    createSecret: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The secret, with its value. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSecret"];
            };
        };
        responses: {
            /** @description Created. The response does not contain the value. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Secret"];
                };
            };
            /** @description The body violates the contract, or (assumption) the tag is taken. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description The tag is taken. **Assumption:** the vendor's reference does not list 409. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Unexpected"];
        };
    };
    getSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tag of the secret, or the id that Cortex generated for it. Percent-encode it. */
                tagOrId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The secret, without its value. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Secret"];
                };
            };
            400: components["responses"]["BadTagOrId"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Unexpected"];
        };
    };
    updateSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tag of the secret, or the id that Cortex generated for it. Percent-encode it. */
                tagOrId: string;
            };
            cookie?: never;
        };
        /** @description The fields to change. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretUpdate"];
            };
        };
        responses: {
            /** @description Updated. The response does not contain the value. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Secret"];
                };
            };
            /** @description The body violates the contract. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Unexpected"];
        };
    };
    deleteSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tag of the secret, or the id that Cortex generated for it. Percent-encode it. */
                tagOrId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. **Assumption:** the response has no body; ignore one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadTagOrId"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Unexpected"];
        };
    };
}
