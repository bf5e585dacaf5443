import { randomUUID } from "node:crypto";
import {
  bearerSchema,
  classResponseSchema,
  completenessSchema,
  type EventsAnswer,
  eventsAnswerSchema,
  instructorResponseSchema,
  replayResponseSchema,
  studentTokenSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { Refused, type System } from "./system.ts";

export type SentEvent = Readonly<Record<string, unknown>> & { readonly eventId: string };

/** A class of its own for a test, made and asked over the public API; every call is made until it is answered. */
export class TestClass {
  readonly system: System;
  readonly id: string;
  readonly #adminToken: string;

  private constructor(system: System, id: string, adminToken: string) {
    this.system = system;
    this.id = id;
    this.#adminToken = adminToken;
  }

  static async make(system: System): Promise<TestClass> {
    const { adminKey } = system;
    const { token } = await call(system, bearerSchema, "/auth/admin-token", { body: { adminKey } });
    const class_code = `c-${randomUUID()}`;
    const body = { name: "Faults", class_code, capture_level: "code" };
    try {
      const { id } = await call(system, classResponseSchema, "/classes", { token, body });
      return new TestClass(system, id, token);
    } catch (error) {
      // It was made by a request that got no answer.
      if (!(error instanceof Refused && error.status === 409)) throw error;
      const [row] = await system.gateway.query("SELECT id FROM classes WHERE class_code = $1", [class_code]);
      return new TestClass(system, v.parse(v.string(), row?.["id"]), token);
    }
  }

  async studentToken(userId = "ada@example.org"): Promise<string> {
    const body = { user_id: userId };
    return (await this.#call(studentTokenSchema, "/student-tokens", body)).token;
  }

  async instructorToken(): Promise<string> {
    const person = { email: "teacher@example.org", name: "Teacher" };
    const { id } = await this.#call(instructorResponseSchema, "/instructors", person);
    return (await this.#call(bearerSchema, "/instructor-tokens", { instructor_id: id })).token;
  }

  /** Sends a batch until it is answered, as it is. */
  send(token: string, events: readonly SentEvent[]): Promise<EventsAnswer> {
    const body = { v: 1, sentAt: new Date().toISOString(), events };
    return call(this.system, eventsAnswerSchema, "/events", { token, body });
  }

  async totals() {
    return (await this.#call(completenessSchema, "/completeness")).totals;
  }

  /** Offers all dead letters to their stores again. */
  replay() {
    return this.#call(replayResponseSchema, "/dead-letters/replay", {});
  }

  #call<Schema extends v.GenericSchema>(
    schema: Schema,
    path: string,
    body?: object,
  ): Promise<v.InferOutput<Schema>> {
    return call(this.system, schema, `/classes/${this.id}${path}`, {
      token: this.#adminToken,
      ...(body && { body }),
    });
  }
}

function call<Schema extends v.GenericSchema>(
  system: System,
  schema: Schema,
  path: string,
  { token, body }: { readonly token?: string; readonly body?: object },
): Promise<v.InferOutput<Schema>> {
  return system.insist(async () => {
    const response = await fetch(`${system.url}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    if (!response.ok) throw new Refused(response.status, await response.text());
    return v.parse(schema, await response.json());
  });
}

/** A student's page and what is done on it: runs of cells, and puzzles, which end in a table of their own. */
export class Page {
  readonly sessionId: string;
  readonly sent: SentEvent[] = [];
  #drafts = 0;

  constructor(sessionId: string = randomUUID()) {
    this.sessionId = sessionId;
  }

  /** How many of them are runs. */
  get runs(): number {
    return runsAmong(this.sent);
  }

  /** The next events of the page, numbered. */
  next(count: number, fields: object = {}): readonly SentEvent[] {
    return Array.from({ length: count }, () => {
      const event = {
        eventId: randomUUID(),
        eventTime: new Date().toISOString(),
        sessionId: this.sessionId,
        sequence: this.sent.length + 1,
        ...this.draft(),
        ...fields,
      };
      this.sent.push(event);
      return event;
    });
  }

  /** What is done next, without what a queue adds. */
  draft() {
    this.#drafts += 1;
    const number = this.#drafts;
    if (number % 3 === 0) return { eventType: "puzzle_tried", passed: number, total: number + 1 };
    return {
      eventType: "cell_execution_complete",
      notebookPath: "lesson.ipynb",
      cellId: `cell-${number % 7}`,
      cellIndex: number % 7,
      cellType: "code" as const,
      executionId: `${this.sessionId}-${number}`,
      status: "ok" as const,
      executionDurationMs: 20,
      executionCount: number,
    };
  }
}

export function runsAmong(events: readonly SentEvent[]): number {
  return events.filter(({ eventType }) => eventType === "cell_execution_complete").length;
}
