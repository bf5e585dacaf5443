import type { Result, StampedEvent } from "@cell-monitor/protocol";
import type { Sink } from "../sinks/sink.ts";
import type { Captured } from "../test-capture/captures.ts";
import type { LiveHolder } from "./live/holder.ts";
import type { Socket } from "./live/socket.ts";

/** The part of a Durable Object's storage that a class uses. */
export type ClassStorage = Pick<
  DurableObjectStorage,
  "sql" | "transactionSync" | "sync" | "getAlarm" | "setAlarm" | "deleteAlarm"
>;

/** All that a class needs of the world; a Durable Object in production, a simulation in tests. */
export interface ClassPlatform {
  readonly storage: ClassStorage;
  /** Unix ms. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  newId(): string;
  /** Calls back once after a delay; answers how to call it off. */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves after the messages that have already arrived have been handed over. */
  nextTurn(): Promise<void>;
  /** Open connections that bear a tag. */
  sockets(tag: string): readonly Socket[];
  /** Work that goes on after the call which began it was answered. */
  keepAlive(work: Promise<unknown>): void;
  /** Ends this instance: the next call meets one that starts over from the disk. */
  abort(reason: string): void;
  /** The stores of the deployment, for one class. */
  sinks(classId: string): readonly Sink[];
  /** Hands events of tests to the capture of their class. */
  capture(classId: string, events: readonly StampedEvent[]): Promise<Result<Captured>>;
  /** Who holds a token, as far as this class is concerned. */
  verify(token: string, classId: string): Promise<Result<LiveHolder>>;
  report(message: string, details: Record<string, unknown>): void;
}
