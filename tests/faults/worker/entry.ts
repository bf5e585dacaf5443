import { env as environment } from "cloudflare:workers";
import worker, { Classroom as BuiltClassroom } from "built-worker";
import { Steps, steppingStorage } from "./steps.ts";

interface Env {
  readonly CLASSROOM: DurableObjectNamespace<Classroom>;
}

declare module "cloudflare:workers" {
  namespace Cloudflare {
    interface Env {
      /** `nothing`, the step to stop at, or empty to tell of all. */
      WATCHED: string;
    }
  }
}

const steps = new Steps();
if (environment.WATCHED !== "nothing") steps.watch(environment.WATCHED || undefined);
const now = Date.now;
let offsetMs = 0;
Date.now = () => now() + offsetMs;

const send = globalThis.fetch;
globalThis.fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  steps.reach(`${pathname} is asked`);
  const answer = send(input, init);
  answer.catch(() => undefined);
  // By now what was written before is on disk, and what was asked may be done.
  await scheduler.wait(1);
  steps.reach(`${pathname} is waited for`);
  const response = await answer;
  steps.reach(`${pathname} has answered`);
  return response;
};

const storages = new WeakMap<object, DurableObjectStorage>();

/** The class as it is deployed, on a storage and with a network that can be stopped at any step. */
export class Classroom extends BuiltClassroom {
  constructor(ctx: DurableObjectState, env: Env) {
    storages.set(ctx, ctx.storage);
    const value = steppingStorage(ctx.storage, steps.reach, () => offsetMs);
    Object.defineProperty(ctx, "storage", { value });
    super(ctx, env);
  }

  override async alarm(): Promise<void> {
    try {
      await super.alarm();
    } catch (error) {
      console.error("An alarm failed:", error);
      throw error;
    }
  }

  /** Has the alarm come now. */
  async wake(): Promise<void> {
    await this.#storage.setAlarm(now());
  }

  /** What is on disk. */
  async look() {
    const { sql } = this.#storage;
    const tables = sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name LIKE 'log\\_%' ESCAPE '\\'")
      .toArray()
      .map(({ name }) => name);
    const ends = tables.map(
      (name) => sql.exec<{ last: number | null }>(`SELECT max(last) AS last FROM ${name}`).one().last ?? 0,
    );
    const [cursors] = sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'cursors'").toArray();
    const alarmMs = await this.#storage.getAlarm();
    return {
      /** From now; absent if there is no alarm. */
      alarmInMs: alarmMs === null ? undefined : alarmMs - now(),
      days: tables.length,
      version: Math.max(0, ...ends),
      cursors: cursors?.value ?? "{}",
    };
  }

  get #storage(): DurableObjectStorage {
    const storage = storages.get(this.ctx);
    if (!storage) throw new Error("There is no storage of this object.");
    return storage;
  }
}

export default {
  async fetch(request: Request<unknown, IncomingRequestCfProperties>, env: Env, ctx: ExecutionContext) {
    const { pathname, searchParams } = new URL(request.url);
    const [, room, command, id = ""] = pathname.split("/");
    if (room !== "faults") return worker.fetch?.(request, env, ctx);
    if (command === "watch") steps.watch(searchParams.get("last") ?? undefined);
    if (command === "clock") offsetMs = Number(searchParams.get("offset"));
    if (command === "wake") await env.CLASSROOM.getByName(id).wake();
    if (command === "look") return Response.json(await env.CLASSROOM.getByName(id).look());
    return new Response(null, { status: 204 });
  },
};
