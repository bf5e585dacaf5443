import * as protocol from "@cell-monitor/protocol";
import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";
import type { JsonSchema } from "./types.ts";

const named: ReadonlyMap<unknown, string> = new Map(
  Object.entries(protocol)
    .filter(([name]) => name.endsWith("Schema"))
    .map(([name, schema]) => [schema, name.charAt(0).toUpperCase() + name.slice(1, -"Schema".length)]),
);

/** Schemas of one direction: what is sent is described as it comes in, what is answered as it goes out. */
export class Schemas {
  readonly #named = new Map<string, v.GenericSchema>();
  readonly #config: ConversionConfig;

  readonly #suffix: string;

  /** @param suffix of its names, lest they meet those of the other direction */
  constructor(typeMode: "input" | "output", suffix = "") {
    this.#suffix = suffix;
    this.#config = {
      target: "draft-2020-12",
      typeMode,
      // A check that JSON Schema has no word for is described by the refusal that it makes.
      errorMode: "ignore",
      overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
      overrideSchema: ({ valibotSchema, jsonSchema }) =>
        valibotSchema.type === "custom" ? { type: "object" } : evenTuple(jsonSchema),
    };
  }

  /** A schema of the protocol by its name, a list of them by its items', any other as it is. */
  of(schema: v.GenericSchema): JsonSchema {
    this.#note(schema);
    const item = itemOf(schema);
    if (item) this.#note(item);
    return this.#convert(schema);
  }

  /** A schema without names in it. */
  inline(schema: v.GenericSchema): JsonSchema {
    const { $schema: _, ...converted } = toJsonSchema(schema, this.#config);
    return converted;
  }

  /** The schemas that have been named so far. */
  components(): Record<string, JsonSchema> {
    return toJsonSchemaDefs(Object.fromEntries(this.#named), this.#config);
  }

  #note(schema: v.GenericSchema): void {
    const name = named.get(schema);
    if (name !== undefined) this.#named.set(name + this.#suffix, schema);
  }

  #convert(schema: v.GenericSchema): JsonSchema {
    const definitions = Object.fromEntries(this.#named);
    const { $schema: _, $defs: __, ...converted } = toJsonSchema(schema, { ...this.#config, definitions });
    return converted;
  }
}

/** A tuple whose places all hold the same is a list of a certain length: more tools know those. */
function evenTuple({ prefixItems }: JsonSchema): JsonSchema | undefined {
  const [items, ...others] = prefixItems ?? [];
  if (items === undefined) return undefined;
  const text = JSON.stringify(items);
  if (others.some((other) => JSON.stringify(other) !== text)) return undefined;
  const length = others.length + 1;
  return { type: "array", items, minItems: length, maxItems: length };
}

function itemOf(schema: v.GenericSchema): v.GenericSchema | undefined {
  return isList(schema) ? schema.item : undefined;
}

function isList(schema: v.GenericSchema): schema is v.ArraySchema<v.GenericSchema, undefined> {
  return schema.type === "array" && "item" in schema;
}
