/** Why the stack can't run, in words for whoever started it: shown without a stack trace. */
export class StackError extends Error {
  override readonly name = "StackError";
}
