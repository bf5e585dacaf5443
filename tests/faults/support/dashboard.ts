import { type Entity, instructorFrameSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { LiveConnection } from "./live.ts";
import type { TestClass } from "./test-class.ts";

/** A dashboard: applies what it is sent, says what it has seen, and goes on from there on the next connection. */
export class Dashboard implements Disposable {
  readonly #entities = new Map<string, Entity>();
  readonly #connection: LiveConnection;
  #point: { readonly epoch: string; readonly to: number } | undefined;
  /** Times when frames came, Unix ms. */
  readonly frameTimesMs: number[] = [];
  readonly kinds: string[] = [];
  /** Frames that did not follow on what had been seen. */
  readonly gaps: string[] = [];

  private constructor(made: TestClass, token: string) {
    const search = (): string => (this.#point ? `?epoch=${this.#point.epoch}&to=${this.#point.to}` : "");
    this.#connection = new LiveConnection(made, token, search, {
      open: () => {},
      message: (text) => this.#receive(text),
    });
  }

  static async open(made: TestClass): Promise<Dashboard> {
    return new Dashboard(made, await made.instructorToken());
  }

  /** The version up to which all is shown. */
  get version(): number {
    return this.#point?.to ?? -1;
  }

  get connections(): number {
    return this.#connection.opened;
  }

  /** What is shown of students and their notebooks. */
  get shown(): readonly Entity[] {
    return [...this.#entities.values()]
      .filter(({ kind }) => kind === "student" || kind === "notebook")
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Runs of all students together. */
  get runs(): number {
    return this.shown.reduce((sum, each) => sum + (each.kind === "student" ? (each.data?.runs ?? 0) : 0), 0);
  }

  sink(name: string) {
    const entity = this.#entities.get(`sink ${name}`);
    return entity?.kind === "sink" ? entity.data : undefined;
  }

  leave(): void {
    this.#connection.leave();
  }

  comeBack(): void {
    this.#connection.again();
  }

  [Symbol.dispose](): void {
    this.#connection.leave();
  }

  #receive(text: string): void {
    const frame = v.parse(instructorFrameSchema, JSON.parse(text));
    if (frame.type === "error") throw new Error(frame.message);
    if (frame.type === "done") return;
    this.frameTimesMs.push(Date.now());
    this.kinds.push(frame.type);
    if (frame.type === "snapshot") this.#entities.clear();
    else if (frame.epoch !== this.#point?.epoch || frame.from > this.#point.to) {
      this.gaps.push(`${frame.from} after ${this.#point?.to}`);
    }
    for (const entity of frame.entities) {
      const key = `${entity.kind} ${entity.id}`;
      const known = this.#entities.get(key);
      if (known && known.version > entity.version) continue;
      if (entity.data === null) this.#entities.delete(key);
      else this.#entities.set(key, entity);
    }
    const to = frame.type === "snapshot" ? frame.to : Math.max(frame.to, this.#point?.to ?? 0);
    this.#point = { epoch: frame.epoch, to };
    this.#connection.send({ type: "seen", ...this.#point });
  }
}
