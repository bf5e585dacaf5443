import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type Ack, ackSchema, type Batch } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Classroom } from "../../../src/classroom/classroom.ts";
import type { ClassClaims } from "../../../src/classroom/claims.ts";
import type { ClassSettings } from "../../../src/classroom/settings.ts";

declare module "cloudflare:workers" {
  namespace Cloudflare {
    interface Env {
      CLASSROOM: DurableObjectNamespace<Classroom>;
    }
  }
}

export type ClassStub = DurableObjectStub<Classroom>;

export function settingsOf(changes: Partial<ClassSettings> = {}): ClassSettings {
  return {
    classId: "0192aaaa-0000-7000-8000-000000000001",
    version: 1,
    name: "Statistics",
    code: "ST-1",
    captureLevel: "code",
    keyVersion: 1,
    revokedBefore: {},
    sections: {},
    endsMs: {},
    retentionDays: 180,
    stuckAfterErrors: 3,
    idleAfterMs: 300_000,
    ...changes,
  };
}

export function claimsOf(changes: Partial<ClassClaims> = {}): ClassClaims {
  const nowMs = Date.now();
  return { subject: "somebody", keyVersion: 1, issuedMs: nowMs, expiresMs: nowMs + 60_000, ...changes };
}

/** A class of its own for every test. */
export async function newClass(changes: Partial<ClassSettings> = {}): Promise<ClassStub> {
  const stub = env.CLASSROOM.getByName(crypto.randomUUID());
  await stub.configure(settingsOf(changes));
  return stub;
}

/** Hands a batch in and answers the ack; a refusal fails the test. */
export async function send(stub: ClassStub, batch: Batch): Promise<Ack> {
  const answer = await stub.ingest(claimsOf(), batch);
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return v.parse(ackSchema, answer.value);
}

/** The class as it is after it gave itself up: a stub that saw that happen is of no more use. */
export function again(stub: ClassStub): ClassStub {
  return env.CLASSROOM.get(stub.id);
}

/** Asks the class's storage. */
export function query<Row extends Record<string, SqlStorageValue>>(
  stub: ClassStub,
  sql: string,
): Promise<Row[]> {
  return runInDurableObject(stub, (_, { storage }) => storage.sql.exec<Row>(sql).toArray());
}

export async function logTables(stub: ClassStub): Promise<string[]> {
  const rows = await query<{ name: string }>(
    stub,
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'log\\_%' ESCAPE '\\' ORDER BY name",
  );
  return rows.map(({ name }) => name);
}

/** All rows of the log, oldest first. */
export async function logRows(stub: ClassStub): Promise<{ first: number; last: number; body: string }[]> {
  const rows = await Promise.all(
    (await logTables(stub)).map((table) =>
      query<{ first: number; last: number; body: string }>(
        stub,
        `SELECT first, last, body FROM ${table} ORDER BY first`,
      ),
    ),
  );
  return rows.flat();
}

export function alarmMs(stub: ClassStub): Promise<number | null> {
  return runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
}
