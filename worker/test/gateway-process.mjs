// A gateway with an empty database, for as long as the process that started this one holds its stdin open. A process of
// its own: the suite's runner resolves modules in a way that PGlite's files are not found by.
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { startGateway } from "@cell-monitor/gateway";

const secret = () => randomBytes(32).toString("hex");
const gateway = await startGateway({
  port: 0,
  postgresPassword: secret(),
  influxToken: secret(),
  log: (event, details) => process.stderr.write(`${JSON.stringify({ event, ...details })}\n`),
});
await gateway.migrate(fileURLToPath(new URL("../../migrations", import.meta.url)));
const { databaseUrl, sqlUrl } = gateway;
process.stdout.write(`${JSON.stringify({ databaseUrl, sqlUrl })}\n`);
for await (const _ of process.stdin);
await gateway.close();
