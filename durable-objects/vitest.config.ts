import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "durable-objects",
    environment: "node",
    include: ["test/classroom/pure/**/*.test.ts"],
  },
});
