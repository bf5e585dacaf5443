import type * as workers from "@cloudflare/workers-types";

// The class names these types of the platform; all else that it uses of the world is what Node has too.
declare global {
  type DurableObjectStorage = workers.DurableObjectStorage;
  type SqlStorage = workers.SqlStorage;
  type SqlStorageValue = workers.SqlStorageValue;
}
