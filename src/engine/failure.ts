import type { FailureCode } from "../core/protocol";

/** An expected failure of a run: the page shows the sentence. A bug is any other exception. */
export class RunFailure extends Error {
  override readonly name = "RunFailure";
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string) {
    super(message);
    this.code = code;
  }
}
