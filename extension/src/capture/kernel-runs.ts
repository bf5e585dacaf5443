import type { Kernel } from "@jupyterlab/services";
import { DisposableDelegate, type IDisposable } from "@lumino/disposable";
import type { CellFacts } from "./cell-facts.ts";
import type { CaptureContext } from "./context.ts";
import { cellIdOf } from "./kernel-message.ts";
import { RunTracker } from "./runs.ts";

/**
 * Follows one connection to a kernel until disposed.
 * @param factsOf the cell with this id, or undefined where it is none of the class's
 */
export function followRuns(
  kernel: Kernel.IKernelConnection,
  context: CaptureContext,
  factsOf: (cellId: string) => CellFacts | undefined,
): IDisposable & { readonly tracker: RunTracker } {
  const tracker = new RunTracker(context);
  const onMessage = (_: unknown, { msg, direction }: Kernel.IAnyMessageArgs) => {
    if (direction === "recv") {
      tracker.received(msg);
      return;
    }
    const cellId = context.isOn ? cellIdOf(msg) : undefined;
    const cell = cellId === undefined ? undefined : factsOf(cellId);
    if (cell) tracker.sent(msg, cell);
  };
  kernel.anyMessage.connect(onMessage);
  const following = new DisposableDelegate(() => kernel.anyMessage.disconnect(onMessage));
  return Object.assign(following, { tracker });
}
