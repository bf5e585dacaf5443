/** A gateway in a process of its own, for tests that kill it: prints its addresses and runs until it is ended. */
import { startGateway } from "../src/index.ts";
import { PASSWORD, TOKEN } from "./gateways.ts";

const [dataDir] = process.argv.slice(2);
const { databaseUrl, influxUrl } = await startGateway({
  port: 0,
  dataDir,
  postgresPassword: PASSWORD,
  influxToken: TOKEN,
  log: (event) => process.stderr.write(`${event}\n`),
});
process.stdout.write(`${JSON.stringify({ databaseUrl, influxUrl })}\n`);
