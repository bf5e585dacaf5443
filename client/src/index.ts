export * from "./credentials.ts";
export * from "./event-queue.ts";
export * from "./platform.ts";
export * from "./queue-store.ts";
export * from "./sender.ts";
export * from "./sender-options.ts";
