import type { FieldValue, StoredPoint } from "./point.ts";

/** The last so many points. Same bucket, measurement, tags and time is the same point, whose fields merge. */
export class PointStore {
  readonly #maxPoints: number;
  readonly #points = new Map<string, StoredPoint>();
  readonly #fieldTypes = new Map<string, FieldValue["type"]>();

  constructor(maxPoints: number) {
    this.#maxPoints = maxPoints;
  }

  get size(): number {
    return this.#points.size;
  }

  /** Keeps a point, or says as InfluxDB does why it can't: a field has one type for ever. */
  add(point: StoredPoint): string | undefined {
    for (const [key, { type }] of point.fields) {
      const known = this.#fieldTypes.get(fieldKey(point, key));
      if (known !== undefined && known !== type) {
        return `field type conflict: input field "${key}" on measurement "${point.measurement}" is type ${type}, already exists as type ${known}`;
      }
    }
    for (const [key, { type }] of point.fields) this.#fieldTypes.set(fieldKey(point, key), type);
    const identity = identityOf(point);
    const before = this.#points.get(identity);
    const fields = before === undefined ? point.fields : [...new Map([...before.fields, ...point.fields])];
    this.#points.set(identity, { ...point, fields });
    this.#dropOldest();
    return undefined;
  }

  /** Oldest first. */
  values(): MapIterator<StoredPoint> {
    return this.#points.values();
  }

  #dropOldest(): void {
    for (const identity of this.#points.keys()) {
      if (this.#points.size <= this.#maxPoints) return;
      this.#points.delete(identity);
    }
  }
}

function identityOf({ bucket, measurement, tags, timestamp }: StoredPoint): string {
  return JSON.stringify([bucket, measurement, tags, timestamp]);
}

function fieldKey({ bucket, measurement }: StoredPoint, field: string): string {
  return JSON.stringify([bucket, measurement, field]);
}
