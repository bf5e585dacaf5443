import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { EventDraft } from "@cell-monitor/client";
import type { IDisposable } from "@lumino/disposable";
import type { CaptureContext } from "./context.ts";
import { NotebookCapture, type NotebookCaptureOptions } from "./notebook.ts";

interface OpenNotebook {
  readonly capture: NotebookCapture;
  /** A notebook may be shown by several panels. */
  panels: number;
}

/** All notebooks that are open in this JupyterLab. */
export class NotebooksCapture implements IDisposable {
  readonly #tracker: INotebookTracker;
  readonly #context: CaptureContext;
  readonly #isInScope: NotebookCaptureOptions["isInScope"];
  readonly #open = new Map<NotebookPanel["context"], OpenNotebook>();
  #isDisposed = false;

  constructor(
    tracker: INotebookTracker,
    context: CaptureContext,
    isInScope: NotebookCaptureOptions["isInScope"],
  ) {
    this.#tracker = tracker;
    this.#context = context;
    this.#isInScope = isInScope;
    tracker.widgetAdded.connect(this.#onAdded);
    tracker.forEach((panel) => this.#onAdded(tracker, panel));
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** The notebook the student looks at, where it is one of the class's. */
  get current(): NotebookCapture | undefined {
    const panel = this.#tracker.currentWidget;
    const capture = panel ? this.#open.get(panel.context)?.capture : undefined;
    return capture?.isInScope ? capture : undefined;
  }

  /** The cell the student is at, as far as that may be told. */
  place(): Partial<EventDraft> {
    const cellId = this.#tracker.activeCell?.model.id;
    const facts = cellId === undefined ? undefined : this.current?.cellFacts(cellId);
    if (!facts) return {};
    const { source: _, ...place } = facts;
    return place;
  }

  /** Nobody will be there to see how what runs now ends. */
  endRuns(): void {
    for (const { capture } of this.#open.values()) capture.endRuns("aborted");
  }

  refresh(): void {
    for (const { capture } of this.#open.values()) capture.refresh();
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#tracker.widgetAdded.disconnect(this.#onAdded);
    for (const { capture } of this.#open.values()) capture.dispose();
    this.#open.clear();
  }

  readonly #onAdded = (_: INotebookTracker, panel: NotebookPanel): void => {
    const notebook = panel.context;
    const open = this.#open.get(notebook);
    if (open) open.panels += 1;
    else {
      const capture = new NotebookCapture({
        notebook,
        context: this.#context,
        isInScope: this.#isInScope,
      });
      this.#open.set(notebook, { capture, panels: 1 });
    }
    panel.disposed.connect(() => this.#onPanelClosed(notebook));
  };

  #onPanelClosed(notebook: NotebookPanel["context"]): void {
    const open = this.#open.get(notebook);
    if (!open) return;
    open.panels -= 1;
    if (open.panels > 0) return;
    this.#open.delete(notebook);
    open.capture.dispose();
  }
}
