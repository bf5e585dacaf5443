import type { JsonSchema } from "./types.ts";

export interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  readonly type: string;
}

const prefix = "#/components/schemas/";

/** A schema in a few words; names of others begin with `#`. */
export function typeOf(schema: JsonSchema | boolean): string {
  if (typeof schema === "boolean") return schema ? "anything" : "nothing";
  if (schema.$ref !== undefined) return `#${schema.$ref.slice(prefix.length)}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.map(typeOf).join(" or ");
  if (schema.allOf) return schema.allOf.map(typeOf).join(" and ");
  if (schema.type === "array") return `list of ${listed(schema)}${bounds(schema)}`;
  if (schema.type === "object" && schema.properties) {
    const fields = fieldsOf(schema).map(({ name, isRequired }) => name + (isRequired ? "" : "?"));
    return `{ ${fields.join(", ")} }`;
  }
  if (schema.type === undefined) return "anything";
  const form = schema.format === undefined ? "" : ` (${schema.format})`;
  return `${String(schema.type)}${form}${bounds(schema)}`;
}

/** The fields of an object's schema; none of any other. */
export function fieldsOf({ properties = {}, required = [] }: JsonSchema): Field[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    isRequired: required.includes(name),
    type: typeOf(schema),
  }));
}

function listed({ items, prefixItems }: JsonSchema): string {
  if (prefixItems) return `[${prefixItems.map(typeOf).join(", ")}]`;
  if (items === undefined || Array.isArray(items)) return "anything";
  return typeOf(items);
}

function bounds(schema: JsonSchema): string {
  const [least, most] = [
    schema.minimum ?? schema.minLength ?? schema.minItems,
    schema.maximum ?? schema.maxLength ?? schema.maxItems,
  ];
  if (least !== undefined && most !== undefined) return `, ${least} to ${most}`;
  if (least !== undefined) return `, from ${least}`;
  return most === undefined ? "" : `, to ${most}`;
}
