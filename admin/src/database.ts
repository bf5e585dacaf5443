import { Client } from "pg";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

const connectWithinMs = 10_000;

/** Does something on one session of a database. The address is never repeated: it holds the password. */
export async function withDatabase<T>(
  text: string | undefined,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "postgres:" && url?.protocol !== "postgresql:") {
    const message =
      "Which database? Set DATABASE_URL or give --database-url: postgres://user:password@host/database.";
    throw new Failure(exitCodes.usage, "usage", message);
  }
  const client = new Client({ connectionString: url.href, connectionTimeoutMillis: connectWithinMs });
  // A connection that breaks fails the query under way, which is where it is reported.
  client.on("error", () => undefined);
  await client.connect().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new Failure(
      exitCodes.unavailable,
      "unreachable",
      `The database at ${url.host} does not answer: ${reason}`,
    );
  });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
