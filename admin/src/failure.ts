import type { ExitCode } from "./exit-codes.ts";

/** Why a command came to nothing, in a sentence for who called it. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: ExitCode;
  /** A code of the protocol, or one of the command line's own. */
  readonly code: string;
  readonly details: unknown;

  constructor(exitCode: ExitCode, code: string, message: string, details?: unknown) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
    this.details = details;
  }
}
