import type { ISessionContext } from "@jupyterlab/apputils";
import type { IChangedArgs } from "@jupyterlab/coreutils";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { INotebookModel } from "@jupyterlab/notebook";
import type { Kernel } from "@jupyterlab/services";
import type { EventDraft } from "@cell-monitor/client";
import type { IDisposable } from "@lumino/disposable";
import { type CellFacts, cellFactsOf } from "./cell-facts.ts";
import type { CaptureContext } from "./context.ts";
import { followRuns } from "./kernel-runs.ts";
import { KernelState } from "./kernel-state.ts";

type NotebookContext = DocumentRegistry.IContext<INotebookModel>;

export interface NotebookCaptureOptions {
  readonly notebook: NotebookContext;
  readonly context: CaptureContext;
  readonly isInScope: (path: string, mark: unknown) => boolean;
}

/** One open notebook, whether it belongs to the class or not: that may change while it is open. */
export class NotebookCapture implements IDisposable {
  readonly #notebook: NotebookContext;
  readonly #context: CaptureContext;
  readonly #isInScope: NotebookCaptureOptions["isInScope"];
  readonly #kernelState: KernelState;
  #runs: ReturnType<typeof followRuns> | undefined;
  #isOpen = false;
  #isDisposed = false;

  constructor(options: NotebookCaptureOptions) {
    this.#notebook = options.notebook;
    this.#context = options.context;
    this.#isInScope = options.isInScope;
    this.#kernelState = new KernelState({
      report: (eventType) => this.#report(eventType),
      onGone: () => this.endRuns("killed"),
      soon: (run) => setTimeout(run),
    });
    const { sessionContext } = this.#notebook;
    sessionContext.kernelChanged.connect(this.#onKernelChanged);
    sessionContext.statusChanged.connect(this.#onStatusChanged);
    this.#notebook.saveState.connect(this.#onSaveState);
    this.#notebook.pathChanged.connect(this.refresh);
    this.#follow(sessionContext.session?.kernel ?? null);
    void this.#notebook.ready.then(this.refresh);
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Whether the notebook belongs to the class. */
  get isInScope(): boolean {
    const { isReady, localPath, model } = this.#notebook;
    return isReady && this.#isInScope(localPath, model.getMetadata("cell_monitor"));
  }

  /** @param status `killed` when the kernel is gone, `aborted` when only nobody looks any more */
  endRuns(status: "killed" | "aborted"): void {
    this.#runs?.tracker.endAll(status);
  }

  /** Looks again whether the notebook belongs to the class. */
  readonly refresh = (): void => {
    if (this.#isDisposed) return;
    const isOpen = this.#context.isOn && this.isInScope;
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.#context.record({
      eventType: isOpen ? "notebook_open" : "notebook_close",
      ...this.#facts(),
    });
  };

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    const { sessionContext } = this.#notebook;
    sessionContext.kernelChanged.disconnect(this.#onKernelChanged);
    sessionContext.statusChanged.disconnect(this.#onStatusChanged);
    this.#notebook.saveState.disconnect(this.#onSaveState);
    this.#notebook.pathChanged.disconnect(this.refresh);
    this.endRuns("aborted");
    this.#runs?.dispose();
    if (this.#isOpen) this.#context.record({ eventType: "notebook_close", ...this.#facts() });
  }

  /** The cell as it is now, where it is one of the class's. */
  readonly cellFacts = (cellId: string): CellFacts | undefined => {
    if (!this.isInScope) return undefined;
    const { cells } = this.#notebook.model;
    for (let index = 0; index < cells.length; index += 1) {
      const cell = cells.get(index);
      if (cell.id === cellId) return { ...this.#facts(), ...cellFactsOf(cell, index) };
    }
    return undefined;
  };

  #facts(): Pick<EventDraft, "notebookPath" | "kernelName" | "kernelId"> {
    const kernel = this.#notebook.sessionContext.session?.kernel;
    return {
      notebookPath: this.#notebook.localPath,
      ...(kernel && { kernelName: kernel.name, kernelId: kernel.id }),
    };
  }

  #report(eventType: string): void {
    if (this.#context.isOn && this.isInScope) this.#context.record({ eventType, ...this.#facts() });
  }

  #follow(kernel: Kernel.IKernelConnection | null): void {
    this.endRuns("killed");
    this.#runs?.dispose();
    this.#runs = kernel ? followRuns(kernel, this.#context, this.cellFacts) : undefined;
  }

  readonly #onKernelChanged = (
    _: ISessionContext,
    { newValue }: IChangedArgs<Kernel.IKernelConnection | null, Kernel.IKernelConnection | null, "kernel">,
  ): void => this.#follow(newValue);

  readonly #onStatusChanged = (_: ISessionContext, status: Kernel.Status): void =>
    this.#kernelState.changed(status);

  readonly #onSaveState = (_: NotebookContext, state: DocumentRegistry.SaveState): void => {
    if (state !== "completed") return;
    this.refresh();
    this.#report("notebook_save");
  };
}
