// Runs the gateway with its stores in a process of its own, so that they don't hold up what measures. Prints their
// addresses, and ends when its standard input does.
import { fileURLToPath } from "node:url";
import { startGateway } from "@cell-monitor/gateway";

const migrations = fileURLToPath(new URL("../../../migrations", import.meta.url));
const { GATEWAY_PASSWORD = "", GATEWAY_TOKEN = "", BENCH_DATABASE_URL } = process.env;

const gateway = await startGateway({
  port: 0,
  databaseUrl: BENCH_DATABASE_URL,
  postgresPassword: GATEWAY_PASSWORD,
  influxToken: GATEWAY_TOKEN,
  log: () => undefined,
});
await gateway.migrate(migrations);
const { databaseUrl, sqlUrl, influxUrl } = gateway;
process.stdout.write(`${JSON.stringify({ databaseUrl, sqlUrl, influxUrl })}\n`);
process.stdin.resume().on("end", () => void gateway.close());
