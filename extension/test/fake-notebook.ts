import type { Kernel } from "@jupyterlab/services";
import { Signal } from "@lumino/signaling";
import type { NotebookCaptureOptions } from "../src/capture/notebook.ts";
import type { Step } from "./replay.ts";

interface FakeCell {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A kernel connection as far as capture looks: JupyterLab's own signals, a recording's messages. */
export class FakeKernel {
  readonly id: string;
  readonly name = "python3";
  readonly anyMessage = new Signal<this, { msg: unknown; direction: string }>(this);

  constructor(id: string) {
    this.id = id;
  }

  play(steps: readonly Step[]): void {
    for (const step of steps) if ("msg" in step) this.anyMessage.emit(step);
  }
}

/** An open notebook as far as capture looks. */
export class FakeNotebook {
  localPath: string;
  metadata: Record<string, unknown> = {};
  isReady = true;
  readonly ready = Promise.resolve();
  readonly saveState = new Signal<this, string>(this);
  readonly pathChanged = new Signal<this, string>(this);
  readonly model;
  readonly sessionContext;

  constructor(localPath: string, cells: readonly FakeCell[], kernel: FakeKernel | null) {
    this.localPath = localPath;
    const models = cells.map(({ id, type, source, metadata = {} }) => ({
      id,
      type,
      sharedModel: { source },
      getMetadata: (key: string) => metadata[key],
    }));
    this.model = {
      cells: { length: models.length, get: (index: number) => models[index] },
      getMetadata: (key: string) => this.metadata[key],
    };
    const session = { kernel };
    this.sessionContext = {
      session,
      kernelChanged: new Signal<object, { newValue: FakeKernel | null }>(session),
      statusChanged: new Signal<object, string>(session),
    };
  }

  changeKernel(kernel: FakeKernel | null): void {
    this.sessionContext.session.kernel = kernel;
    this.sessionContext.kernelChanged.emit({ newValue: kernel });
  }

  /** What a capture takes it for. */
  get context(): NotebookCaptureOptions["notebook"] {
    return this as unknown as NotebookCaptureOptions["notebook"];
  }
}

export function status(notebook: FakeNotebook, ...statuses: readonly Kernel.Status[]): void {
  for (const each of statuses) notebook.sessionContext.statusChanged.emit(each);
}
