/** What the command ends with, for scripts. */
export const exitCodes = {
  ok: 0,
  /** Something went wrong that is neither of the others. */
  failed: 1,
  /** The call was wrong: an unknown option, a missing argument, a file that isn't there. */
  usage: 2,
  /** What was named is not there. */
  notFound: 3,
  /** The credential is missing, wrong, or may not do that. */
  forbidden: 4,
  /** The server does not answer, or answers that it can't now. */
  unavailable: 5,
  /** The server refused what was asked, and asking again will not help. */
  refused: 6,
  /** Done in part: some rows were refused. */
  partly: 7,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
