/** The bundle that is deployed, as `npm run build` makes it. */
declare module "built-worker" {
  import type { DurableObject } from "cloudflare:workers";

  export class Classroom extends DurableObject {
    constructor(ctx: DurableObjectState, env: object);
    alarm(): Promise<void>;
  }
  const worker: ExportedHandler;
  export default worker;
}
