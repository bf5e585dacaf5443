export { createPostgresSink } from "./postgres-sink.ts";
export { tables } from "./tables.ts";
export type { LoggedEvent } from "../sink.ts";
