/** The bundle that is deployed, as `npm run build` makes it. */
declare module "built-worker" {
  import type { DurableObject } from "cloudflare:workers";

  export class Classroom extends DurableObject {
    constructor(ctx: DurableObjectState, env: object);
    configure(settings: unknown): void;
    check(claims: unknown): unknown;
    ingest(claims: unknown, batch: unknown): Promise<unknown>;
    fetch(request: Request): Response;
    webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void;
    webSocketClose(socket: WebSocket, code: number, reason: string): void;
    alarm(): Promise<void>;
  }
  const worker: ExportedHandler;
  export default worker;
}
