import { accept, refuse, type Result } from "@cell-monitor/protocol";
import { ClassObject } from "../../durable-objects/src/classroom/class-object.ts";
import type { LiveHolder } from "../../durable-objects/src/classroom/live/holder.ts";
import type { Opening } from "../../durable-objects/src/classroom/live/open-live.ts";
import { liveHolderHeader } from "../../durable-objects/src/classroom/live/open-live.ts";
import type { Sink } from "../../durable-objects/src/sinks/sink.ts";
import { Connection, type Ears, ServerSocket, type Wire } from "./connection.ts";
import type { Disk } from "./disk.ts";
import { Crash, DiskError, Instance, isInjected, Reset, stackOf } from "./instance.ts";
import { calm } from "./machine-faults.ts";
import { PlatformAlarm } from "./platform-alarm.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

export interface HostOptions {
  readonly world: World;
  readonly disk: Disk;
  readonly sinks: (
    instance: { readonly isAlive: boolean },
    gate: (send: () => void) => void,
  ) => readonly Sink[];
  /** Called when something has become durable. */
  readonly flushed: () => void;
}

/** The platform under one class: instances, output gate, sockets and the alarm. */
export class Host {
  readonly #world: World;
  readonly #disk: Disk;
  readonly #options: HostOptions;
  readonly #random: Random;
  faults = calm;
  #instance: Instance | undefined;
  #held: (() => void)[] = [];
  #syncing: (() => void)[] = [];
  #isFlushDue = false;
  #crashIn = Number.POSITIVE_INFINITY;
  #connections: Connection[] = [];
  #connectionIds = 0;
  readonly #present = new Map<string, number>();
  readonly #alarm: PlatformAlarm;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#world = options.world;
    this.#disk = options.disk;
    this.#random = options.world.random("host");
    this.#alarm = new PlatformAlarm({
      world: this.#world,
      disk: this.#disk,
      random: this.#random,
      faults: () => this.faults,
      wake: () => this.#wake(),
      flushLater: () => this.#flushLater(),
    });
  }

  get timers(): number {
    return this.#instance?.timers.size ?? 0;
  }

  /** Whether the platform ever gave up an alarm. */
  get isAlarmLost(): boolean {
    return this.#alarm.isLost;
  }

  /** Whether something is under way that may still arm the alarm, or write. */
  get isBusy(): boolean {
    return (this.#instance?.busy ?? 0) > 0 || this.#disk.isDirty || this.#alarm.isRunning;
  }

  /** When a student was last connected, Unix ms. */
  presentMs(studentId: string): number {
    const isConnected = this.#connections.some(({ holder, isClosing }) => holder === studentId && !isClosing);
    return isConnected ? this.#world.now() : (this.#present.get(studentId) ?? 0);
  }

  #notePresent(studentId: string): void {
    this.#present.set(studentId, this.#world.now());
  }

  // --- What comes from outside ---

  /** A call of the worker. Rejects when the instance ends under it. */
  call<T>(name: string, work: (object: ClassObject) => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const instance = this.#wake();
      if (!instance?.object) return reject(new Reset("The class could not be woken."));
      const { object } = instance;
      const fail = () => reject(new Reset("The class was reset."));
      instance.fail.add(fail);
      instance.busy += 1;
      const done = (output: () => void) => {
        if (!instance.isAlive) return;
        this.#gate(instance, () => {
          instance.fail.delete(fail);
          output();
        });
        instance.busy -= 1;
      };
      new Promise<T>((begun) => begun(work(object))).then(
        (value) => done(() => resolve(value)),
        (error: unknown) => {
          this.#world.note(`${name} threw: ${String(error)}`);
          done(() => reject(error instanceof Error ? error : new Error(String(error))));
        },
      );
      this.#flushLater();
    });
  }

  /** An upgrade that the worker let through. */
  async open(holder: LiveHolder, query: string, wire: Wire, ears: Ears): Promise<Result<Connection>> {
    return this.call("open", (object): Result<Connection> => {
      const instance = this.#instance;
      const headers = { upgrade: "websocket", [liveHolderHeader]: JSON.stringify(holder) };
      const opening: Result<Opening> = object.open(new Request(`https://class/live${query}`, { headers }));
      if (!opening.ok || !instance) return opening.ok ? refuse("unavailable", "") : opening;
      const { tags, attachment } = opening.value;
      this.#connectionIds += 1;
      const connection = new Connection(this.#world, this.#connectionIds, holder.subject, tags, wire, ears, {
        received: (from, text) => this.#received(from, text),
        closed: (from) => this.#closed(from),
      });
      connection.attachment = attachment;
      this.#world.note(`connection ${connection.id} of ${holder.subject} opens`);
      this.#connections.push(connection);
      object.opened(this.#socketOf(instance, connection), opening.value);
      connection.isEstablished = true;
      return accept(connection);
    });
  }

  // --- What befalls it ---

  /** Ends the instance and with it all that is not durable. */
  crash(reason: string, closeCode = 1006): void {
    const instance = this.#instance;
    this.#world.note(`class ends: ${reason}`);
    this.#crashIn = Number.POSITIVE_INFINITY;
    this.#disk.rollBack();
    this.#held = [];
    this.#syncing = [];
    if (instance) {
      instance.isAlive = false;
      this.#instance = undefined;
      for (const cancel of instance.timers) cancel();
      for (const fail of instance.fail) fail();
    }
    for (const connection of this.#connections) {
      if (connection.isEstablished && !connection.isClosing) this.#notePresent(connection.holder);
      connection.drop(closeCode);
    }
    this.#connections = [];
    this.#alarm.crashed();
  }

  /** Ends it in the middle of what it does, after that many operations of its storage. */
  crashAfter(operations: number): void {
    this.#crashIn = operations;
  }

  /** Another version takes over: what was written is kept, sockets are closed. */
  deploy(): void {
    this.flush();
    this.crash("deploy", 1012);
  }

  /** Out of memory with it, where nothing keeps it there; its sockets stay. */
  hibernate(): boolean {
    if (!this.#instance || this.isBusy || this.#instance.timers.size > 0) return false;
    this.#world.note("class sleeps");
    this.#instance.isAlive = false;
    this.#instance = undefined;
    return true;
  }

  /** As after too many failures: what it was set for is still to be done. */
  loseAlarm(): void {
    this.#alarm.lose();
  }

  cutSome(probability: number): void {
    for (const connection of this.#connections) {
      if (!this.#random.chance(probability)) continue;
      this.#world.note(`connection ${connection.id} breaks`);
      connection.cut(this.#random.between(0, 3_000), this.#random.between(0, 90_000));
    }
  }

  /** Makes all that is written durable and lets out what waited for it. */
  flush(): void {
    this.#isFlushDue = false;
    if (!this.#disk.isDirty && this.#held.length === 0 && this.#syncing.length === 0) return;
    // What a failing disk may have swallowed must not be told of.
    if (this.#instance?.isDoomed) return this.crash("disk failed");
    this.#disk.commit();
    this.#options.flushed();
    this.#alarm.schedule();
    const [held, syncing] = [this.#held, this.#syncing];
    this.#held = [];
    this.#syncing = [];
    for (const output of held) output();
    for (const resolve of syncing) resolve();
  }

  // --- Inside ---

  #wake(): Instance | undefined {
    if (this.#instance) return this.#instance;
    const instance = new Instance(this.#world);
    this.#instance = instance;
    this.#world.note("class wakes");
    try {
      instance.object = this.#make(instance);
    } catch (error) {
      if (instance.isAlive && !isInjected(error)) this.#world.broken(`waking threw: ${stackOf(error)}`);
      if (instance.isAlive) this.crash("could not be woken");
      return undefined;
    }
    this.#flushLater();
    // It may have ended under its own first reads and writes.
    return instance.isAlive ? instance : undefined;
  }

  #make(instance: Instance): ClassObject {
    const world = this.#world;
    const gate = (output: () => void) => this.#gate(instance, output);
    return new ClassObject({
      storage: this.#disk.storage({
        beforeOperation: (operation) => this.#beforeOperation(instance, operation),
        sync: () => this.#sync(instance),
      }),
      now: world.now,
      random: this.#random.next,
      newId: world.newId,
      after: (delayMs, callback) => instance.after(delayMs, callback),
      nextTurn: () => new Promise((resolve) => instance.after(this.#random.between(0, 2), resolve)),
      sockets: (tag) =>
        this.#connections
          .filter((connection) => connection.isListed && connection.tags.includes(tag))
          .map((connection) => this.#socketOf(instance, connection)),
      keepAlive: (work) => instance.keepAlive(work),
      abort: (reason) => this.#abort(instance, reason),
      sinks: () => this.#options.sinks(instance, gate),
      capture: async () => refuse("unavailable", "Nothing is tested here."),
      verify: async (token) => accept(JSON.parse(token)),
      report: (message, details) => {
        if (instance.isAlive) world.note(`reports ${message} ${JSON.stringify(details)}`);
      },
    });
  }

  #gate(instance: Instance, output: () => void): void {
    if (!instance.isAlive) return;
    if (this.#disk.isDirty || this.#held.length > 0) this.#held.push(output);
    else output();
  }

  #sync(instance: Instance): Promise<void> {
    if (!this.#disk.isDirty) return Promise.resolve();
    return new Promise((resolve) => {
      if (instance.isAlive) this.#syncing.push(resolve);
    });
  }

  /** What a turn has written is made durable after it, sooner or later. */
  #flushLater(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    const isSlow = this.#random.chance(this.faults.slowDisk);
    const delayMs = isSlow ? this.#random.between(5, 2_000) : this.#random.between(0, 1);
    this.#world.after(delayMs, () => {
      if (this.#isFlushDue) this.flush();
    });
  }

  #beforeOperation(instance: Instance, operation: string): void {
    if (!instance.isAlive) throw new Crash("It is no more.");
    this.#flushLater();
    this.#crashIn -= 1;
    if (this.#crashIn < 0) {
      this.crash(`crash before ${operation.trim().slice(0, 40)}`);
      throw new Crash("It is no more.");
    }
    if (this.faults.diskError > 0 && this.#random.chance(this.faults.diskError)) {
      this.#world.note(`disk refuses ${operation.trim().slice(0, 40)}`);
      // The platform may end the object for it, or leave that to the object.
      instance.isDoomed = this.#random.chance(0.5);
      throw new DiskError("disk I/O error");
    }
  }

  /** What it had written before may or may not have reached the disk. */
  #abort(instance: Instance, reason: string): void {
    if (!instance.isAlive) return;
    if (!instance.isDoomed && this.#random.chance(0.5)) {
      this.#held = [];
      this.#syncing = [];
      this.#disk.commit();
      this.#options.flushed();
    }
    this.crash(`aborts: ${reason}`);
  }

  #socketOf(instance: Instance, connection: Connection): ServerSocket {
    let socket = instance.sockets.get(connection);
    if (!socket) {
      const hand = {
        get isAlive() {
          return instance.isAlive;
        },
        gate: (output: () => void) => this.#gate(instance, output),
      };
      socket = new ServerSocket(connection, hand);
      instance.sockets.set(connection, socket);
    }
    return socket;
  }

  #received(connection: Connection, text: string): void {
    const instance = this.#wake();
    if (!instance?.object) return;
    const { object } = instance;
    instance.inside("a frame", () => object.received(this.#socketOf(instance, connection), text));
    this.#flushLater();
  }

  #closed(connection: Connection): void {
    this.#world.note(`connection ${connection.id} is closed`);
    const instance = this.#wake();
    const isListedLonger = this.#random.chance(0.5);
    if (!isListedLonger) connection.isListed = false;
    if (instance?.object) {
      const { object } = instance;
      instance.inside("a close", () => object.closed(this.#socketOf(instance, connection)));
    }
    connection.isListed = false;
    if (!connection.isClosing) this.#notePresent(connection.holder);
    this.#connections = this.#connections.filter((other) => other !== connection);
    this.#flushLater();
  }
}
