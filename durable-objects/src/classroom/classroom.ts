import { DurableObject } from "cloudflare:workers";
import {
  type ActionAnswer,
  type Batch,
  type ClassAction,
  type Completeness,
  type HelpRequest,
  type Page,
  pingText,
  pongText,
  refusalResponse,
  type ReplayRequest,
  type ReplayResponse,
  type Result,
  type StudentNotification,
} from "@cell-monitor/protocol";
import type { ClassroomEnv } from "../env.ts";
import { createSinks } from "../sinks/create-sinks.ts";
import type { ClassClaims } from "./claims.ts";
import { ClassObject, type Recorded } from "./class-object.ts";
import type { Actor } from "./help-desk.ts";
import type { DeadLetterPage, DeadLetterQuery } from "./dead-letter-page.ts";
import { closeQuietly } from "./live/socket.ts";
import type { ClassPlatform } from "./platform.ts";
import type { ErasedFromClass } from "./privacy/erase.ts";
import type { ClassSettings } from "./settings.ts";
import { captureFor } from "../test-capture/capture-for.ts";

/** A class as a Durable Object: hands over what the platform brings, and decides nothing. */
export class Classroom extends DurableObject<ClassroomEnv> {
  readonly #class: ClassObject;

  /** @param verify tells who holds a token: the worker's knowledge, which makes them */
  constructor(ctx: DurableObjectState, env: ClassroomEnv, verify: ClassPlatform["verify"]) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(pingText, pongText));
    this.#class = new ClassObject({
      storage: ctx.storage,
      now: () => Date.now(),
      random: () => Math.random(),
      newId: () => crypto.randomUUID(),
      after,
      nextTurn: () => scheduler.wait(0),
      sockets: (tag) => ctx.getWebSockets(tag),
      keepAlive: (work) => ctx.waitUntil(work),
      abort: (reason) => ctx.abort(reason),
      sinks: (classId) => createSinks(env, classId),
      capture: (classId, events) => captureFor(env, classId, events, report),
      verify,
      report,
    });
  }

  configure(settings: ClassSettings): void {
    this.#class.configure(settings);
  }

  /** Keeps nothing of the class. Harmless to repeat. */
  async remove(): Promise<void> {
    this.#class.leave();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  ingest(claims: ClassClaims, batch: Batch): Promise<Result<Recorded>> {
    return this.#class.ingest(claims, batch);
  }

  act(actor: Actor, action: ClassAction): Promise<Result<ActionAnswer>> {
    return this.#class.helpDesk.act(actor, action);
  }

  helpRequests(actor: Actor): Result<HelpRequest[]> {
    return this.#class.helpDesk.requests(actor);
  }

  notify(claims: ClassClaims, studentId: string, notification: StudentNotification): Result<boolean> {
    return this.#class.helpDesk.notify(claims, studentId, notification);
  }

  erase(studentId: string): Promise<Result<ErasedFromClass>> {
    return this.#class.erase(studentId);
  }

  check(claims: ClassClaims): Result<true> {
    return this.#class.check(claims);
  }

  completeness(claims: ClassClaims, page: Page): Result<Completeness> {
    return this.#class.completeness(claims, page);
  }

  deadLetters(claims: ClassClaims, query: DeadLetterQuery): Result<DeadLetterPage> {
    return this.#class.deadLetters(claims, query);
  }

  replayDeadLetters(claims: ClassClaims, choice: ReplayRequest): Promise<Result<ReplayResponse>> {
    return this.#class.replayDeadLetters(claims, choice);
  }

  override fetch(request: Request): Response {
    const opening = this.#class.open(request);
    if (!opening.ok) return refusalResponse(opening.refusal);
    const { tags, attachment, headers } = opening.value;
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [...tags]);
    server.serializeAttachment(attachment);
    this.#class.opened(server, opening.value);
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#class.received(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    // A peer that gives no code is answered with none of the codes that stand for that, which must not be sent.
    closeQuietly(socket, code >= 3000 || code === 1001 ? code : 1000, reason);
    this.#class.closed(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#class.closed(socket);
  }

  override alarm(): Promise<void> {
    return this.#class.alarm();
  }
}

function report(message: string, details: Record<string, unknown>): void {
  console.warn(JSON.stringify({ message, ...details }));
}

function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
