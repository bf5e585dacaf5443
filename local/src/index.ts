export { type Access } from "./bootstrap.ts";
export { type Stack, type StackOptions, startStack } from "./stack.ts";
export type { Stores } from "./stores.ts";
export { StackError } from "./stack-error.ts";
