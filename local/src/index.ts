export { type Access } from "./bootstrap.ts";
export { type Stack, type StackOptions, startStack, type Stores } from "./stack.ts";
export { StackError } from "./stack-error.ts";
