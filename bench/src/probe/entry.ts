import { env as environment } from "cloudflare:workers";
import worker, { Classroom as BuiltClassroom } from "built-worker";
import { begin, counts, during } from "./activity.ts";
import { countingStorage } from "./counting-storage.ts";

interface Env {
  readonly CLASSROOM: DurableObjectNamespace<Classroom>;
}

declare module "cloudflare:workers" {
  namespace Cloudflare {
    interface Env {
      /** `on`, or `off` for classes that drain to no store. */
      SINKS: string;
    }
  }
}

const stores = new Set(["DATABASE_URL", "INFLUX_URL"]);

const send = globalThis.fetch;
globalThis.fetch = (input: RequestInfo | URL, init?: RequestInit) => {
  counts.storeRequests += 1;
  const body = init?.body;
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  if (pathname.endsWith("/api/v2/write") && typeof body === "string") counts.influxBytes += body.length;
  return during(() => send(input, init));
};

const later = globalThis.setTimeout;
const notAnyMore = globalThis.clearTimeout;
const timers = new Map<unknown, () => void>();
const countedTimeout = (callback: () => void, delayMs?: number): unknown => {
  const end = begin();
  const timer: unknown = later(() => {
    timers.delete(timer);
    during(callback);
    end();
  }, delayMs);
  timers.set(timer, end);
  return timer;
};
Object.assign(globalThis, {
  setTimeout: countedTimeout,
  clearTimeout: (timer: number) => {
    timers.get(timer)?.();
    timers.delete(timer);
    notAnyMore(timer);
  },
});

/** The class as it is deployed, on a storage that counts; each way into it is counted too. */
export class Classroom extends BuiltClassroom {
  constructor(ctx: DurableObjectState, env: Env) {
    counts.constructed += 1;
    Object.defineProperty(ctx, "storage", { value: countingStorage(ctx.storage) });
    const keepAlive = ctx.waitUntil.bind(ctx);
    Object.defineProperty(ctx, "waitUntil", {
      value: (work: Promise<unknown>) => keepAlive(during(() => work)),
    });
    const isKept = ([name]: [string, unknown]): boolean => !stores.has(name);
    const all = Object.entries(env);
    super(ctx, environment.SINKS === "off" ? Object.fromEntries(all.filter(isKept)) : env);
  }

  override configure(settings: unknown): void {
    counts.calls += 1;
    return super.configure(settings);
  }

  override check(claims: unknown): unknown {
    counts.calls += 1;
    return super.check(claims);
  }

  override ingest(claims: unknown, batch: unknown): Promise<unknown> {
    counts.calls += 1;
    return during(() => super.ingest(claims, batch));
  }

  override fetch(request: Request): Response {
    counts.calls += 1;
    return during(() => super.fetch(request));
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    counts.frames += 1;
    during(() => super.webSocketMessage(socket, message));
  }

  override alarm(): Promise<void> {
    counts.alarms += 1;
    counts.databaseBytes = this.ctx.storage.sql.databaseSize;
    return during(() => super.alarm());
  }
}

export default {
  async fetch(request: Request<unknown, IncomingRequestCfProperties>, env: Env, ctx: ExecutionContext) {
    if (new URL(request.url).pathname !== "/probe") return worker.fetch?.(request, env, ctx);
    return Response.json({ ...counts, written: Object.fromEntries(counts.written) });
  },
};
