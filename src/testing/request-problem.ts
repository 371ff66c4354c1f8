/** Why a request is not one of the contract, and the response that says so. */
export class RequestProblem {
  readonly status: number;
  readonly message: string;
  /** Headers of the response, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.message = message;
    this.headers = headers;
  }
}
