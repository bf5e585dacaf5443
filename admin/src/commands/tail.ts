import {
  bearerSubprotocolPrefix,
  type Entity,
  instructorFrameSchema,
  liveSubprotocol,
  pingText,
  pongText,
  ticketSchema,
} from "@cell-monitor/protocol";
import type { Command } from "commander";
import { setTimeout as delay } from "node:timers/promises";
import * as v from "valibot";
import { doing } from "../command.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { describe } from "./tail-lines.ts";

const pingEveryMs = 25_000;
const longestWaitMs = 30_000;
/** Closes after which coming back is of no use. */
const final = new Set([4403]);
const expired = 4401;

interface Position {
  epoch: string;
  to: number;
}

/** Shows what changes in a class until it is ended, coming back where a connection is lost. */
const tail = doing<[string], { readonly once: boolean }>(async (context, { once }, named) => {
  const { id, name } = await context.findClass(named);
  const position: Position = { epoch: "", to: 0 };
  for (let failures = 0; ; failures += 1) {
    const before = position.to;
    const code = await watch(context, { id, name }, position, once).catch((error: unknown) =>
      lost(error, position),
    );
    if (code === expired) context.signInAgain();
    if (code === 1000) return;
    if (final.has(code))
      throw new Failure(exitCodes.forbidden, "token_revoked", "The credential was revoked.");
    if (position.to > before) failures = 0;
    const waitMs = Math.min(longestWaitMs, 500 * 2 ** failures);
    context.out.note(`Connection lost (${code}); trying again in ${Math.round(waitMs / 1000)} s.`);
    await delay(waitMs);
  }
});

/** A server that is away for a while is come back to, once it has been there. */
function lost(error: unknown, { epoch }: Position): number {
  if (error instanceof Failure && error.exitCode === exitCodes.unavailable && epoch !== "") return 1006;
  throw error;
}

/** One connection. @returns the code with which it was closed */
async function watch(
  context: Context,
  { id, name }: { readonly id: string; readonly name: string },
  position: Position,
  once: boolean,
): Promise<number> {
  const { ticket } = await context.api.call(ticketSchema, "/auth/ticket", { method: "POST" });
  const url = new URL(`${context.target.url.replace(/^http/, "ws")}/api/v1/live/${id}`);
  if (position.epoch !== "") {
    url.searchParams.set("epoch", position.epoch);
    url.searchParams.set("to", String(position.to));
  }
  const socket = new WebSocket(url, [liveSubprotocol, `${bearerSubprotocolPrefix}${ticket}`]);
  const pinger = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) socket.send(pingText);
  }, pingEveryMs);
  let isFirst = position.epoch === "";
  socket.addEventListener("message", ({ data }) => {
    if (data === pongText) return;
    const frame = v.safeParse(instructorFrameSchema, JSON.parse(String(data)));
    if (!frame.success || (frame.output.type !== "snapshot" && frame.output.type !== "patch")) return;
    const { epoch, to, at, entities, type } = frame.output;
    // The first snapshot is what was before; a later one is what was missed.
    if (!isFirst || type === "patch") for (const entity of entities) show(context, entity, at);
    if (isFirst) context.out.note(`${name}: what changes from now on. Ctrl-C ends it.`);
    isFirst = false;
    Object.assign(position, { epoch, to });
    socket.send(JSON.stringify({ type: "seen", epoch, to }));
    if (once) socket.close(1000);
  });
  return new Promise((resolve) => {
    const end = (code: number) => {
      clearInterval(pinger);
      resolve(code);
    };
    socket.addEventListener("close", ({ code }) => end(code === 1005 ? 1000 : code));
    socket.addEventListener("error", () => end(1006));
  });
}

function show({ out }: Context, entity: Entity, atMs: number): void {
  const text = describe(entity);
  if (text === undefined && !out.isJson) return;
  out.line({ at: new Date(atMs).toISOString(), ...entity }, `${new Date(atMs).toISOString()}  ${text ?? ""}`);
}

export function addTailCommand(program: Command): void {
  program
    .command("tail")
    .description("show what changes in a class, as it happens")
    .argument("<class>", "the class's id or code")
    .option("--once", "end with the first frame; says whether the live connection works", false)
    .action(tail);
}
