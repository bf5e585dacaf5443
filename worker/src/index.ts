import { Classroom as ClassroomObject, TestCapture } from "@cell-monitor/durable-objects";
import { createApp } from "./app.ts";
import { verifyLiveHolder } from "./auth/live-holder.ts";
import type { Env } from "./env.ts";
import { routes } from "./routes/table.ts";

/** The class object with what only the worker knows: how tokens are made. */
export class Classroom extends ClassroomObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, (token, classId) => verifyLiveHolder(env, token, classId));
  }
}

export { TestCapture };

export default createApp(routes);
