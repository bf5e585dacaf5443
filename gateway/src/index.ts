export { type FolderLock, lockFolder } from "./folder-lock.ts";
export { type Gateway, type GatewayOptions, startGateway } from "./gateway.ts";
export type { InfluxVersion } from "./influx/forward.ts";
export type { Point } from "./influx/point.ts";
export type { Log } from "./log.ts";
