import { Validator } from "@seriousme/openapi-schema-validator";
import * as v from "valibot";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith } from "../e2e/support/binaries.ts";
import { temporaryFolder } from "../e2e/support/folders.ts";
import { type StackProcess, startStack } from "../e2e/support/stack-process.ts";
import { fuzz, schemathesis } from "./support/fuzz.ts";

const minuteMs = 60_000;

describeWith([schemathesis], "The API that the whole stack serves", () => {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder());
  let stack: StackProcess;

  beforeAll(async () => {
    // As often as the fuzzer likes: what is limited is shown elsewhere.
    const environment = { LIMIT_SCALE: "1000" };
    stack = resources.use(await startStack({ dataDir: resources.use(temporaryFolder()).path, environment }));
  });
  afterAll(() => resources.disposeAsync());

  it("is described as OpenAPI 3.1 asks for", async () => {
    const response = await fetch(`${stack.url}/api/v1/openapi.json`);
    const validator = new Validator();
    const { valid, errors } = await validator.validate(
      v.parse(v.record(v.string(), v.unknown()), await response.json()),
    );
    expect(errors ?? []).toEqual([]);
    expect({ valid, version: validator.version }).toEqual({ valid: true, version: "3.1" });
  });

  it.for(["studentToken", "instructorToken", "adminToken"] as const)(
    "never fails, and answers nothing but what it says it does, whatever is asked with the %s",
    { timeout: 4 * minuteMs },
    async (holder) => {
      const { url, classId } = stack;
      const { code, output } = await fuzz({ url, classId, token: stack[holder], folder: folder.path });
      expect(code === 0 ? "" : output).toBe("");
    },
  );
});
