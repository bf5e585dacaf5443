import { type Entity, limits, type PatchFrame, type SnapshotFrame } from "@cell-monitor/protocol";
import type { LiveHolder } from "../../durable-objects/src/classroom/live/holder.ts";
import type { Connection } from "./connection.ts";
import type { Network } from "./network.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

type DataFrame = SnapshotFrame | PatchFrame;

/** What a dashboard shows, by the rules of the protocol and no others. */
export class View {
  readonly entities = new Map<string, Entity>();
  epoch: string | undefined;
  to = 0;

  /** False: something is missing in between. */
  apply(frame: DataFrame): boolean {
    if (frame.type === "patch" && frame.epoch !== this.epoch) return false;
    if (frame.type === "snapshot") {
      // Runs come to followers only: a snapshot's silence about them says nothing.
      for (const [key, { kind }] of this.entities) if (kind !== "run") this.entities.delete(key);
    }
    for (const entity of frame.entities) this.#put(entity);
    if (frame.type === "patch" && frame.from > this.to) return false;
    this.epoch = frame.epoch;
    this.to = frame.type === "snapshot" ? frame.to : Math.max(frame.to, this.to);
    return true;
  }

  #put(entity: Entity): void {
    const key = `${entity.kind} ${entity.id}`;
    const known = this.entities.get(key);
    if (known && entity.version < known.version) return;
    if (entity.kind === "lesson" && entity.data) this.#forgetOtherScopes(entity.data.scope);
    this.entities.set(key, entity);
  }

  #forgetOtherScopes(scope: string): void {
    for (const [key, { kind, id }] of this.entities) {
      if ((kind === "cell" || kind === "error") && !id.startsWith(`${scope}/`)) this.entities.delete(key);
    }
  }
}

/** Somebody who watches: keeps up or doesn't, drops off and comes back. */
export class Dashboard {
  readonly view = new View();
  readonly #world: World;
  readonly #network: Network;
  readonly #random: Random;
  readonly #name: string;
  #connection: Connection | undefined;
  #isConnecting = false;
  #unseen = 0;
  followed: string[] = [];
  isLazy = false;
  isAway = false;

  constructor(world: World, network: Network, name: string) {
    this.#world = world;
    this.#network = network;
    this.#name = name;
    this.#random = world.random(`dashboard ${name}`);
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  connect(): void {
    if (this.#connection || this.#isConnecting || this.isAway) return;
    this.#isConnecting = true;
    const { epoch, to } = this.view;
    const query = epoch === undefined ? "" : `?epoch=${encodeURIComponent(epoch)}&to=${to}`;
    let isOver = false;
    this.#network.connect(
      holderOf("instructor", this.#world.now()),
      query,
      {
        message: (text) => {
          if (!isOver) this.#heard(JSON.parse(text));
        },
        close: () => {
          if (isOver) return;
          isOver = true;
          this.#isConnecting = false;
          this.#connection = undefined;
          this.#world.after(this.#random.between(0, 3_000), () => this.connect());
        },
      },
      (connection) => {
        this.#isConnecting = false;
        this.#unseen = 0;
        if (this.isAway) {
          isOver = true;
          return connection.closeFromClient();
        }
        this.#connection = connection;
        if (this.followed.length > 0) this.#subscribe();
      },
    );
  }

  leave(): void {
    this.isAway = true;
    this.#connection?.cut(0, this.#random.between(0, 60_000));
  }

  comeBack(): void {
    this.isAway = false;
    this.connect();
  }

  follow(students: readonly string[]): void {
    this.followed = [...students];
    this.#subscribe();
  }

  /** What a dashboard says that has shown everything. */
  seeAll(): void {
    this.#unseen = 0;
    const { epoch, to } = this.view;
    if (epoch !== undefined) this.#say({ type: "seen", epoch, to });
  }

  #subscribe(): void {
    this.#say({ type: "subscribe", students: this.followed });
  }

  #say(command: object): void {
    this.#connection?.send(JSON.stringify(command));
  }

  #heard(frame: DataFrame | { type: "error" | "alert" }): void {
    if (frame.type !== "snapshot" && frame.type !== "patch") return;
    const { view } = this;
    const known = view.to;
    this.#world.note(`${this.#name} gets ${frame.type} to ${frame.to}`);
    if (frame.epoch === view.epoch && frame.to < known) {
      this.#world.broken(`${this.#name} was at ${known} and is sent ${frame.type} to ${frame.to}`);
    }
    if (!view.apply(frame)) {
      const from = frame.type === "patch" ? frame.from : 0;
      this.#world.broken(`${this.#name} is at ${known} and is sent a patch from ${from}`);
    }
    this.#unseen += 1;
    // Whoever was woken meanwhile has forgotten what is on its way: twice the bound is the most.
    if (this.#unseen > 2 * limits.unseenFrames + 2 && this.isLazy) {
      this.#world.note(`${this.#name} has ${this.#unseen} unseen frames`);
    }
    if (this.isLazy) return;
    this.#world.after(this.#random.between(0, 300), () => this.seeAll());
  }
}

export function holderOf(role: "instructor" | "student", nowMs: number, subject = "teacher"): LiveHolder {
  const day = 24 * 60 * 60 * 1000;
  return { role, subject, keyVersion: 1, issuedMs: nowMs, expiresMs: nowMs + 30 * day };
}
