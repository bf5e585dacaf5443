import { describe, expect, it, vi } from "vitest";
import { NotebookCapture } from "../src/capture/notebook.ts";
import { sourceHashOf } from "../src/capture/cell-facts.ts";
import { ClassScope } from "../src/scope.ts";
import { FakeKernel, FakeNotebook, status } from "./fake-notebook.ts";
import { type FakeContext, makeContext, outline, recording } from "./replay.ts";

const cells = [
  { id: "intro", type: "markdown", source: "# Introduction" },
  {
    id: "good",
    type: "code",
    source: "1 + 1\n",
    metadata: { tags: ["exercise"], nbgrader: { grade_id: "q1", points: 2 } },
  },
  { id: "slow", type: "code", source: "sleep" },
];
const scope = new ClassScope(["course/**"], ["ABC"]);

async function capture(
  notebook: FakeNotebook,
  context: FakeContext = makeContext(),
): Promise<{ readonly context: FakeContext; readonly capture: NotebookCapture }> {
  const isInScope = (path: string, mark: unknown) => scope.includes(path, mark);
  const capture = new NotebookCapture({ notebook: notebook.context, context, isInScope });
  await notebook.ready;
  return { context, capture };
}

const types = ({ events }: FakeContext) => events.map(({ eventType }) => eventType);

describe("a notebook of the class", () => {
  it("tells of a run which cell it was, as it was when it was sent", async () => {
    const kernel = new FakeKernel("k1");
    const { context } = await capture(new FakeNotebook("course/a.ipynb", cells, kernel));
    kernel.play(recording("ok"));
    const [, start] = context.events;
    expect(start).toMatchObject({
      eventType: "cell_execution_start",
      notebookPath: "course/a.ipynb",
      kernelName: "python3",
      kernelId: "k1",
      cellId: "good",
      cellIndex: 1,
      cellType: "code",
      cellTags: ["exercise"],
      gradeId: "q1",
      sourceHash: sourceHashOf("1 + 1"),
    });
    expect(start).not.toHaveProperty("source");
  });

  it("reports opening, saving once it is saved, and closing", async () => {
    const notebook = new FakeNotebook("course/a.ipynb", cells, null);
    const { context, capture: open } = await capture(notebook);
    notebook.saveState.emit("started");
    notebook.saveState.emit("failed");
    notebook.saveState.emit("started");
    notebook.saveState.emit("completed");
    open.dispose();
    expect(types(context)).toEqual(["notebook_open", "notebook_save", "notebook_close"]);
  });

  it("kills what ran when the kernel is changed, and follows the new one only", async () => {
    const [old, fresh] = [new FakeKernel("k1"), new FakeKernel("k2")];
    const notebook = new FakeNotebook("course/a.ipynb", cells, old);
    const { context } = await capture(notebook);
    old.play(recording("interrupt").slice(0, 4));
    notebook.changeKernel(fresh);
    old.play(recording("ok"));
    fresh.play(recording("ok"));
    expect(outline(context.events).slice(1)).toEqual([
      ["cell_execution_start", "slow"],
      ["cell_execution_complete", "slow", "killed"],
      ["cell_execution_start", "good"],
      ["cell_execution_complete", "good", "ok"],
    ]);
    expect(context.events.at(-1)?.kernelId).toBe("k2");
  });

  it("kills what ran when the kernel is restarted, and reports the restart behind it", async () => {
    const kernel = new FakeKernel("k1");
    const notebook = new FakeNotebook("course/a.ipynb", cells, kernel);
    const { context } = await capture(notebook);
    kernel.play(recording("interrupt").slice(0, 4));
    status(notebook, "restarting", "starting", "idle");
    await vi.waitFor(() => expect(types(context)).toContain("kernel_restart"));
    expect(outline(context.events).slice(1)).toEqual([
      ["cell_execution_start", "slow"],
      ["cell_execution_complete", "slow", "killed"],
      ["kernel_restart", undefined],
    ]);
  });

  it("starts nothing while the student has paused, and still ends what had started", async () => {
    const kernel = new FakeKernel("k1");
    const { context } = await capture(new FakeNotebook("course/a.ipynb", cells, kernel));
    const steps = recording("ok");
    kernel.play(steps.slice(0, 4));
    context.isOn = false;
    kernel.play(steps.slice(4));
    kernel.play(recording("twice"));
    expect(outline(context.events).slice(1)).toEqual([
      ["cell_execution_start", "good"],
      ["cell_execution_complete", "good", "ok"],
    ]);
  });
});

describe("two notebooks", () => {
  it("are told apart by their own kernel connections, whichever the student looks at", async () => {
    const context = makeContext();
    const [kernelA, kernelB] = [new FakeKernel("a"), new FakeKernel("b")];
    await capture(new FakeNotebook("course/a.ipynb", cells, kernelA), context);
    await capture(new FakeNotebook("course/b.ipynb", cells, kernelB), context);
    context.events.length = 0;
    const [a, b] = [recording("ok"), recording("restart-mid-run").slice(7)];
    for (let step = 0; step < Math.max(a.length, b.length); step += 1) {
      kernelA.play(a.slice(step, step + 1));
      kernelB.play(b.slice(step, step + 1));
    }
    const byPath = Map.groupBy(context.events, ({ notebookPath }) => notebookPath);
    expect(outline(byPath.get("course/a.ipynb") ?? [])).toEqual([
      ["cell_execution_start", "good"],
      ["cell_execution_complete", "good", "ok"],
    ]);
    expect(outline(byPath.get("course/b.ipynb") ?? [])).toEqual([
      ["cell_execution_start", "slow"],
      ["cell_execution_complete", "slow", "ok"],
    ]);
  });
});

describe("a notebook that is not the class's", () => {
  it("is not looked at", async () => {
    const kernel = new FakeKernel("k1");
    const notebook = new FakeNotebook("diary.ipynb", cells, kernel);
    const { context, capture: open } = await capture(notebook);
    kernel.play(recording("ok"));
    notebook.saveState.emit("completed");
    status(notebook, "dead");
    open.dispose();
    expect(context.events).toEqual([]);
  });

  it("becomes one by its metadata or its path, and stops being one", async () => {
    const notebook = new FakeNotebook("diary.ipynb", cells, null);
    const { context } = await capture(notebook);
    notebook.metadata["cell_monitor"] = { class: "ABC" };
    notebook.saveState.emit("completed");
    notebook.metadata = {};
    notebook.pathChanged.emit("diary.ipynb");
    notebook.localPath = "course/diary.ipynb";
    notebook.pathChanged.emit("course/diary.ipynb");
    expect(types(context)).toEqual(["notebook_open", "notebook_save", "notebook_close", "notebook_open"]);
  });
});
