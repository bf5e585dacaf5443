import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as v from "valibot";

const script = fileURLToPath(new URL("stores-process.ts", import.meta.url));
const addressesSchema = v.object({ databaseUrl: v.string(), sqlUrl: v.string(), influxUrl: v.string() });

export interface Stores extends v.InferOutput<typeof addressesSchema>, AsyncDisposable {
  readonly pid: number;
}

/** The stores behind the gateway; the embedded database without a URL. They end with this process at the latest. */
export async function startStores(
  secrets: { readonly password: string; readonly influxToken: string },
  databaseUrl?: string,
): Promise<Stores> {
  const child = spawn(process.execPath, [script], {
    env: {
      ...process.env,
      GATEWAY_PASSWORD: secrets.password,
      GATEWAY_TOKEN: secrets.influxToken,
      ...(databaseUrl !== undefined && { BENCH_DATABASE_URL: databaseUrl }),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const addresses = v.parse(addressesSchema, JSON.parse(line));
    return {
      ...addresses,
      pid: child.pid ?? 0,
      [Symbol.asyncDispose]: async () => {
        if (child.exitCode !== null) return;
        const exit = once(child, "exit");
        child.stdin.end();
        await exit;
      },
    };
  }
  throw new Error("The stores ended before they were ready.");
}
