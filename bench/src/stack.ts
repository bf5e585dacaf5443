import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { studentCredentialSchema } from "@cell-monitor/protocol";
import * as v from "valibot";

const root = fileURLToPath(new URL("../..", import.meta.url));

const announcementSchema = v.object({
  url: v.string(),
  classId: v.string(),
  classKey: v.string(),
  instructorToken: v.string(),
});

export interface Stack extends v.InferOutput<typeof announcementSchema>, AsyncDisposable {
  /** The process that runs the worker and its objects. */
  readonly workerPid: number;
}

/** The whole system in processes of its own, without simulated students. It ends with this process at the latest. */
export async function startStack(databaseUrl?: string): Promise<Stack> {
  const dataDir = mkdtempSync(join(tmpdir(), "cell-monitor-bench-"));
  const args = ["local/src/main.ts", "--json", "--no-demo", "--port", "0", "--data", dataDir];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = (): void => void child.kill("SIGTERM");
  process.once("exit", end);
  const close = async (): Promise<void> => {
    process.off("exit", end);
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, "exit");
      end();
      await exit;
    }
    rmSync(dataDir, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const announcement = v.parse(announcementSchema, JSON.parse(line));
    const workerPid = Number(readFileSync(join(dataDir, "run", "workerd.pid"), "utf8"));
    return { ...announcement, workerPid, [Symbol.asyncDispose]: close };
  }
  await close();
  throw new Error("The stack ended before it was ready.");
}

export interface Student {
  readonly id: string;
  readonly token: string;
}

const mintsAtOnce = 8;

/** Students of the stack's class, each with a token as a Hub would mint it. */
export async function mintStudents({ url, classKey }: Stack, count: number): Promise<Student[]> {
  const students: Student[] = [];
  const indices = Array.from({ length: count }, (_, index) => index).values();
  const work = async (): Promise<void> => {
    for (const index of indices) {
      const response = await fetch(`${url}/api/v1/auth/student-credential`, {
        method: "POST",
        headers: { authorization: `Bearer ${classKey}`, "content-type": "application/json" },
        body: JSON.stringify({ userId: `student-${index}@example.org`, userName: `Student ${index}` }),
      });
      const { studentId, token } = v.parse(studentCredentialSchema, await response.json());
      students[index] = { id: studentId, token };
    }
  };
  await Promise.all(Array.from({ length: mintsAtOnce }, work));
  return students;
}
